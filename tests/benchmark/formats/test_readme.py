"""Tables between markers: filled, found to drift, and refused where they cannot be."""

from __future__ import annotations

import pytest

from benchmark.board.loading import load_boards
from benchmark.formats.readme import fill

PAGE = "# Title\n\n<!-- leaderboard:begin{} -->\nstale\n<!-- leaderboard:end -->\n\nText.\n"


@pytest.fixture
def boards(tmp_path, make_run):
    values = {"a": [1.0], "b": [2.0]}
    make_run(tmp_path / "one", "knn", values, regions=("whole", "unknown"))
    make_run(tmp_path / "two", "closed-form", values, dataset="birds")
    return load_boards([tmp_path / "one", tmp_path / "two"])


def test_a_filled_page_stays_as_it_is(boards):
    page = fill(PAGE.format(""), boards)
    assert "stale" not in page
    assert page.startswith("# Title\n\n<!-- leaderboard:begin -->\n### birds")
    assert page.endswith("<!-- leaderboard:end -->\n\nText.\n")
    assert "### pets" in page
    assert fill(page, boards) == page


def test_markers_choose(boards):
    page = fill(PAGE.format(" dataset=pets region=unknown"), boards)
    assert "birds" not in page
    assert "unknown region" in page
    assert "whole image" not in page


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("# Title\n", "has no marker"),
        ("<!-- leaderboard:begin -->\n", "has no <!-- leaderboard:end -->"),
        (PAGE.format("").replace("end", "stop") + PAGE.format(""), "begin -->' has|begin --> has"),
        (PAGE.format(" dataset=cats"), "no results for the marker's dataset=cats"),
        (PAGE.format(" colour=red"), "marker has 'colour=red'; expected dataset or region"),
    ],
)
def test_a_page_that_cannot_be_filled_is_refused(boards, page, message):
    with pytest.raises(ValueError, match=message):
        fill(page, boards)
