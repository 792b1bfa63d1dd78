"""The table on the screen: columns stay under their headings."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from benchmark.board.loading import load_boards
from benchmark.formats.screen import render_board, show

MakeRun = Callable[..., Path]


def shown(*places: Path, **options: object) -> list[str]:
    boards = load_boards(places)
    return [line for board in boards for line in render_board(board, **options).splitlines()]


def test_a_board_keeps_its_columns_under_their_headings(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "knn", {"a": [1.0], "b": [3.0]}, regions=("whole", "unknown"))
    make_run(tmp_path, "learning-based-pymatting", {"a": [20.0], "b": [200.0]})
    make_run(tmp_path, "folder:theirs", {"a": [4.0], "b": [5.0]}, kind="scored")
    for intervals in (False, True):
        lines = shown(tmp_path, intervals=intervals)
        bars = {
            tuple(place for place, mark in enumerate(line) if mark == "|")
            for line in lines
            if "|" in line
        }
        assert len(bars) == 1
    (line,) = [line for line in shown(tmp_path) if line.startswith("learning-based-pymatting")]
    assert line.split()[1:] == ["2", "0", "|", "1=", "110.000", "0.1100", "|"]
    assert any(line.startswith("theirs (scored)") for line in lines)
    assert any("whole image (protocol paper)" in line for line in lines)


def test_the_notes_say_what_a_reader_must_know(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(
        tmp_path, "knn", {"a": [1.0], "b": [math.nan]}, dataset="mini", not_applicable=("a_0",)
    )
    make_run(tmp_path, "part", {"a": [2.0]}, dataset="mini")
    text = "\n".join(shown(tmp_path))
    assert "synthetic, not comparable with Composition-1k or Distinctions-646" in text
    assert "part: not all of the 2 images, so not ranked." in text
    assert "n/a: the method could not work" in text
    assert "2 values are undefined (no unknown pixel) and left out of the means" in text


def test_show_counts_only_the_images_asked_for(tmp_path: Path, make_run: MakeRun) -> None:
    make_run(tmp_path, "knn", {"a": [1.0], "b": [3.0]})
    for images, expected in ((None, ["2", "0", "|", "1", "2.000"]), (["b_0"], ["1", "0", "|"])):
        text = show([tmp_path], images=images)
        (line,) = [line for line in text.splitlines() if line.startswith("knn ")]
        assert line.split()[1 : 1 + len(expected)] == expected
