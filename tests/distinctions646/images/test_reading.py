"""What a file means: modes as in the official script, and one clear sentence for every bad file."""

from __future__ import annotations

import contextlib
import re
import warnings

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from distinctions646.checks.notes import ReadingWarning
from distinctions646.images.png import encode_png, write_png
from distinctions646.images.reading import (
    alpha_to_u8,
    read_alpha,
    read_foreground_with_alpha,
    read_image,
    read_trimap,
)

GREY = np.array([[0, 7, 255], [128, 1, 254]], np.uint8)
COLOUR = np.arange(24, dtype=np.uint8).reshape(2, 3, 4) * 10


def save(path, array, mode=None, **options):
    picture = Image.fromarray(array)
    (picture if mode is None else picture.convert(mode)).save(path, **options)
    return path


def test_an_image_of_rgba_is_its_rgb_whatever_its_alpha(tmp_path):
    path = save(tmp_path / "a.png", COLOUR)
    np.testing.assert_array_equal(read_image(path), COLOUR[..., :3])


def test_grey_palette_and_cmyk_images_become_rgb(tmp_path):
    grey = read_image(save(tmp_path / "grey.png", GREY))
    np.testing.assert_array_equal(grey, np.repeat(GREY[..., None], 3, 2))
    palette = save(tmp_path / "palette.png", COLOUR[..., :3], "P")
    with Image.open(palette) as picture:
        np.testing.assert_array_equal(read_image(palette), np.asarray(picture.convert("RGB")))
    cmyk = save(tmp_path / "cmyk.jpg", COLOUR[..., :3], "CMYK")
    assert read_image(cmyk).shape == (2, 3, 3)


def test_exif_orientation_is_ignored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by a quarter turn to show
    path = save(tmp_path / "turned.png", COLOUR[..., :3], exif=exif)
    np.testing.assert_array_equal(read_image(path), COLOUR[..., :3])


@pytest.mark.parametrize("read", [read_image, read_alpha, read_trimap])
def test_an_orientation_that_is_ignored_is_noted(tmp_path, read):
    exif = Image.Exif()
    exif[0x0112] = 3  # half a turn: the size tells nothing
    grey = np.array([[0, 128, 255], [255, 128, 128]], np.uint8)
    path = save(tmp_path / "half.png", grey, exif=exif)
    with pytest.warns(ReadingWarning, match=r"orientation 3, not applied; --exif apply"):
        ignored = read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(read(path, exif="apply"), ignored[::-1, ::-1])


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_alpha_is_its_equal_channels(tmp_path, channels):
    stack = np.repeat(GREY[..., None], channels, 2)
    if channels in (2, 4):
        stack[..., -1] = 99  # an alpha channel that is the same everywhere
    path = save(tmp_path / "a.png", stack[..., 0] if channels == 1 else stack)
    np.testing.assert_array_equal(read_alpha(path), GREY)


def test_a_one_bit_alpha_is_0_and_255(tmp_path):
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert read_alpha(tmp_path / "a.png").tolist() == [[255, 0]]


