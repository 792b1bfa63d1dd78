"""The table of file formats: every entry writes a file and is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.board.loading import load_boards
from benchmark.formats import registry
from benchmark.leaderboard import NAMES

DOCS = Path(__file__).parents[3] / "docs" / "leaderboard.md"


@pytest.mark.parametrize("name", registry.FORMATS)
def test_every_format_writes_its_file(name, tmp_path, make_run):
    make_run(tmp_path / "runs", "knn", {"a": [1.0], "b": [2.0]})
    boards = load_boards([tmp_path / "runs"])
    path = registry.write_table(name, boards, tmp_path)
    assert path.suffix == registry.FORMATS[name].suffix
    assert path.read_bytes() == registry.FORMATS[name].render(boards)
    assert b"knn" in path.read_bytes()


def test_the_docs_name_every_format():
    text = DOCS.read_text()
    assert not [name for name in NAMES if f"`{name}`" not in text]
    assert not [form.suffix for form in registry.FORMATS.values() if form.suffix not in text]
