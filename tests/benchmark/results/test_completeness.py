"""A results table without one of its rows is refused, not averaged."""

from __future__ import annotations

import json

import pytest

from benchmark.board.loading import load_boards
from benchmark.results import result_table as results
from benchmark.results.journal import FOLDER
from benchmark.verify import main

SAD = {"cat": [1.0, 2.0], "dog": [3.0]}


@pytest.fixture
def run(tmp_path, make_run):
    """Return the table of a run of three images, two metrics, in two regions."""
    folder = make_run(
        tmp_path / "runs",
        "knn",
        SAD,
        regions=("whole", "unknown"),
        images=3,
        config={"metrics": ["sad", "mse"]},
        dataset_root="ab" * 32,
        method_hash="0123456789ab",
    )
    return folder / "results.parquet"


def leave_out(path, wanted):
    """Write a table again, with its hash, without the rows for which `wanted` is true."""
    rows = results.read_rows(path)
    kept = [row for row in rows if not wanted(row)]
    assert 0 < len(kept) < len(rows)
    results.write(path, kept)


def message(capsys, path):
    """Return the error of the leaderboard, which verify-results must name too."""
    with pytest.raises(ValueError, match=r"results\.parquet: ") as caught:
        load_boards([path.parents[2]])
    assert main([str(path.parents[2])]) == 1
    assert f"damaged: {caught.value}\n" in capsys.readouterr().out
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_whole_table_is_read(capsys, run):
    assert len(load_boards([run.parents[2]])) == 1
    assert main([str(run.parents[2])]) == 0


def test_a_row_that_is_missing_is_named(capsys, run):
    leave_out(run, lambda row: (row["image_id"], row["metric"]) == ("cat_1", "mse/unknown/v1"))
    assert message(capsys, run).startswith("has no mse/unknown/v1 of the image cat_1, as of the")


def test_the_first_of_several_is_named(capsys, run):
    leave_out(run, lambda row: row["image_id"] != "dog_0" and row["metric"] == "sad/whole/v1")
    assert message(capsys, run).startswith(
        "has no sad/whole/v1 of the image cat_0 (and of 1 more), as of the others"
    )


def test_an_image_that_is_missing_whole(capsys, run):
    leave_out(run, lambda row: row["image_id"] == "dog_0")
    assert message(capsys, run).startswith("has results of 2 images, and the run card says 3")


@pytest.mark.parametrize("metric", ["mse/whole/v1", "sad/unknown/v1"])
def test_a_metric_that_all_images_lack(capsys, run, metric):
    leave_out(run, lambda row: row["metric"] == metric)
    assert message(capsys, run).startswith(f"has no {metric}, which the run card says was measured")


def test_a_row_that_comes_twice(run):
    rows = results.read_rows(run)
    results.write(run, [*rows, rows[0]])
    with pytest.raises(ValueError, match=r"of the image cat_0 comes twice"):
        load_boards([run.parents[2]])


def test_a_run_that_goes_on_has_a_new_card_and_old_rows(run):
    (run.parent / FOLDER).mkdir()
    card = run.with_name("run.json")
    card.write_text(json.dumps({**json.loads(card.read_text()), "images": 4}))
    assert len(load_boards([run.parents[2]])) == 1
