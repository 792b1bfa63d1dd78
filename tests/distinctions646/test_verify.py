"""Verify decodes a build again, names the first wrong file, and compares laboratories."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from distinctions646.build import build
from distinctions646.fingerprint import short_fingerprint
from distinctions646.images import read_image
from distinctions646.verify import main, verify_split

RULE = {"trimap_rule": "dilate-25/v1", "trimap_seed": 3}


def run(capsys, *arguments):
    status = main([*map(str, arguments), "--workers", "1"])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def out(tmp_path, tiny):
    build(tiny.config(tmp_path / "out", write=("folder", "parquet"), **RULE))
    return tmp_path / "out"


def root_of(folder):
    return json.loads((folder / "build.json").read_text())["splits"]["test"]["root"]


def change(path, value):
    pixels = np.array(Image.open(path))
    pixels[2, 1] = value
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_build_is_what_it_says(out, workers):
    verified = verify_split(out, workers=workers)
    assert (verified.composites, verified.root) == (4, root_of(out))


def test_the_fingerprint_is_twelve_digits_of_the_root(capsys, out):
    root = root_of(out)
    digits = str(int(root[:16], 16))[-12:].zfill(12)
    fingerprint = f"{digits[:3]}-{digits[3:6]}-{digits[6:9]}-{digits[9:]}"
    status, text, _ = run(capsys, out)
    assert status == 0
    assert text == (f"{out}: test, 4 composites as built, root {root}, fingerprint {fingerprint}\n")
    assert short_fingerprint(root) == fingerprint


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("image", (1, 2, 3), "dog (1).b_0 has another image than the recipe says"),
        ("alpha", 77, "dog (1).b_0 has another alpha than the recipe says"),
        ("trimap", 0, "dog (1).b_0 has another trimap than dilate-25/v1 makes of its alpha"),
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


def test_against_another_laboratory(capsys, tmp_path, tiny, out):
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
    assert "against is '123'; expected a root of 64 hexadecimal digits, a fingerprint" in error


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
        f"{virtual}: test is composed on reading and not verified; say --backgrounds DIR\n",
    )
    status, text, _ = run(
        capsys, virtual, "--backgrounds", tiny.folder / "bg", "--against", root_of(out)
    )
    assert status == 0
    assert f"root {root_of(out)}" in text


def test_what_is_no_build(capsys, tmp_path, out):
    assert run(capsys, tmp_path)[2] == f"error: {tmp_path}: no built dataset (build.json)\n"
    assert "no built dataset with a split 'train'" in run(capsys, out, "--split", "train")[2]
