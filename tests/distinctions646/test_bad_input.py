"""What users' folders really hold: each case is read rightly or refused by name."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build, main
from distinctions646.forms.parquet import write_numbered
from distinctions646.loading.opening import open_split
from distinctions646.process import whole_files


def refusal(capsys, tiny, out, *more):
    """The one line of a command that fails and leaves nothing behind."""
    status = main([*tiny.arguments(out), "--workers", "1", *more])
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert not out.exists()
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]
    return captured.err


def jpeg(path, **settings):
    """Put a JPEG in a PNG's place, under its own suffix."""
    with Image.open(path) as picture:
        picture.convert("RGB").save(path.with_suffix(".jpg"), **settings)
    path.unlink()
    return path.with_suffix(".jpg")


def chunk(kind, content):
    length = len(content).to_bytes(4, "big")
    return length + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def test_a_one_pixel_background_fills_the_picture(tiny, tmp_path):
    Image.new("RGB", (1, 1), (9, 200, 77)).save(tiny.folder / "bg" / "b0.png")
    build(tiny.config(tmp_path / "out"))
    sample = open_split(tmp_path / "out").samples[0]
    clear = sample.alpha_u8() == 0
    assert clear.any()
    assert (sample.image()[clear] == (9, 200, 77)).all()


def test_a_wrong_colour_profile_changes_nothing(tiny, tmp_path):
    build(tiny.config(tmp_path / "before"))
    for path in (tiny.folder / "fg").iterdir():
        content = path.read_bytes()
        profile = chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(b"no profile at all"))
        path.write_bytes(content[:33] + profile + content[33:])
    build(tiny.config(tmp_path / "after"))
    roots = {open_split(tmp_path / name).compute_root() for name in ("before", "after")}
    assert len(roots) == 1


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
def test_alphas_of_one_to_four_channels(tiny, tmp_path, mode):
    build(tiny.config(tmp_path / "before"))
    for path in (tiny.folder / "alpha").iterdir():
        with Image.open(path) as picture:
            changed = picture.convert(mode)
        changed.save(path)
    build(tiny.config(tmp_path / "after"))
    roots = {open_split(tmp_path / name).compute_root() for name in ("before", "after")}
    assert len(roots) == 1


def test_jpeg_alphas_are_read_as_they_are(tiny, tmp_path):
    path = jpeg(tiny.folder / "alpha" / "cat.png", quality=80)
    build(tiny.config(tmp_path / "out"))
    decoded = np.asarray(Image.open(path))[..., 0]
    np.testing.assert_array_equal(open_split(tmp_path / "out").samples[0].alpha_u8(), decoded)


def test_a_cmyk_foreground_is_converted(tiny, tmp_path):
    path = tiny.folder / "fg" / "cat.png"
    picture = Image.new("CMYK", (8, 6), (0, 255, 255, 0))
    path.unlink()
    picture.save(path.with_suffix(".jpg"), quality=100)
    build(tiny.config(tmp_path / "out"))
    sample = open_split(tmp_path / "out").samples[0]
    expected = np.asarray(Image.open(path.with_suffix(".jpg")).convert("RGB"))
    opaque = sample.alpha_u8() == 255
    np.testing.assert_array_equal(sample.image()[opaque], expected[opaque])


def test_a_truncated_jpeg(capsys, tiny, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tiny.folder / "bg" / "b0.png")
    path = jpeg(tiny.folder / "bg" / "b0.png")
    path.write_bytes(path.read_bytes()[:2000])
    error = refusal(capsys, tiny, tmp_path / "out")
    assert re.match(
        rf"error: {re.escape(str(path))}: cannot be read as an image: .*truncated", error
    )


@pytest.mark.parametrize("kind", ["fg", "alpha", "bg"])
def test_a_picture_above_the_limit(capsys, tiny, tmp_path, monkeypatch, kind):
    monkeypatch.setenv("MATTING_MAX_PIXELS", "120")  # 179 million are too many to make here
    path = next(iter(sorted((tiny.folder / kind).iterdir())))
    Image.new("L" if kind == "alpha" else "RGB", (11, 11)).save(path)
    error = refusal(capsys, tiny, tmp_path / "out")
    assert error == (
        f"error: {path}: is 11×11, 121 pixels; expected 120 at most; --max-pixels 121 "
        "(or MATTING_MAX_PIXELS) allows it\n"
    )


@pytest.mark.parametrize("name", ["../x.png", "/etc/passwd", "a\\b.png", ".."])
def test_names_that_try_to_leave_the_folder(capsys, tiny, tmp_path, name):
    (tmp_path / "list.txt").write_text(f"cat.png\n{name}\n")
    error = refusal(capsys, tiny, tmp_path / "out", "--foreground-list", str(tmp_path / "list.txt"))
    assert f"list.txt: line 2 is {name!r}; expected the name of a file in the folder" in error


