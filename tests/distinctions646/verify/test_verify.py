"""Verify decodes a build again, names the first wrong file, and compares copies."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.images.fingerprint import short_fingerprint
from distinctions646.images.reading import read_image
from distinctions646.loading.opening import open_split
from distinctions646.verify.verifying import main, verify_split

RULE = {"trimap_rule": "dilate-25/v1", "trimap_seed": 3}


def run(capsys, *arguments):
    status = main([*map(str, arguments), "--workers", "1"])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def out(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("folder", "parquet"), **RULE))
    return tmp_path / "out"


def root_of(folder, kind="root"):
    return json.loads((folder / "build.json").read_text())["splits"]["test"][kind]


def change(path, value):
    pixels = np.array(Image.open(path))
    pixels[2, 1] = value
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_is_what_it_says(out, workers):
    verified = verify_split(out, workers=workers)
    assert (verified.composites, verified.root) == (4, root_of(out))


def test_the_fingerprint_is_twelve_digits_of_the_root(capsys, out):
    root, trimap_root = root_of(out), root_of(out, "trimap_root")
    digits = str(int(root[:16], 16))[-12:].zfill(12)
    fingerprint = f"{digits[:3]}-{digits[3:6]}-{digits[6:9]}-{digits[9:]}"
    status, text, _ = run(capsys, out)
    assert status == 0
    assert text == (
        f"{out}: test, 4 composites as built, root {root}, fingerprint {fingerprint}; trimap root "
        f"{trimap_root}, fingerprint {short_fingerprint(trimap_root)}\n"
    )
    assert short_fingerprint(root) == fingerprint


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("image", (1, 2, 3), "dog (1).b_0 has another image than the recipe says"),
        ("alpha", 77, "dog (1).b_0 has another alpha than the recipe says"),
        ("trimap", 0, "dog (1).b_0 has another trimap than the recipe says"),
    ],
)
def test_the_first_wrong_file_is_named(capsys, out, kind, value, message):
    for name in ("dog (1).b_0", "dog (1).b_1"):
        change(out / "test" / kind / f"{name}.png", value)
    status, text, error = run(capsys, out)
    assert status == 1
    assert text == f"different: {out}: test (folder): {message}\n"
    assert error == ""


def test_a_missing_file_and_a_damaged_one(capsys, out):
    path = out / "test" / "image" / "cat_1.png"
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    status, _, error = run(capsys, out)
    assert status == 2
    assert error.startswith(f"error: {path}: cannot be read as an image")
    path.unlink()
    assert run(capsys, out)[2] == (
        f"error: {path}: no such file, but the recipe has it; build again\n"
    )


def test_a_manifest_with_another_root(capsys, out):
    manifest = json.loads((out / "build.json").read_text())
    manifest["splits"]["test"]["root"] = "0" * 64
    (out / "build.json").write_text(json.dumps(manifest))
    status, text, _ = run(capsys, out)
    assert status == 1
    assert f"but its manifest says {'0' * 64}" in text


def test_against_another_copy(capsys, tmp_path, tiny, out):
    root = root_of(out)
    recipe = out / "recipe" / "test.parquet"
    for other in (root, short_fingerprint(root), out, recipe):
        status, text, _ = run(capsys, out, "--against", other)
        assert status == 0
        assert text.endswith(f"equal to {other}\n")
    background = tiny.folder / "bg" / "b2.png"
    pixels = read_image(background)
    Image.fromarray(pixels ^ 255).save(background)
    build(tiny.config(tmp_path / "other"))
    for other in ("0" * 64, "000-000-000-000"):
        status, text, _ = run(capsys, out, "--against", other)
        assert status == 1
        assert f"different: {out}: test has the " in text
    status, text, _ = run(capsys, out, "--against", tmp_path / "other")
    assert status == 1
    assert "composite 2 (dog (1).b_0) differs from that of" in text
    assert ": image_sha256 is " in text
    status, _, error = run(capsys, out, "--against", "123")
    assert status == 2
    assert "against is '123'; expected a root (12 to 64 hexadecimal digits), a fingerprint" in error


def test_another_number_of_composites(capsys, tmp_path, tiny, out):
    build(tiny.config(tmp_path / "half", per_foreground=1, names="d646"))
    build(tiny.config(tmp_path / "whole", names="d646"))
    (tmp_path / "short.txt").write_text("cat.png\n")
    build(tiny.config(tmp_path / "short", foreground_list=tmp_path / "short.txt"))
    status, text, _ = run(capsys, tmp_path / "out", "--against", tmp_path / "short")
    assert status == 1
    assert f"different: 4 composites, {tmp_path / 'short'} has 2\n" in text


def test_what_was_written_as_virtual(capsys, tmp_path, tiny, out):
    virtual = tmp_path / "virtual"
    build(tiny.config(virtual, write=("virtual",), **RULE))
    status, text, _ = run(capsys, virtual)
    assert (status, text) == (
        0,
        f"{virtual}: test is composed on reading and not verified; give --backgrounds DIR\n",
    )
    backgrounds = ("--backgrounds", tiny.folder / "bg")
    root, source_root = root_of(out), root_of(out, "source_root")
    assert (root_of(virtual), root_of(virtual, "source_root")) == (None, source_root)
    for other in (source_root, short_fingerprint(source_root), out):
        status, text, _ = run(capsys, virtual, *backgrounds, "--against", other)
        assert status == 0
        assert text == (
            f"{virtual}: test, 4 composites whose sources are as recorded, source root "
            f"{source_root}, fingerprint {short_fingerprint(source_root)}\nequal to {other}\n"
        )
    status, text, _ = run(capsys, virtual, *backgrounds, "--compose", "--against", root)
    assert status == 0
    assert f"test, 4 composites as built, root {root}" in text
    assert run(capsys, virtual, *backgrounds, "--against", "0" * 64)[0] == 1


def test_backgrounds_named_by_the_environment(capsys, tmp_path, tiny, monkeypatch):
    virtual = tmp_path / "virtual"
    build(tiny.config(virtual, write=("virtual",)))
    (tmp_path / "empty").mkdir()
    folders = f"{tmp_path / 'empty'}{os.pathsep}{tiny.folder / 'bg'}"
    monkeypatch.setenv("MATTING_BACKGROUNDS", folders)
    status, text, _ = run(capsys, virtual)
    assert status == 0
    assert "4 composites whose sources are as recorded" in text
    assert len(open_split(virtual).samples) == 4
    (virtual / "backgrounds").symlink_to(tmp_path / "empty")  # what lies inside comes first
    with pytest.raises(ValueError, match=r"backgrounds: has no b0\.png, a background"):
        open_split(virtual)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("background", "bg/b2.png: is another file than the one the dataset was built with"),
        ("foreground", "test: dog (1).b.png.npy has another foreground than the recipe says"),
        ("alpha", "test: dog (1).b.png.npy has another alpha than the recipe says"),
    ],
)
def test_the_first_wrong_source_of_a_virtual_split_is_named(
    capsys, tmp_path, tiny, damage, message
):
    virtual = tmp_path / "virtual"
    build(tiny.config(virtual, write=("virtual",), **RULE))
    if damage == "background":
        for name in ("b2", "b3"):
            change(tiny.folder / "bg" / f"{name}.png", (1, 2, 3))
    else:
        path = virtual / "virtual" / "test" / "foreground" / "dog (1).b.png.npy"
        rgba = np.load(path)
        rgba[2, 1, 3 if damage == "alpha" else 0] ^= 255
        np.save(path, rgba)
    status, text, _ = run(capsys, virtual, "--backgrounds", tiny.folder / "bg")
    assert status == 1
    assert text.startswith("different: ")
    assert text.endswith(f"{message}\n")


def test_trimaps_of_another_seed_are_told(capsys, tmp_path, tiny):
    for name, seed in (("one", 3), ("other", 4)):
        rule = {"trimap_rule": "gca-random/v1", "trimap_seed": seed}
        build(tiny.config(tmp_path / name, **rule))
    assert root_of(tmp_path / "one") == root_of(tmp_path / "other")
    assert root_of(tmp_path / "one", "trimap_root") != root_of(tmp_path / "other", "trimap_root")
    status, text, _ = run(capsys, tmp_path / "one", "--against", tmp_path / "other")
    assert status == 1
    assert "trimap_sha256 is " in text


def test_what_is_no_build(capsys, tmp_path, out):
    assert run(capsys, tmp_path)[2] == f"error: {tmp_path}: no built dataset (build.json)\n"
    assert "no built dataset with a split 'train'" in run(capsys, out, "--split", "train")[2]
