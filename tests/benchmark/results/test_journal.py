"""The journal keeps whole lines, whatever a kill left behind them."""

from __future__ import annotations

from pathlib import Path

from benchmark.results.journal import Journal, read_journals, remove_journals


def test_rows_come_back_from_all_ranks(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-2") as journal:
        journal.add([{"image_id": "a", "value": 0.1}, {"image_id": "a", "value": None}])
        journal.add([{"image_id": "ü"}])
        assert len(read_journals(tmp_path)) == 3  # they are there at once
    with Journal(tmp_path, "1-of-2") as journal:
        journal.add([{"image_id": "b", "value": float("nan")}])
    rows = read_journals(tmp_path)
    assert [row["image_id"] for row in rows] == ["a", "a", "ü", "b"]
    assert rows[0]["value"] == 0.1
    remove_journals(tmp_path)
    assert read_journals(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_cut_line_counts_as_none_and_spoils_no_other(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([{"image_id": "a"}])
        journal.add([{"image_id": "b"}])
    path = tmp_path / "parts" / "0-of-1.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([{"image_id": "c"}])
    assert [row["image_id"] for row in read_journals(tmp_path)] == ["a", "c"]