@pytest.mark.parametrize("written", [1, 5, 12, 15])
@pytest.mark.parametrize("forms", [("folder",), ("parquet",)])
def test_a_full_disk(tmp_path, tiny, files_of, monkeypatch, written, forms):
    begin, count = whole_files._open_locked, 0

    def begin_until_full(path):
        nonlocal count
        count += 1
        file = begin(path)
        if count == written:
            file.write(b"half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        return file

    settings = {"write": forms, "trimap_rule": "dilate-25/v1"}
    build(tiny.config(tmp_path / "clean", **settings))
    monkeypatch.setattr(whole_files, "_open_locked", begin_until_full)
    with pytest.raises(OSError, match=r"[\w) .]+: cannot be written: No space left on device"):
        build(tiny.config(tmp_path / "out", **settings))
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.rglob(".partial-*"))
    monkeypatch.undo()
    build(tiny.config(tmp_path / "out", **settings))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_a_disk_that_fills_up_inside_a_large_file(tmp_path, tiny, files_of, monkeypatch, form):
    """The libraries' own writers meet a device without room, when all pictures are made."""
    build(tiny.config(tmp_path / "clean", write=(form,)))

    def fill_the_disk(rows, folder, suffix, write):
        with monkeypatch.context() as context:
            context.setattr(whole_files, "_open_locked", lambda path: Path("/dev/full").open("wb"))
            return write_numbered(rows, folder, suffix, write)

    monkeypatch.setattr(f"distinctions646.forms.{form}.write_numbered", fill_the_disk)
    with pytest.raises(OSError, match=r"test-.*: cannot be written: .*No space left on device"):
        build(tiny.config(tmp_path / "out", write=(form,)))
    assert not (tmp_path / "out").exists()
    monkeypatch.undo()
    build(tiny.config(tmp_path / "out", write=(form,)))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="mounts a file system")
@pytest.mark.parametrize("form", ["folder", "parquet", "virtual"])
def test_a_small_file_system(tmp_path, tiny, files_of, form):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount here")
    try:
        with pytest.raises(OSError, match=r"cannot be written: .*No space left on device"):
            build(tiny.config(disk / "out", write=(form,)))
        assert not (disk / "out").exists()
        subprocess.run(["mount", "-o", "remount,size=1m", str(disk)], check=True)
        build(tiny.config(disk / "out", write=(form,)))
        build(tiny.config(tmp_path / "clean", write=(form,)))
        assert files_of(disk / "out") == files_of(tmp_path / "clean")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_large_picture_is_no_bomb(tiny, tmp_path, monkeypatch, recwarn):
    # Pillow warns above 89,478,485 pixels, as HOI-Matting has some, and refuses above twice that.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    facts = build(tiny.config(tmp_path / "out")).manifest["splits"]["test"]
    assert facts["composites"] == 4
    assert not [each for each in recwarn if each.category is Image.DecompressionBombWarning]
    assert Image.MAX_IMAGE_PIXELS == 10


def test_a_sixteen_bit_colour_foreground_keeps_its_high_bytes(tiny, tmp_path):
    """Pillow, and so the official script, opens such a PNG with 8 bits a channel."""
    high = np.asarray(Image.open(tiny.folder / "fg" / "cat.png"))
    rows = np.stack([high, 255 - high], axis=-1).reshape(6, 8 * 6)
    lines = np.concatenate([np.zeros((6, 1), np.uint8), rows], axis=1).tobytes()
    header = chunk(b"IHDR", bytes([0, 0, 0, 8, 0, 0, 0, 6, 16, 2, 0, 0, 0]))
    data = chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    build(tiny.config(tmp_path / "before"))
    (tiny.folder / "fg" / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + data)
    build(tiny.config(tmp_path / "after"))
    roots = {open_split(tmp_path / name).compute_root() for name in ("before", "after")}
    assert len(roots) == 1


def test_palette_alphas(capsys, tiny, tmp_path):
    path = tiny.folder / "alpha" / "cat.png"
    Image.new("P", (8, 6)).save(path)
    error = refusal(capsys, tiny, tmp_path / "out")
    assert error.startswith(f"error: {path}: alpha has mode P; expected 8-bit grey")


def test_a_sixteen_bit_alpha_is_scaled_and_noted(capsys, tiny, tmp_path):
    path = tiny.folder / "alpha" / "cat.png"
    alpha_u8 = np.asarray(Image.open(path))
    Image.fromarray(alpha_u8.astype(np.uint16) * 257).save(path)
    assert main([*tiny.arguments(tmp_path / "out"), "--workers", "1"]) == 0
    expected = f"warning: 16 bits, scaled to 8 by 255 / 65535 and rounded: {path}\n"
    assert expected in capsys.readouterr().err
    np.testing.assert_array_equal(open_split(tmp_path / "out").samples[0].alpha_u8(), alpha_u8)


@pytest.mark.parametrize("kind", ["fg", "alpha", "bg"])
def test_a_file_without_a_byte(capsys, tiny, tmp_path, kind):
    path = min((tiny.folder / kind).iterdir())
    path.write_bytes(b"")
    error = refusal(capsys, tiny, tmp_path / "out")
    assert error == f"error: {path}: cannot be read as an image: the file is empty\n"


def test_an_output_that_cannot_be_written(capsys, tiny):
    status = main([*tiny.arguments(Path("/proc/here/out")), "--workers", "1"])
    assert status == 2
    assert capsys.readouterr().err.startswith("error: /proc/here/out: cannot be written: ")
