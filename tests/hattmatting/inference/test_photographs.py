"""Photographs as people have them: turned, with a profile, in folders with other files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

import hattmatting
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha
from hattmatting import matte
from hattmatting.inference.photographs import (
    find_photographs,
    photograph_pixels,
    read_photograph,
    trimap_pixels,
)
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.predict import main

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    HAttMatting(SMALL).save_pretrained(tmp_path / "weights")
    return tmp_path / "weights"


def picture(height: int, width: int) -> Image.Image:
    noise = np.random.RandomState(0).randint(0, 256, (height, width, 3))
    return Image.fromarray(noise.astype(np.uint8))


def test_a_turned_photograph_is_read_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    stored = picture(20, 30)
    stored.save(tmp_path / "phone.png", exif=exif)
    pixels = read_photograph(tmp_path / "phone.png").pixels
    assert np.array_equal(pixels, np.rot90(np.asarray(stored), -1))


def test_results_are_upright_and_keep_the_profile(checkpoint: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = tmp_path / "phone.jpg"
    picture(40, 64).save(photo, exif=exif, icc_profile=SRGB)
    out = tmp_path / "out"
    options = ["--out", str(out), "--weights", str(checkpoint), "--background", "white"]
    assert main([str(photo), *options]) == 0
    for name in ("phone.png", "cutout/phone.png", "composite/phone.png"):
        with Image.open(out / name) as result:
            assert result.size == (40, 64)
            assert (result.info.get("icc_profile") == SRGB) == ("/" in name)


def test_a_profile_of_another_space_is_dropped(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    picture(8, 8).save(tmp_path / "odd.png", icc_profile=lab)
    assert read_photograph(tmp_path / "odd.png").profile is None


def test_folders_take_every_format_and_name_the_rest(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.gif", "b.jp2", "c.tga", "d.webp"):
        picture(16, 24).save(folder / name)
    (folder / "e").write_bytes((folder / "d.webp").read_bytes())  # known by its content
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").touch()
    pictures, others = find_photographs(folder)
    assert [path.name for path in pictures] == ["a.gif", "b.jp2", "c.tga", "d.webp", "e"]
    assert [path.name for path in others] == ["notes.txt"]
    out = tmp_path / "out"
    options = ["--out", str(out), "--weights", str(checkpoint), "--alpha-only"]
    assert main([str(folder), *options]) == 0
    assert len(list(out.glob("*.png"))) == 5
    assert f"left out, no pictures: {folder / 'notes.txt'}" in capsys.readouterr().err


def test_any_method_cuts_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(24, 32).save(tmp_path / "photo.png")
    trimap = np.full((24, 32), 128, np.uint8)
    trimap[:8], trimap[16:] = 0, 255
    write_png(tmp_path / "trimap.png", trimap)
    options = [str(tmp_path / "photo.png"), "--out", str(tmp_path / "out"), "--method", "distance"]
    assert main([*options, "--trimap", str(tmp_path / "trimap.png")]) == 0
    alpha = read_alpha(tmp_path / "out" / "photo.png")
    assert (alpha[:8] == 0).all()
    assert (alpha[16:] == 255).all()
    assert main(options) == 2
    assert "method distance needs a trimap; give --trimap" in capsys.readouterr().err
    write_png(tmp_path / "small.png", trimap[:20])
    assert main([*options, "--trimap", str(tmp_path / "small.png")]) == 2
    assert "is 20×32 pixels; expected 24×32" in capsys.readouterr().err
    assert main([*options, "--trimap", str(tmp_path / "trimap.png"), "--tile", "64"]) == 2
    assert "--tile, --long-side and --no-refine are of HAttMatting alone" in capsys.readouterr().err


def test_a_folder_of_trimaps_is_matched_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trimap = np.full((24, 32), 128, np.uint8)
    trimap[:8], trimap[16:] = 0, 255
    (tmp_path / "photos").mkdir()
    (tmp_path / "trimaps").mkdir()
    for name in ("a.png", "b.png"):
        picture(24, 32).save(tmp_path / "photos" / name)
    write_png(tmp_path / "trimaps" / "a.png", trimap)
    options = [str(tmp_path / "photos"), "--out", str(tmp_path / "out"), "--method", "distance"]
    assert main([*options, "--trimap", str(tmp_path / "trimaps" / "a.png")]) == 2
    assert "is one trimap for 2 images; expected a folder" in capsys.readouterr().err
    assert main([*options, "--trimap", str(tmp_path / "trimaps")]) == 2
    assert "b.png: has no trimap of the same name" in capsys.readouterr().err
    write_png(tmp_path / "trimaps" / "b.png", trimap)
    assert main([*options, "--trimap", str(tmp_path / "trimaps"), "--alpha-only"]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


def test_cutout_in_python(checkpoint: Path, tmp_path: Path) -> None:
    image = picture(40, 64)
    image.save(tmp_path / "photo.png")
    cut = hattmatting.cutout(np.asarray(image), weights=str(checkpoint))
    assert cut.shape == (40, 64, 4)
    assert cut.dtype == np.uint8
    again = hattmatting.cutout(tmp_path / "photo.png", weights=str(checkpoint))
    assert np.array_equal(cut, again)


def test_pictures_of_python_code() -> None:
    """A PIL picture counts as its file would; anything else is refused in a sentence."""
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    as_read = photograph_pixels(Image.fromarray(grey))
    assert as_read.tolist() == np.repeat(grey[..., None], 3, axis=2).tolist()
    assert photograph_pixels(picture(8, 6).convert("RGBA")).shape == (8, 6, 3)
    turned = Image.Exif()
    turned[0x0112] = 6
    stored = io.BytesIO()
    picture(8, 6).save(stored, "JPEG", exif=turned)
    assert photograph_pixels(Image.open(stored)).shape == (6, 8, 3)
    with pytest.raises(ValueError, match="image has mode I;16; expected 8 bits per channel"):
        photograph_pixels(Image.fromarray(grey.astype(np.uint16)))
    with pytest.raises(ValueError, match="image has type list; expected a file, a PIL picture or"):
        photograph_pixels([[0]])


def test_trimaps_of_python_code() -> None:
    trimap = np.array([[0, 128, 255]], np.uint8)
    made = trimap_pixels(Image.fromarray(trimap))
    assert made is not None
    assert made.tolist() == trimap.tolist()
    assert trimap_pixels(None) is None
    with pytest.raises(ValueError, match="trimap is a PIL picture of mode RGB; expected mode L"):
        trimap_pixels(Image.fromarray(trimap).convert("RGB"))
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        trimap_pixels(Image.fromarray(trimap - (trimap == 128)))
    with pytest.raises(ValueError, match="trimap has type tuple; expected a file, a PIL picture"):
        trimap_pixels((0, 128))


def test_matte_of_pictures_names_its_arguments() -> None:
    photo, trimap = picture(24, 32), np.full((24, 32), 128, np.uint8)
    trimap[:8], trimap[16:] = 0, 255
    made = matte(photo, method="distance", trimap=Image.fromarray(trimap))
    assert repr(made) == "Matte of 32 × 24 pixels"
    assert made.over((0, 0, 255))[0, 0].tolist() == [0, 0, 255]
    with pytest.raises(ValueError, match=r"colour is \(1, 2\); expected a name, #rrggbb or three"):
        made.over((1, 2))
    with pytest.raises(ValueError, match=r"method distance needs a trimap; give trimap=$"):
        matte(photo, method="distance")
