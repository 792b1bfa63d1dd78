"""Datasets, recipes and pictures from a stranger, through the commands and the Python API."""

from __future__ import annotations

import json
import os
import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.build.building import main as build_main
from distinctions646.checks.notes import ReadingWarning
from distinctions646.doctor.examining import main as doctor
from distinctions646.images.rules import ReadingRules
from distinctions646.loading.opening import load, open_split
from distinctions646.plan.recipe import read_recipe
from distinctions646.verify.verifying import main as verify

MATTE = np.tile(np.linspace(0, 255, 12, dtype=np.uint8), (9, 1))
IMAGE = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(array)).save(path, **options)
    return path


def turned(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def rewrite(path, **columns):
    """Change columns of a Parquet file in its first row."""
    table = pq.read_table(path)
    for name, value in columns.items():
        values = [value, *table[name].to_pylist()[1:]]
        index = table.column_names.index(name)
        table = table.set_column(index, name, pa.array(values))
    pq.write_table(table, path)


@pytest.fixture
def built(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("folder", "parquet")))
    return tmp_path / "out"


@pytest.mark.parametrize("column", ["id", "name", "foreground", "background", "split"])
@pytest.mark.parametrize("value", ["../../../../x", "/etc/x", "a\\b"])
def test_a_recipe_names_no_path(built, column, value):
    path = built / "recipe" / "test.parquet"
    rewrite(path, **{column: value})
    message = re.escape(f"{path}: {column} of row 0 is {value!r}; expected a plain name")
    with pytest.raises(ValueError, match=message):
        open_split(built)


@pytest.mark.parametrize(
    "columns", [{"width": 0}, {"index": -1}, {"alpha_sha256": "whole"}, {"name": None}]
)
def test_a_recipe_has_its_types_and_ranges(built, columns):
    path = built / "recipe" / "test.parquet"
    rewrite(path, **columns)
    with pytest.raises(ValueError, match=rf"test\.parquet: {next(iter(columns))} of row 0 is "):
        read_recipe(path)


def test_an_empty_recipe_and_a_row_twice(built):
    path = built / "recipe" / "test.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 0), path)
    with pytest.raises(ValueError, match=r"test\.parquet: has no rows"):
        open_split(built)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)
    with pytest.raises(ValueError, match=r"two rows are named "):
        open_split(built)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("splits", "test", "write"), "folder"),
        (("splits", "test", "write"), []),
        (("splits", "test", "root"), 0),
        (("splits", "test", "trimap_rule"), {}),
        (("splits", "test"), "nan"),
        (("splits",), False),
        (("dataset",), "../x"),
        (("splits", "test", "lists"), 3.5),
        (("splits", "test", "composites"), "many"),
        (("splits", "test", "key"), None),
    ],
)
def test_a_manifest_has_its_types(built, tiny, capsys, place, value):
    path = built / "build.json"
    manifest = json.loads(path.read_text())
    parent = manifest
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    path.write_text(json.dumps(manifest))
    for command in (lambda: verify([str(built)]), lambda: build_main(tiny.arguments(built))):
        assert command() == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {path}: ")
        assert error.count("\n") == 1


