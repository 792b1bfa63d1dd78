"""Our PNG decoder gives Pillow's pixels, and leaves every odd or broken file to Pillow."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from distinctions646.images import pixels
from distinctions646.images.decoding import png, unfiltering
from distinctions646.images.mattes import read_grey
from distinctions646.images.png import encode_png
from distinctions646.images.reading import read_foreground_with_alpha, read_image, read_trimap

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


@pytest.fixture(autouse=True)
def loop(monkeypatch):
    """Use the compiled loop at once."""
    monkeypatch.setattr(png.LOOP, "undo", unfiltering.unfilter)


def chunk(kind, content=b"", checksum=None):
    checksum = zlib.crc32(kind + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def header(array, **changes):
    channels = 1 if array.ndim == 2 else array.shape[2]
    fields = {
        "width": array.shape[1],
        "height": array.shape[0],
        "bits": 8,
        "colours": COLOUR_TYPES[channels],
        "compression": 0,
        "filter": 0,
        "interlace": 0,
    }
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *{**fields, **changes}.values()))


def filtered(array, filters):
    """Filter rows as the specification says, byte by byte."""
    channels = 1 if array.ndim == 2 else array.shape[2]
    rows = array.reshape(array.shape[0], -1).astype(int)
    lines = bytearray()
    for y, row in enumerate(rows):
        kind = filters[y % len(filters)]
        above = rows[y - 1] if y else np.zeros_like(row)
        lines.append(kind)
        for x, value in enumerate(row):
            a = row[x - channels] if x >= channels else 0
            c = above[x - channels] if x >= channels else 0
            b = above[x]
            nearest = min((a, b, c), key=lambda each, p=a + b - c: abs(p - each))
            guess = [0, a, b, (a + b) // 2, nearest, 0][kind]
            lines.append((value - guess) % 256)
    return bytes(lines)


def file_of(
    array, *, filters=(0, 1, 2, 3, 4), before=(), after=(), stream=None, parts=None, **more
):
    stream = zlib.compress(filtered(array, filters)) if stream is None else stream
    parts = [stream] if parts is None else parts
    chunks = [header(array, **more), *before, *(chunk(b"IDAT", part) for part in parts), *after]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND")


def noise(channels, height=11, width=13, seed=0):
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def decoded(content):
    with Image.open(io.BytesIO(content)) as picture:
        place = picture.fp.tell()
        array = png.decode_png(picture)
        assert picture.fp.tell() == place
        return array


def by_pillow(content):
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (0, 2), (4, 0, 3, 1, 2)])
@pytest.mark.parametrize(("height", "width"), [(11, 13), (1, 1), (1, 9), (9, 1)])
def test_every_filter_is_undone(channels, filters, height, width):
    array = noise(channels, height, width)
    content = file_of(array, filters=filters)
    pixels = decoded(content)
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous
    np.testing.assert_array_equal(pixels, array)
    np.testing.assert_array_equal(by_pillow(content), array)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_levels_that_tie_go_to_the_same_neighbour(channels):
    array = np.random.default_rng(3).integers(0, 4, (40, 40, channels), dtype=np.uint8).squeeze()
    np.testing.assert_array_equal(decoded(file_of(array, filters=(4,))), array)


STREAM = zlib.compress(filtered(noise(3), (0, 1, 2, 3, 4)))
PLAIN = {
    "many IDATs": {"parts": [STREAM[at : at + 7] for at in range(0, len(STREAM), 7)]},
    "an empty IDAT": {"parts": [b"", STREAM[:50], b"", STREAM[50:], b""]},
    "gamma": {"before": [chunk(b"gAMA", struct.pack(">I", 45455))]},
    "chromaticities": {"before": [chunk(b"cHRM", bytes(32))]},
    "sRGB": {"before": [chunk(b"sRGB", b"\0")]},
    "profile": {"before": [chunk(b"iCCP", b"icc\0\0" + zlib.compress(b"profile"))]},
    "exif": {"before": [chunk(b"eXIf", b"MM\0*" + bytes(8))]},
    "text": {"before": [chunk(b"tEXt", b"Title\0picture")]},
    "resolution": {"before": [chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1))]},
    "suggested palette": {"before": [chunk(b"PLTE", bytes(range(12)))]},
    "a transparent colour": {"before": [chunk(b"tRNS", bytes(6))]},
    "an unknown chunk": {"before": [chunk(b"quIt", b"what")]},
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_are_decoded(name):
    content = file_of(noise(3), **PLAIN[name])
    np.testing.assert_array_equal(decoded(content), noise(3))
    np.testing.assert_array_equal(by_pillow(content), noise(3))


def test_what_follows_the_end_is_not_looked_at():
    np.testing.assert_array_equal(decoded(file_of(noise(3)) + b"more"), noise(3))


def saved(array, mode=None, **options):
    picture = Image.fromarray(array)
    file = io.BytesIO()
    (picture if mode is None else picture.convert(mode)).save(file, "PNG", **options)
    return file.getvalue()


def text_behind():
    return file_of(noise(3), after=[chunk(b"tEXt", b"date:create\0today")])


def damaged(at, content=None):
    content = bytearray(file_of(noise(3)) if content is None else content)
    content[at] ^= 0x55
    return bytes(content)


LINES = filtered(noise(3), (0, 1, 2, 3, 4))
QUARTER_TURN = b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
ODD = {
    "1 bit": saved(noise(1), "1"),
    "2 bits": saved(noise(1) // 64, "P", bits=2),
    "palette": saved(noise(3), "P"),
    "a transparent palette": saved(noise(3), "P", transparency=0),
    "grey and alpha": file_of(noise(2)),
    "16 bits of grey": saved(noise(1).astype(np.uint16) * 257),
    "16 bits of RGB": file_of(noise(3), bits=16, stream=zlib.compress(bytes(11 * (1 + 13 * 6)))),
    "interlaced": file_of(noise(1, 1, 1), interlace=1),
    "two headers": file_of(noise(3), before=[header(noise(3))]),
    "text behind the pixels": text_behind(),
    "huge text behind the pixels": file_of(
        noise(3),
        after=[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(PngImagePlugin.MAX_TEXT_CHUNK + 9)))],
    ),
    "pixels in two places": file_of(
        noise(3), parts=[STREAM[:40]], after=[chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", STREAM[40:])]
    ),
    "cut off in the pixels": file_of(noise(3))[:200],
    "cut off before the end": file_of(noise(3))[:-12],
    "cut off in the end": file_of(noise(3))[:-3],
    "no end of the stream": file_of(noise(3), stream=STREAM[:-6]),
    "a wrong checksum of the stream": file_of(noise(3), stream=damaged(-1, STREAM)),
    "no zlib stream": file_of(noise(3), stream=b"\0" * 90),
    "too few lines": file_of(noise(3), stream=zlib.compress(LINES[:-40])),
    "too many lines": file_of(noise(3), stream=zlib.compress(LINES + LINES)),
    "more behind the stream": file_of(noise(3), stream=STREAM + b"more"),
    "an unknown filter": file_of(noise(3), filters=(0, 5)),
    "no pixels": file_of(noise(3), parts=[]),
    "a length beyond the file": file_of(noise(3)).replace(
        struct.pack(">I", len(STREAM)) + b"IDAT", struct.pack(">I", 2**31 - 1) + b"IDAT"
    ),
    "a bomb": file_of(noise(3), stream=zlib.compress(bytes(50_000_000), 9)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_left_to_pillow(name):
    try:
        assert decoded(ODD[name]) is None
    except (OSError, SyntaxError, ValueError):
        pass  # Pillow does not even open it


def test_animations_are_left_to_pillow():
    frames = [Image.fromarray(noise(3, seed=seed)) for seed in range(2)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    assert decoded(file.getvalue()) is None


def outcome(read, content):
    """Return the pixels and notes that a reader returns, or its error."""
    try:
        found = read("a.png", content)
    except (ValueError, OSError) as error:
        return str(error)
    if isinstance(found, tuple):
        return found[0].tobytes(), found[0].shape, found[1]
    return found.tobytes(), found.shape


FILES = {
    **ODD,
    **{name: file_of(noise(3), **more) for name, more in PLAIN.items()},
    "a wrong checksum of a chunk": damaged(-17),
    "a wrong checksum of the header": damaged(29),
    "a wrong checksum of a text": file_of(noise(3), before=[chunk(b"tEXt", b"a\0b", checksum=7)]),
    "grey": file_of(noise(1)),
    "transparent grey": file_of(noise(1), before=[chunk(b"tRNS", b"\0\0")]),
    "RGBA": file_of(noise(4)),
    "our own": encode_png(noise(3)),
    "grey as RGB": file_of(np.repeat(noise(1)[..., None], 3, axis=2)),
    "grey as RGBA": file_of(np.dstack([*[noise(1)] * 3, np.full((11, 13), 255, np.uint8)])),
    "turned": saved(
        noise(3), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    ),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("exif", ["ignore", "apply"])
def test_readers_say_of_every_file_what_they_said_by_pillow(name, exif, monkeypatch):
    def trimap(path, content):
        return read_trimap(path, "official", content, exif=exif)

    readers = (
        lambda path, content: read_image(path, content, exif=exif),
        lambda path, content: read_grey(path, content, exif=exif),
        lambda path, content: read_grey(path, content, exif=exif, channel="first"),
        lambda path, content: read_grey(path, content, exif=exif, channel="alpha"),
        trimap,
    )
    ours = [outcome(read, FILES[name]) for read in readers]
    monkeypatch.setattr(pixels, "decode_png", lambda picture: None)
    assert ours == [outcome(read, FILES[name]) for read in readers]


def test_a_foreground_with_its_own_alpha(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(file_of(noise(4)))
    foreground, alpha_u8 = read_foreground_with_alpha(path)
    np.testing.assert_array_equal(foreground, noise(4)[..., :3])
    np.testing.assert_array_equal(alpha_u8, noise(4)[..., 3])


def test_our_own_files_need_no_compiled_loop(monkeypatch):
    monkeypatch.setattr(png, "LOOP", png.FilterLoop())
    np.testing.assert_array_equal(decoded(encode_png(noise(3))), noise(3))
    np.testing.assert_array_equal(decoded(file_of(noise(3), filters=(2, 0, 0, 2))), noise(3))
    assert png.LOOP.undo is None
    assert png.LOOP.left == 0


def test_other_files_are_left_to_pillow_until_the_loop_pays(monkeypatch):
    monkeypatch.setattr(png, "LOOP", png.FilterLoop())
    monkeypatch.setattr(unfiltering, "is_on_disk", lambda: False)
    content = file_of(noise(3))
    assert decoded(content) is None
    assert decoded(file_of(noise(3), filters=(2, 4))) is None
    png.LOOP.left = int(png._LOADED_FROM)
    assert decoded(content) is None
    png.LOOP.left = int(png._COMPILED_FROM)
    np.testing.assert_array_equal(decoded(content), noise(3))


def test_a_loop_on_the_disk_is_used_earlier(monkeypatch):
    monkeypatch.setattr(png, "LOOP", png.FilterLoop())
    monkeypatch.setattr(unfiltering, "is_on_disk", lambda: True)
    png.LOOP.left = int(png._LOADED_FROM)
    np.testing.assert_array_equal(decoded(file_of(noise(3))), noise(3))


def test_a_file_much_longer_than_its_pixels_is_left_to_pillow():
    """Not all of a file is read to find the end of a small picture."""
    long = file_of(noise(3), before=[chunk(b"tEXt", b"a\0" + bytes([32]) * (1 << 20))])
    assert decoded(long) is None


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "YCbCr"])
@pytest.mark.parametrize("size", [(1, 1), (17, 13), (640, 427)], ids=str)
def test_jpegs_have_pillows_pixels(tmp_path, mode, size):
    small = Image.fromarray(noise(3, 19, 23)).resize(size).convert(mode)
    for options in ({}, {"quality": 35, "subsampling": 2}, {"progressive": True, "subsampling": 0}):
        small.save(tmp_path / "a.jpg", **options)
        got = read_image(tmp_path / "a.jpg")
        with Image.open(tmp_path / "a.jpg") as picture:
            np.testing.assert_array_equal(got, np.array(picture.convert("RGB")))
        assert got.flags.writeable
        assert got.flags.c_contiguous
