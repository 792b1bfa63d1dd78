"""The journal keeps whole lines, whatever a kill left behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.results.journal import Journal, read_journals, remove_journals
from distinctions646.process.locks import BusyError


def row(image: str, **changes: object) -> dict[str, object]:
    return {
        "dataset": "mini",
        "dataset_root": "ab" * 32,
        "method": "knn",
        "method_hash": "0123456789ab",
        "image_id": image,
        "foreground": "cat.png",
        "metric": "sad/whole/v1",
        "region": "whole",
        "trimap_rule": None,
        "value": 0.25,
        "status": "ok",
        "notes": "{}",
        "seconds": 0.5,
        **changes,
    }


def test_rows_come_back_from_all_ranks(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-2") as journal:
        journal.add([row("a", value=0.1), row("a", metric="mse/whole/v1")])
        journal.add([row("ü")])
        assert len(read_journals(tmp_path)) == 3  # they are there at once
    with Journal(tmp_path, "1-of-2") as journal:
        journal.add([row("b", value=float("nan"))])
    rows = read_journals(tmp_path)
    assert [row["image_id"] for row in rows] == ["a", "a", "ü", "b"]
    assert rows[0]["value"] == 0.1
    remove_journals(tmp_path)
    assert read_journals(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_cut_line_counts_as_none_and_spoils_no_other(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([row("a")])
        journal.add([row("b")])
    path = tmp_path / "parts" / "0-of-1.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([row("c")])
    assert [row["image_id"] for row in read_journals(tmp_path)] == ["a", "c"]


def test_a_flipped_bit_counts_as_none(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([row("a")])
    path = tmp_path / "parts" / "0-of-1.jsonl"
    whole = path.read_bytes()
    rows = read_journals(tmp_path)
    for bit in range(8 * len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert read_journals(tmp_path) in ([], rows)
    path.write_text(json.dumps([row("old")]) + "\n")  # lines once had no checksum
    assert read_journals(tmp_path) == [row("old")]


def test_a_row_that_the_runner_does_not_write_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([row("a", value="0.1")])
    with pytest.raises(ValueError, match=r"0-of-1\.jsonl: row 0: value is '0\.1'; expected a num"):
        read_journals(tmp_path)


def test_two_processes_do_not_write_one_journal(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1"):
        with pytest.raises(BusyError, match=r"0-of-1\.jsonl: another process runs this"):
            Journal(tmp_path, "0-of-1").__enter__()
        with Journal(tmp_path, "0-of-2"):
            pass


def test_an_empty_journal_leaves_no_folder_behind(tmp_path: Path) -> None:
    with Journal(tmp_path / "run", "0-of-2") as journal:
        with Journal(tmp_path / "run", "1-of-2"):
            pass
        journal.add([row("a")])
    assert [path.name for path in (tmp_path / "run" / "parts").iterdir()] == ["0-of-2.jsonl"]
    with Journal(tmp_path / "other", "0-of-1"):
        pass
    assert not (tmp_path / "other").exists()


def test_a_journal_that_vanishes_is_an_error(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-1") as journal:
        journal.add([row("a")])
        journal.path.unlink()
        with pytest.raises(OSError, match=r"0-of-1\.jsonl: vanished while the run wrote it"):
            journal.add([row("b")])


def test_a_journal_that_is_still_written_stays(tmp_path: Path) -> None:
    with Journal(tmp_path, "0-of-2") as journal:
        journal.add([row("a")])
        remove_journals(tmp_path)
        journal.add([row("b")])
    assert len(read_journals(tmp_path)) == 2
