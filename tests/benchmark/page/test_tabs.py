"""The table of tabs: every tab is documented, and one more is a file and a line."""

from __future__ import annotations

from pathlib import Path

from benchmark.board.loading import load_boards
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
