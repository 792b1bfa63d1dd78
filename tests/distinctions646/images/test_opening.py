"""Which files are opened as pictures, and which never are."""

from __future__ import annotations

import io
import os
import re
import subprocess

import numpy as np
import PIL
import pytest
from PIL import Image, features

from distinctions646.checks.notes import collect
from distinctions646.images.folders import find_images, list_images
from distinctions646.images.opening import FORMATS, can_decode, open_header
from distinctions646.images.reading import read_alpha, read_image

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 9, 3), np.uint8)
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 8\n%%EndComments\nshowpage\n%%EOF\n"


def encoded(format_: str) -> bytes:
    if not can_decode(format_):
        pytest.skip(f"Pillow {PIL.__version__} was built without {format_}")
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, format_)
    return buffer.getvalue()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_is_told_by_content(tmp_path, format_):
    content = encoded(format_)
    for name in ("a.png", "a.jpg", "a"):
        (tmp_path / name).write_bytes(content)
        assert read_image(tmp_path / name).shape == (8, 9, 3)
    for name in ("a.png", "a.jpg"):
        (tmp_path / name).unlink()
    assert list_images(tmp_path) == [tmp_path / "a"]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("AVIF", b"\0\0\0\x1cftypavif" + bytes(40)),
        ("JPEG2000", b"\xff\x4f\xff\x51" + bytes(40)),
        ("WEBP", b"RIFF\0\0\0\0WEBP" + bytes(40)),
    ],
)
def test_a_format_that_pillow_was_built_without(tmp_path, monkeypatch, name, head):
    """As Pillow before 11.3 is without AVIF, where it was a `KeyError`."""
    monkeypatch.setattr(features, "check", lambda feature: None)
    can_decode.cache_clear()
    (tmp_path / "a.png").write_bytes(head)
    message = re.escape(
        f"{tmp_path / 'a.png'}: cannot be read as an image: it is {name}, which Pillow "
        f"{PIL.__version__} was built without here; expected one of another format"
    )
    with pytest.raises(ValueError, match=message):
        read_image(tmp_path / "a.png")
    can_decode.cache_clear()


@pytest.mark.parametrize("format_", ["EPS", "DDS", "PDF", "PCX", "ICO", "SGI", "IM", "MSP"])
def test_other_formats_of_pillow_are_refused(tmp_path, format_, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a program was started"))
    picture = Image.fromarray(PIXELS)
    if format_ == "MSP":
        picture = picture.convert("1")
    picture.save(tmp_path / "a.png", format_)
    message = re.escape(
        f"{tmp_path / 'a.png'}: cannot be read as an image: not a picture of a known"
    )
    with pytest.raises(ValueError, match=message):
        read_image(tmp_path / "a.png")


def test_postscript_starts_nothing_in_a_folder_either(tmp_path):
    (tmp_path / "a.eps").write_bytes(EPS)
    (tmp_path / "b.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    (tmp_path / "c.png").write_bytes(encoded("PNG"))
    with collect() as notes:
        assert list_images(tmp_path) == [tmp_path / "c.png"]
    assert list(notes) == [
        (str(tmp_path / "a.eps"), "left out, no pictures"),
        (str(tmp_path / "b.heic"), "left out, HEIC is not read; convert it to PNG or JPEG"),
    ]
    with pytest.raises(ValueError, match=r"b\.heic: .*HEIC is not read; convert it"):
        read_image(tmp_path / "b.heic")


def test_pipes_and_devices_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    for name in ("pipe.png", "zero.png"):
        with pytest.raises(ValueError, match=rf"{name}: is a pipe, a device or a socket"):
            read_image(tmp_path / name)
    with pytest.raises(ValueError, match="has no images"):
        list_images(tmp_path)


@pytest.mark.parametrize("format_", FORMATS)
def test_damage_never_escapes(format_):
    content = encoded(format_)
    random = np.random.default_rng(1)
    for _ in range(60):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 4):
            damaged[place] = random.integers(0, 256)
        error = _error_of(bytes(damaged))
        assert error is None or (error.startswith("x.png: ") and "\n" not in error)


def _error_of(content: bytes) -> str | None:
    try:
        read_image("x.png", content)
    except ValueError as error:
        return str(error)
    return None


def test_the_limit_is_stated_and_raised(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(encoded("PNG"))
    monkeypatch.setenv("MATTING_MAX_PIXELS", "71")
    with pytest.raises(ValueError, match=r"a\.png: is 8×9, 72 pixels; expected 71 at most; --max-"):
        open_header(path)
    monkeypatch.setenv("MATTING_MAX_PIXELS", "72")
    assert read_image(path).shape == (8, 9, 3)
    monkeypatch.setenv("MATTING_MAX_PIXELS", "many")
    with pytest.raises(ValueError, match="MATTING_MAX_PIXELS is 'many'; expected a number"):
        open_header(path)


def test_forms_of_one_name_match(tmp_path):
    (tmp_path / "cafe\u0301.png").write_bytes(encoded("PNG"))
    assert list(find_images(tmp_path)) == ["caf\u00e9"]
    (tmp_path / "caf\u00e9.png").write_bytes(encoded("PNG"))
    with pytest.raises(ValueError, match="share the name café"):
        find_images(tmp_path)


def test_an_animation_is_noted(tmp_path):
    frames = [Image.fromarray(PIXELS[..., 0] // (k + 1)) for k in range(2)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    with collect() as notes:
        np.testing.assert_array_equal(read_alpha(tmp_path / "a.tif"), PIXELS[..., 0])
    assert (str(tmp_path / "a.tif"), "2 pictures in one file, the first counts") in notes
