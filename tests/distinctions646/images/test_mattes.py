"""How a matte, a truth and a trimap are read: what is noted, and what reads in two ways."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from distinctions646.images.mattes import pair_notes, read_grey, source_notes, trimap_notes
from distinctions646.images.reading import read_alpha

ROWS, COLUMNS = np.mgrid[:61, :83]
MATTE = np.clip(300 - 12 * np.hypot(ROWS - 30, COLUMNS - 41), 0, 255).astype(np.uint8)
TRIMAP = np.where(MATTE == 0, 0, np.where(MATTE == 255, 255, 128)).astype(np.uint8)
ORANGE = np.broadcast_to(np.array([240, 150, 80], np.uint8), (61, 83, 3))
CODE = np.stack([TRIMAP == 0, TRIMAP == 255, TRIMAP == 128], -1).astype(np.uint8) * 255


def save(path, array, **options):
    Image.fromarray(np.ascontiguousarray(array)).save(path, **options)
    return path


def notes_of(path, kind="alpha"):
    return read_grey(path, kind=kind)[1]


def test_a_cut_out_reads_in_two_ways(tmp_path):
    path = save(tmp_path / "x.png", np.dstack([ORANGE, MATTE]))
    message = (
        f"{path}: alpha has mode RGBA with colour channels that differ by up to 160 and an alpha "
        "channel from 0 to 255; either may be the matte: --matte-channel alpha takes the alpha "
        "channel, first the first channel"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read_alpha(path)
    grey, notes = read_grey(path, channel="alpha")
    np.testing.assert_array_equal(grey, MATTE)
    assert notes == ["mode RGBA, its alpha channel was taken"]
    grey, notes = read_grey(path, channel="first")
    assert grey.min() == grey.max() == 240
    assert notes[0] == "mode RGBA, its first channel was taken"


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param((255 - MATTE, MATTE), id="LA"),
        pytest.param((MATTE, MATTE, MATTE, 255 - MATTE), id="RGBA"),
        pytest.param((MATTE, MATTE // 2, MATTE), id="RGB"),
    ],
)
def test_whatever_reads_in_two_ways_is_refused(tmp_path, layers):
    path = save(tmp_path / "x.png", np.dstack(layers))
    with pytest.raises(ValueError, match=r"x\.png: alpha has mode .*--matte-channel"):
        read_alpha(path)
    np.testing.assert_array_equal(read_alpha(path, channel="first"), layers[0])


def test_equal_channels_and_the_noise_of_jpeg_are_grey(tmp_path):
    same = save(tmp_path / "same.png", np.dstack([MATTE] * 3))
    assert notes_of(same) == []
    noisy = np.dstack([MATTE] * 3)
    noisy[..., 1] = np.clip(noisy[..., 1].astype(int) + 3, 0, 255)
    assert notes_of(save(tmp_path / "noisy.png", noisy)) == [
        "mode RGB, channels differ by up to 3; the first was taken"
    ]
    for quality in (30, 75, 95):
        path = save(tmp_path / "a.jpg", np.dstack([MATTE] * 3), quality=quality)
        assert notes_of(path)[-1] == "JPEG, in which 0 and 255 come back as neighbours"


def test_a_grey_truth_goes_with_either_choice(tmp_path):
    path = save(tmp_path / "x.png", MATTE)
    for channel in ("first", "alpha"):
        np.testing.assert_array_equal(read_alpha(path, channel=channel), MATTE)


@pytest.mark.parametrize("trimap", [CODE, np.dstack([CODE, np.full_like(MATTE, 255)])])
def test_a_colour_trimap_is_never_read_by_its_red(tmp_path, trimap):
    path = save(tmp_path / "x.png", trimap)
    for channel in (None, "first", "alpha"):
        with pytest.raises(ValueError, match=r"x\.png: trimap has mode RGBA? with colour channels"):
            read_grey(path, kind="trimap", channel=channel)


def test_a_palette_of_colours_is_a_colour_trimap(tmp_path):
    picture = Image.fromarray((TRIMAP // 127).astype(np.uint8))
    picture = Image.frombytes("P", picture.size, picture.tobytes())
    picture.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0])
    picture.save(tmp_path / "x.png")
    with pytest.raises(ValueError, match="trimap has mode P with colour channels that differ"):
        read_grey(tmp_path / "x.png", kind="trimap")


@pytest.mark.parametrize(
    ("array", "note"),
    [
        (MATTE // 200, "no value above 1; a matte runs to 255"),
        (MATTE * 0, "empty: no value above 0"),
        (MATTE * 0 + 255, "opaque everywhere: no value below 255"),
        (
            np.pad(np.zeros((45, 67), np.uint8), 8, constant_values=255),
            "opaque along its border and clear inside; perhaps inverted",
        ),
        (MATTE.astype(np.uint16) * 257, "16 bits, scaled to 8 by 255 / 65535 and rounded"),
        (
            MATTE.astype(np.uint16),
            "16 bits with no value above 255; such a matte runs to 65535",
        ),
    ],
)
def test_odd_mattes_are_noted(tmp_path, array, note):
    assert note in notes_of(save(tmp_path / "x.png", array))


def test_good_files_have_no_note(tmp_path):
    assert notes_of(save(tmp_path / "x.png", MATTE)) == []
    assert notes_of(save(tmp_path / "t.png", TRIMAP), "trimap") == []
    assert pair_notes(MATTE, MATTE) == pair_notes(MATTE // 2, MATTE) == []
    assert trimap_notes(TRIMAP, MATTE) == []


def test_pairs_tell_what_is_inverted():
    assert pair_notes(255 - MATTE, MATTE) == ["nearer to the truth when inverted; perhaps inverted"]
    assert "perhaps inverted" in trimap_notes(255 - TRIMAP, MATTE)[0]


def test_premultiplied_and_inverted_sources_are_noted():
    colours = np.random.default_rng(0).integers(0, 256, (61, 83, 3), np.uint8)
    assert source_notes(colours, MATTE) == []
    weighted = np.floor(colours * (MATTE[..., None] / 255)).astype(np.uint8)
    assert source_notes(weighted, MATTE) == [
        "premultiplied: no colour above its alpha on partly covered pixels"
    ]
    inverted = "the foreground's colours lie where its alpha is 0; perhaps the alpha is inverted"
    assert source_notes(weighted, 255 - MATTE) == [inverted]
    on_black = colours * (MATTE > 0)[..., None].astype(np.uint8)
    assert source_notes(on_black, MATTE) == []
    assert source_notes(on_black, 255 - MATTE) == [inverted]
    assert source_notes(weighted * 0, MATTE) == []  # a black object is the same either way