def test_deep_colour_and_palette_alphas_are_refused(tmp_path):
    palette = save(tmp_path / "palette.png", GREY, "P")
    with pytest.raises(ValueError, match=r"palette\.png: alpha has mode P; expected 8-bit grey"):
        read_alpha(palette)
    deep = np.full((2, 3), 40_000, np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    # Pillow opens this one as plain RGB.
    cv2.imwrite(str(tmp_path / "deep3.png"), np.dstack([deep] * 3))
    with pytest.raises(ValueError, match=r"alpha has mode RGB;16B; expected 8-bit grey"):
        read_alpha(tmp_path / "deep3.png")
    with pytest.raises(ValueError, match="image has mode I;16; expected 8 bits per channel"):
        read_image(tmp_path / "deep.png")


def test_a_foreground_brings_its_own_alpha(tmp_path):
    foreground, alpha_u8 = read_foreground_with_alpha(save(tmp_path / "a.png", COLOUR))
    np.testing.assert_array_equal(foreground, COLOUR[..., :3])
    np.testing.assert_array_equal(alpha_u8, COLOUR[..., 3])
    grey = save(tmp_path / "la.png", np.dstack([GREY, GREY[::-1]]))
    foreground, alpha_u8 = read_foreground_with_alpha(grey)
    np.testing.assert_array_equal(foreground, np.repeat(GREY[..., None], 3, 2))
    np.testing.assert_array_equal(alpha_u8, GREY[::-1])


def test_a_foreground_without_alpha_is_refused(tmp_path):
    path = save(tmp_path / "a.png", COLOUR[..., :3])
    with pytest.raises(ValueError, match=r"a\.png: foreground has mode RGB and no alpha channel"):
        read_foreground_with_alpha(path)


def test_strict_and_official_trimaps(tmp_path):
    good = save(tmp_path / "good.png", np.array([[0, 128, 255]], np.uint8))
    assert read_trimap(good).tolist() == [[0, 128, 255]]
    bad = save(tmp_path / "bad.png", np.array([[0, 127, 128, 129, 255]], np.uint8))
    message = re.escape(f"{bad}: trimap has 127, 129; expected 0, 128, 255")
    with pytest.raises(ValueError, match=message):
        read_trimap(bad)
    assert read_trimap(bad, "official").tolist() == [[0, 127, 128, 129, 255]]


def test_a_palette_trimap_is_read_by_its_colours(tmp_path):
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    picture.putpalette([255, 255, 255, 128, 128, 128, 0, 0, 0])
    picture.save(tmp_path / "a.png")
    assert read_trimap(tmp_path / "a.png").tolist() == [[255, 128, 0]]


@pytest.mark.parametrize("reader", [read_image, read_alpha, read_trimap])
def test_a_missing_file_is_named(tmp_path, reader):
    with pytest.raises(OSError, match=r"nowhere\.png"):
        reader(tmp_path / "nowhere.png")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's own, about damaged tags
@pytest.mark.parametrize("reader", [read_image, read_alpha, read_trimap])
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
def test_damaged_files_are_named(tmp_path, reader, suffix):
    random = np.random.default_rng(0)
    whole = tmp_path / f"whole.{suffix}"
    save(whole, random.integers(0, 256, (40, 40), np.uint8))
    content = whole.read_bytes()
    damaged = {
        "empty": b"",
        "half": content[: len(content) // 2],
        "head": content[:30],
        "text": b"<html>404 not found</html>",
    }
    for name, part in damaged.items():
        path = tmp_path / f"{name}.{suffix}"
        path.write_bytes(part)
        with pytest.raises(ValueError, match=rf"{name}\.{suffix}: cannot be read as an image: ."):
            reader(path)


def test_the_same_error_from_bytes_in_memory():
    with pytest.raises(ValueError, match=r"x\.png: cannot be read as an image: the file is empty"):
        read_image("x.png", b"")


@settings(deadline=None)
@given(st.binary(max_size=50), st.integers(0, 300))
def test_random_damage_never_escapes_as_another_error(noise, at):
    content = encode_png(np.random.default_rng(0).integers(0, 256, (9, 9, 3), np.uint8))
    with contextlib.suppress(ValueError):
        read_image("x.png", content[:at] + noise + content[at + len(noise) :])


def test_alpha_to_u8_rounds_half_up_and_inverts_the_division():
    levels = np.arange(256)
    assert alpha_to_u8(levels / 255).tolist() == levels.tolist()
    assert alpha_to_u8((levels / 255).astype(np.float32)).tolist() == levels.tolist()
    assert alpha_to_u8(np.array([0.5, 0.4999, 1.4999 / 255])).tolist() == [128, 127, 1]


@pytest.mark.parametrize("value", [np.nan, -0.01, 1.01, np.inf])
def test_alpha_to_u8_refuses_what_is_no_alpha(value):
    with pytest.raises(ValueError, match="alpha has values from"):
        alpha_to_u8(np.array([0.5, value]))


def test_write_png_is_readable_from_images(tmp_path):
    write_png(tmp_path / "a.png", COLOUR)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), COLOUR[..., :3])
