"""The table of tabs: every tab is documented, and one more is a file and a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.board.loading import add_published, load_boards
from benchmark.page.tabs import registry
from benchmark.page.tabs.tab import BoardTab
from benchmark.page.writing import write_page

DOCS = Path(__file__).parents[3] / "docs" / "page.md"


def test_the_docs_name_every_tab():
    text = DOCS.read_text()
    assert not [tab.title for tab in registry.TABS if tab.title not in text]


def test_names_are_unique():
    names = [tab.name for tab in registry.TABS]
    assert len(set(names)) == len(names)


def test_one_more_tab_is_written_and_in_the_navigation(tmp_path, make_run, monkeypatch):
    make_run(tmp_path / "runs", "knn", {"a": [1.0], "b": [2.0]})

    def add_summary(site, page):
        key = summary.key(page)
        site.add_view(key, "images.html", "Summary", shown=(), thumbnails={}, **page.common(key))

    summary = BoardTab("summary", "Summary of errors", add_summary)
    monkeypatch.setattr(registry, "TABS", (*registry.TABS, summary))
    boards = load_boards([tmp_path / "runs"])
    index = write_page(boards, tmp_path / "page", datasets={}).read_text()
    assert f'href="{boards[0].key}/summary.html">Summary of errors' in index
    assert (tmp_path / "page" / boards[0].key / "summary.html").is_file()


def test_a_tab_without_what_it_needs_is_left_out(tmp_path, make_run):
    make_run(tmp_path / "runs", "knn", {"a": [1.0], "b": [2.0]})
    boards = load_boards([tmp_path / "runs"])
    index = write_page(boards, tmp_path / "page", datasets={}).read_text()
    assert "Compare two methods" not in index  # there is one method
    assert "Trimap curves" not in index  # and no study of trimaps


def test_measured_rows_stand_beside_the_papers_with_the_difference(tmp_path, make_run, read_page):
    """And the paper's table of a dataset without runs is there, without views of its own."""
    sad = {f"fg{place:02d}": [60.0 + place] * 20 for place in range(50)}
    make_run(tmp_path / "runs", "dim", sad, dataset="distinctions646")
    leak = {"paper": "none", "leak": "distinctions646"}
    make_run(tmp_path / "runs", "seen", sad, dataset="distinctions646", method_card=leak)
    boards = add_published(load_boards([tmp_path / "runs"]))
    page = write_page(boards, tmp_path / "page", datasets={})
    elements = read_page(page)
    differences = {
        (element.attributes["data-row"], element.attributes["data-metric"]): float(
            element.attributes["data-difference"]
        )
        for element in elements
        if element.attributes.get("data-difference")
    }
    assert differences == {
        ("dim-01234567", "sad/whole/v1"): pytest.approx(84.5 - 47.56),
        ("dim-01234567", "mse/whole/v1"): pytest.approx(0.0845 - 0.009),
    }
    tables = {element.attributes.get("data-board") for element in elements}
    assert {boards[0].key, "composition1k-published"} <= tables
    assert [path.name for path in (tmp_path / "page").glob("composition1k-published/*")] == []
    assert "seen †" in page.read_text()
    chips = [element for element in elements if element.attributes.get("class") == "chip leak"]
    assert len(chips) == 2  # in the legend and at the row
    card = (tmp_path / "page" / boards[0].key / "methods" / "seen-01234567.html").read_text()
    assert "<dt>Leak</dt><dd>distinctions646</dd>" in card
    assert "<dt>GMAC at 512²</dt>" in card