def test_a_data_file_without_a_picture_is_named(built):
    path = next((built / "data").glob("*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["image"] = None
    rows[1]["image"] = {"bytes": None, "path": "https://example.org/x.png"}
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    samples = open_split(built, mode="parquet").samples
    for sample in samples[:2]:
        with pytest.raises(ValueError, match=r"\.parquet: row \d of group 0 has no image"):
            sample.image()


def test_the_two_readers_agree_about_orientation(tmp_path):
    save(tmp_path / "image" / "x.png", IMAGE, exif=turned(6))
    save(tmp_path / "alpha" / "x.png", MATTE)
    sample = open_split(tmp_path).samples[0]
    np.testing.assert_array_equal(sample.image(), IMAGE)
    np.testing.assert_array_equal(np.asarray(load(tmp_path)[0]["image"]), IMAGE)


def test_a_mismatch_names_the_orientation_and_the_option(tmp_path):
    save(tmp_path / "image" / "x.png", IMAGE, exif=turned(6))
    save(tmp_path / "alpha" / "x.png", np.rot90(MATTE))
    with pytest.raises(ValueError, match=r"x\.png has an EXIF orientation, .*--exif apply may fit"):
        open_split(tmp_path)
    rules = ReadingRules(exif="apply")
    sample = open_split(tmp_path, reading=rules).samples[0]
    assert sample.size() == sample.image().shape[:2] == sample.alpha_u8().shape == (12, 9)
    assert np.asarray(load(tmp_path, reading=rules)[0]["image"]).shape == (12, 9, 3)


def test_mattes_of_a_plain_folder_are_read_by_the_one_reader(tmp_path):
    save(tmp_path / "image" / "x.png", IMAGE)
    save(tmp_path / "alpha" / "x.png", np.dstack([IMAGE, MATTE]))
    for read in (lambda: open_split(tmp_path).samples[0].alpha_u8(), lambda: load(tmp_path)[0]):
        with pytest.raises(ValueError, match=r"x\.png: alpha has mode RGBA .*--matte-channel"):
            read()
    rules = ReadingRules(matte_channel="alpha")
    with pytest.warns(ReadingWarning, match="its alpha channel was taken"):
        alpha_u8 = np.asarray(load(tmp_path, reading=rules)[0]["alpha"])
    np.testing.assert_array_equal(alpha_u8, MATTE)


def test_sixteen_bits_are_the_same_to_both(tmp_path):
    save(tmp_path / "image" / "x.png", IMAGE)
    save(tmp_path / "alpha" / "x.png", MATTE.astype(np.uint16) * 257)
    with pytest.warns(ReadingWarning, match="16 bits, scaled"):
        np.testing.assert_array_equal(np.asarray(load(tmp_path)[0]["alpha"]), MATTE)


def test_forms_of_one_name_match_everywhere(tmp_path):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    assert composed != apart
    save(tmp_path / "set" / "image" / f"{composed}.png", IMAGE)
    save(tmp_path / "set" / "alpha" / f"{apart}.png", MATTE)
    assert open_split(tmp_path / "set").samples[0].name == composed
    (tmp_path / "set" / "alpha" / f"{apart}.png").rename(tmp_path / "set" / "alpha" / "Café.png")
    with pytest.raises(
        ValueError, match=r"Café\.png: alpha has no image .* \(there is café\.png\)"
    ):
        open_split(tmp_path / "set")


def custom(folder, out, *more):
    folders = ("--foregrounds", "fg", "--alphas", "a", "--backgrounds", "bg")
    places = [word if word.startswith("--") else str(folder / word) for word in folders]
    return ["--dataset", "custom", *places, "--per-foreground", "1", "--out", str(out), *more]


def test_masks_of_0_and_1_are_noted_by_build_and_doctor(tmp_path, capsys):
    save(tmp_path / "fg" / "x.png", IMAGE)
    save(tmp_path / "a" / "x.png", MATTE // 200)
    save(tmp_path / "bg" / "y.png", IMAGE)
    note = "no value above 1; a matte runs to 255"
    assert doctor(custom(tmp_path, tmp_path / "out", "--deep")) == 0
    assert f"warning  files: {note}" in capsys.readouterr().out
    assert build_main(custom(tmp_path, tmp_path / "out", "--workers", "1")) == 0
    assert f"warning: {note}: {tmp_path / 'a' / 'x.png'}" in capsys.readouterr().err


def test_cut_outs_as_alphas_need_the_option(tmp_path, capsys):
    save(tmp_path / "fg" / "x.png", IMAGE)
    save(tmp_path / "a" / "x.png", np.dstack([IMAGE, MATTE]))
    save(tmp_path / "bg" / "y.jfif", IMAGE)
    assert doctor(custom(tmp_path, tmp_path / "out", "--deep")) == 1
    assert "alphas that cannot be decoded" in capsys.readouterr().out
    assert build_main(custom(tmp_path, tmp_path / "out", "--workers", "1")) == 2
    assert not os.path.lexists(tmp_path / "out")
    more = ("--workers", "1", "--matte-channel", "alpha")
    assert build_main(custom(tmp_path, tmp_path / "out", *more)) == 0
    np.testing.assert_array_equal(open_split(tmp_path / "out").samples[0].alpha_u8(), MATTE)
    assert build_main(custom(tmp_path, tmp_path / "out", *more)) == 0
    other = ("--workers", "1", "--matte-channel", "first")
    assert build_main(custom(tmp_path, tmp_path / "out", *other)) == 2
    assert "a build with matte_channel alpha, not first" in capsys.readouterr().err
