"""Results of several folders: the same run once, its parts together, other numbers refused."""

from __future__ import annotations

import re

import pytest

from benchmark.board.loading import load_boards
from benchmark.results import result_table as results
from benchmark.results.keep import keep

SAD = "sad/whole/v1"
ONE, TWO = {"cat": [1.0, 2.0], "dog": [3.0]}, {"fox": [5.0]}


def test_the_same_run_of_two_folders_counts_once(tmp_path, make_run):
    for laboratory in ("a", "b"):
        make_run(tmp_path / laboratory, "knn", ONE)
    (board,) = load_boards([tmp_path / "a", tmp_path / "b"])
    (row,) = board.rows
    assert (row.images, row.cells[SAD].value) == (3, 2.0)


def test_parts_of_a_run_make_up_a_whole(tmp_path, make_run):
    make_run(tmp_path / "a", "knn", ONE)
    make_run(tmp_path / "b", "knn", {**ONE, **TWO})
    make_run(tmp_path / "c", "knn", TWO)
    (board,) = load_boards([tmp_path / name for name in "acb"])
    (row,) = board.rows
    assert (row.images, row.cells[SAD].value) == (4, 11 / 4)


def test_other_numbers_are_refused_with_both_folders(tmp_path, make_run):
    first = make_run(tmp_path / "a", "knn", ONE)
    second = make_run(tmp_path / "b", "knn", {**ONE, "dog": [3.5]})
    wanted = (
        f"{first} and {second}: two runs of knn (0123456789ab) with other numbers: mse/whole/v1 "
    )
    with pytest.raises(ValueError, match=f"^{re.escape(wanted)}of dog_0 is 0.003 in the first and"):
        load_boards([tmp_path / "a", tmp_path / "b"])


def test_another_status_is_another_number(tmp_path, make_run):
    make_run(tmp_path / "a", "knn", ONE)
    make_run(tmp_path / "b", "knn", ONE, not_applicable=("dog_0",))
    wanted = (
        "statuses: the status of mse/whole/v1 of dog_0 is ok in the first and n/a in the second"
    )
    with pytest.raises(ValueError, match=f"with other {wanted}"):
        load_boards([tmp_path / "a", tmp_path / "b"])


def test_a_matte_counts_where_another_run_lacked_memory(tmp_path, make_run):
    make_run(tmp_path / "a", "knn", ONE)
    path = make_run(tmp_path / "b", "knn", {**ONE, "dog": [9.0]}, not_applicable=("dog_0",))
    rows = results.read_rows(path / "results.parquet")
    notes = '{"lacked_memory": true, "reason": "needs 9.0 GB"}'
    rows = [row | {"notes": notes} if row["status"] == "n/a" else row for row in rows]
    results.write(path / "results.parquet", rows)
    for order in (("a", "b"), ("b", "a")):
        (row,) = load_boards([tmp_path / name for name in order])[0].rows
        assert (row.images, row.not_applicable, row.cells[SAD].value) == (3, 0, 2.0)


def test_sums_in_another_order_are_the_same_number(tmp_path, make_run):
    make_run(tmp_path / "a", "knn", ONE)
    make_run(tmp_path / "b", "knn", {"cat": [1.0, 2.0], "dog": [3.0 * (1 + 1e-12)]})
    assert len(load_boards([tmp_path / "a", tmp_path / "b"])[0].rows) == 1


def test_other_code_or_weights_are_no_clash(tmp_path, make_run):
    make_run(tmp_path / "a", "knn", ONE)
    make_run(tmp_path / "b", "knn", {"cat": [9.0, 9.0], "dog": [9.0]}, method_hash="f" * 12)
    (board,) = load_boards([tmp_path / "a", tmp_path / "b"])
    assert len(board.rows) == 1  # the newer one


def test_parts_are_not_kept_as_if_each_were_whole(tmp_path, make_run):
    first = make_run(tmp_path / "a", "knn", ONE)
    second = make_run(tmp_path / "b", "knn", TWO)
    wanted = re.escape(f"{first} and {second}: parts of one run")
    with pytest.raises(ValueError, match=wanted):
        keep([tmp_path / "a", tmp_path / "b"], tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
