"""Verify finds a change of any column of a recipe."""

from __future__ import annotations

import dataclasses
import json

import pyarrow as pa
import pytest

from distinctions646.build.building import build
from distinctions646.checks.tables import read_parquet
from distinctions646.forms.parquet import write_table
from distinctions646.plan.recipe import RecipeRow
from distinctions646.verify.proving import DifferentError, verify_sources, verify_split

RULE = {"trimap_rule": "dilate-25/v1", "trimap_seed": 3}
CHANGES = {
    **{"id": "cat_9", "name": "cat_9", "split": "train", "index": 1, "k": 1},
    **{"foreground": "dog (1).b.png", "background": "b1.png"},
    **{"width": 7, "height": 7, "resized_width": 99, "resized_height": 99},
    **{"trimap_rule": "dilate-10/v1", "trimap_seed": 4, "preset": "cv2-cubic", "exif": "apply"},
    **{"alpha_cleanup": "clip-10-245/v1", "image_format": "jpeg-90"},
    **dict.fromkeys(("image_sha256", "alpha_sha256", "trimap_sha256"), "0" * 64),
    "foreground_sha256": "0" * 64,
}
FORMS = [("folder",), ("parquet",), ("webdataset",), ("virtual",)]


def set_column(folder, column, value, rows=(0,)):
    """Change a column of a split's recipe, as an editor of tables would."""
    path = folder / "recipe" / "test.parquet"
    table = read_parquet(path)
    values = table[column].to_pylist()
    for row in rows:
        assert values[row] != value
        values[row] = value
    place = table.column_names.index(column)
    field = table.schema.field(column)
    write_table(path, table.set_column(place, field, pa.array(values, field.type)))


def verify(folder, sources, form):
    if form == ("virtual",):
        return verify_sources(folder, "test", backgrounds=sources.folder / "bg")
    return verify_split(folder)


def test_every_column_is_tried():
    assert set(CHANGES) == {field.name for field in dataclasses.fields(RecipeRow)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", ["adobe", "d646"])
def test_a_change_of_any_column_is_found(tmp_path, tiny, form, names):
    out = tmp_path / "out"
    build(tiny.config(out, write=form, names=names, **RULE))
    verify(out, tiny, form)
    recipe = out / "recipe" / "test.parquet"
    whole = recipe.read_bytes()
    for column, value in CHANGES.items():
        for rows in ((0,), (3,)):
            first = read_parquet(recipe)[column].to_pylist()[rows[0]]
            if first == value or (first is None and form == ("virtual",) and "sha" in column):
                continue
            set_column(out, column, value, rows)
            with pytest.raises(DifferentError, match=r"recipe/test.parquet: "):
                verify(out, tiny, form)
            recipe.write_bytes(whole)
    verify(out, tiny, form)


@pytest.mark.parametrize("names", ["adobe", "d646"])
def test_foregrounds_that_change_places_are_found(tmp_path, tiny, names):
    out = tmp_path / "out"
    build(tiny.config(out, write=("folder", "parquet"), names=names, **RULE))
    set_column(out, "foreground", "dog (1).b.png", (0, 1))
    set_column(out, "foreground", "cat.png", (2, 3))
    with pytest.raises(DifferentError, match=r"foreground of cat_0|foreground of cat\.png_0"):
        verify_split(out)


def test_the_key_finds_another_source(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out))
    path = out / "sources" / "test.parquet"
    table = read_parquet(path)
    values = table["file_sha256"].to_pylist()
    of_alpha = table["role"].to_pylist().index("alpha")
    values[of_alpha] = "0" * 64
    place = table.column_names.index("file_sha256")
    write_table(path, table.set_column(place, "file_sha256", pa.array(values, pa.string())))
    with pytest.raises(DifferentError, match=r"it has the key [0-9a-f]{64}, but its manifest says"):
        verify_split(out)


def test_a_manifest_of_another_number(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out))
    manifest = json.loads((out / "build.json").read_text())
    manifest["splits"]["test"]["composites"] = 5
    (out / "build.json").write_text(json.dumps(manifest))
    with pytest.raises(DifferentError, match="has 4 composites, but its manifest says 5"):
        verify_split(out)
