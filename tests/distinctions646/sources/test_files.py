"""Lists and source folders: every mistake is named before anything is written."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from distinctions646.sources.files import find_backgrounds, find_foregrounds, read_names


@pytest.mark.parametrize(
    "content",
    [
        b"a b (1).png\nc.d.jpg\n",
        b"a b (1).png\r\nc.d.jpg",
        b"\xef\xbb\xbfa b (1).png \r\nc.d.jpg\r\n\r\n",
    ],
)
def test_lists_of_either_line_end(tmp_path, content):
    (tmp_path / "list.txt").write_bytes(content)
    assert read_names(tmp_path / "list.txt") == ["a b (1).png", "c.d.jpg"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no names; expected one file name per line"),
        (b"\n\n", "has no names"),
        (b"a.png\n\nb.png\n", "line 2 is blank; expected a file name"),
        (b"a.png\n../b.png\n", "line 2 is '../b.png'; expected the name of a file in the folder"),
        (b"/etc/passwd\n", "line 1 is '/etc/passwd'; expected the name of a file in the folder"),
        (b"..\n", "line 1 is '..'; expected the name of a file in the folder"),
        (b"a\\b.png\n", "expected the name of a file in the folder"),
        (b"\xff\xfe\x00", "not UTF-8 text; expected one file name per line"),
    ],
)
def test_wrong_lists_are_named(tmp_path, content, message):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path)) + ": .*" + re.escape(message)):
        read_names(path)


def test_sorted_names_stand_in_for_a_list(tiny):
    found = find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")
    assert [(one.path.name, one.height, one.width) for one in found] == [
        ("cat.png", 6, 8),
        ("dog (1).b.png", 5, 4),
    ]
    backgrounds = find_backgrounds(tiny.folder / "bg", 3)
    assert [(one.path.name, one.height, one.width) for one in backgrounds] == [
        ("b0.png", 4, 9),
        ("b1.png", 5, 8),
        ("b2.png", 6, 7),
    ]


def test_an_alpha_may_have_another_suffix(tiny):
    (tiny.folder / "alpha" / "cat.png").rename(tiny.folder / "alpha" / "cat.tif")
    found = find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")
    assert found[0].alpha == tiny.folder / "alpha" / "cat.tif"


def test_an_ambiguous_alpha_is_refused(tiny):
    alpha = tiny.folder / "alpha" / "cat.png"
    alpha.with_suffix(".bmp").write_bytes(alpha.read_bytes())
    alpha.rename(alpha.with_suffix(".tif"))
    with pytest.raises(ValueError, match=r"needs one alpha named cat in .*; found cat.bmp, cat.ti"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")


def test_missing_partners_are_named(tiny):
    alpha = tiny.folder / "alpha" / "cat.png"
    lonely = alpha.with_name("zebra.png")
    lonely.write_bytes(alpha.read_bytes())
    with pytest.raises(ValueError, match=r"zebra\.png: alpha has no foreground of the same name"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")
    alpha.unlink()
    with pytest.raises(ValueError, match=r"cat\.png: foreground needs one alpha .*; found none"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")


def test_a_listed_file_that_is_missing_is_named(tiny):
    with pytest.raises(ValueError, match=r"emu\.png: no such file; the list names it as a foregr"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha", ["cat.png", "emu.png"])
    with pytest.raises(ValueError, match=r"b9\.png: no such file; the list names it as a backgro"):
        find_backgrounds(tiny.folder / "bg", 2, ["b0.png", "b9.png"])


def test_two_foregrounds_of_one_stem_are_refused(tiny):
    cat = tiny.folder / "fg" / "cat.png"
    cat.with_suffix(".bmp").write_bytes(cat.read_bytes())
    with pytest.raises(ValueError, match=r"cat\.bmp and cat\.png share the name cat"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")
    with pytest.raises(ValueError, match=r"cat\.png and cat\.bmp share the name cat, and their"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha", ["cat.png", "cat.bmp"])
    with pytest.raises(ValueError, match=r"cat\.png and cat\.png share the name cat"):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha", ["cat.png", "cat.png"])


def test_an_alpha_of_another_size_is_refused(tiny):
    Image.fromarray(np.zeros((8, 6), np.uint8)).save(tiny.folder / "alpha" / "cat.png")
    message = r"alpha.cat\.png: alpha is 8×6 pixels; expected 6×8, as .*fg.cat\.png"
    with pytest.raises(ValueError, match=message):
        find_foregrounds(tiny.folder / "fg", tiny.folder / "alpha")


def test_foregrounds_without_alpha_channel_need_alphas(tiny):
    with pytest.raises(ValueError, match=r"cat\.png: foreground has mode RGB and no alpha channel"):
        find_foregrounds(tiny.folder / "fg")


def test_damaged_headers_are_found_before_the_build(tiny):
    (tiny.folder / "bg" / "b1.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"b1\.png: cannot be read as an image: the file is empty"):
        find_backgrounds(tiny.folder / "bg", 2)
    assert len(find_backgrounds(tiny.folder / "bg", 1)) == 1
