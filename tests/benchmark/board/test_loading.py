"""The board: means, ranks and intervals of runs, tracks and test sets kept apart."""

from __future__ import annotations

import json
import math
import os

import numpy as np
import pytest

from benchmark.board.loading import add_published, load_boards
from benchmark.board.published import is_in_paper, published_beside, read_published
from benchmark.board.published.counterparts import COUNTERPARTS
from benchmark.methods.finding import registered
from benchmark.statistics.intervals import mean_interval

NAMES = [f"pet{place:02d}" for place in range(12)]
SAD = "sad/whole/v1"


def spread(base, step=0.0):
    """Two images of each of 12 foregrounds, the second a bit worse."""
    return {name: [base + place, base + place + step] for place, name in enumerate(NAMES)}


def test_a_cell_is_the_mean_over_images_with_its_clustered_interval(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(10, 2))
    (board,) = load_boards([tmp_path])
    (row,) = board.rows
    cell = row.cells[SAD]
    assert cell.value == pytest.approx(10 + 5.5 + 1)
    values = [value for pair in spread(10, 2).values() for value in pair]
    clusters = [name for name in NAMES for _ in range(2)]
    assert (cell.low, cell.high) == mean_interval(values, clusters)
    assert (row.images, row.not_applicable, row.seconds) == (24, 0, 0.5)
    assert row.cells["mse/whole/v1"].value == pytest.approx(cell.value / 1000)
    assert board.metrics == (SAD, "mse/whole/v1")


def test_rows_are_ranked_within_their_track_only(tmp_path, make_run):
    make_run(tmp_path, "good", spread(1))
    make_run(tmp_path, "bad", spread(50))
    make_run(tmp_path, "free", spread(20), needs_trimap=False)
    (board,) = load_boards([tmp_path])
    assert [(row.method, row.track, row.cells[SAD].rank) for row in board.rows] == [
        ("free", "trimap-free", 1),
        ("good", "trimap-based", 1),
        ("bad", "trimap-based", 2),
    ]
    assert board.of("trimap-free") == board.rows[:1]
    assert board.smallest_difference[SAD] == pytest.approx(0, abs=1e-9)  # they differ by a constant


def test_methods_that_cannot_be_told_apart_are_tied(tmp_path, make_run):
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        make_run(tmp_path, name, {pet: [float(rng.normal(10, 3))] for pet in NAMES})
    (board,) = load_boards([tmp_path])
    assert {(row.cells[SAD].rank, row.cells[SAD].tied) for row in board.rows} == {(1, True)}


def test_test_sets_never_share_a_board(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(1))
    make_run(tmp_path / "wide", "knn", spread(2), rule="dilate-50/v1")
    make_run(tmp_path / "other", "knn", spread(3), dataset="birds")
    boards = load_boards([tmp_path, tmp_path / "wide", tmp_path / "other"])
    assert [(board.dataset, board.trimap_rule, board.protocol_of(SAD)) for board in boards] == [
        ("birds", "dilate-25/v1", "paper"),
        ("pets", "dilate-25/v1", "paper"),
        ("pets", "dilate-50/v1", None),
    ]
    assert boards[2].protocol_of(SAD, "trimap-free") == "paper"


def test_the_protocol_chooses_the_region_that_leads(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(1), regions=("whole", "unknown"))
    for protocol, region in (("paper", "whole"), ("standard", "unknown")):
        (board,) = load_boards([tmp_path], protocol=protocol)
        assert board.metrics[0] == f"sad/{region}/v1"
        assert board.protocol_of(f"sad/{region}/v1") == protocol


def test_rows_that_lack_images_are_listed_without_rank(tmp_path, make_run):
    make_run(tmp_path, "all", spread(1))
    make_run(tmp_path, "some", {"pet03": [2.0, 2.0]})
    (board,) = load_boards([tmp_path])
    some = board.row("some")
    assert (some.images, some.cells[SAD].rank) == (2, None)
    assert board.row("all").cells[SAD].rank == 1
    assert np.isnan(board.values[some.key][SAD]).sum() == 22
    difference = board.compare("some", "all", SAD)
    assert (difference.images, difference.mean) == (2, pytest.approx(-2))


def test_a_limited_run_of_every_method_ranks_nobody(tmp_path, make_run):
    make_run(tmp_path, "knn", {"pet03": [2.0, 2.0]}, images_in_split=24)
    (board,) = load_boards([tmp_path])
    assert board.images_in_split == 24
    assert board.rows[0].cells[SAD].rank is None


def test_what_a_method_could_not_do_is_counted(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(1), not_applicable=("pet03_0", "pet03_1"))
    (board,) = load_boards([tmp_path])
    assert board.rows[0].not_applicable == 2


def test_undefined_values_are_in_no_mean(tmp_path, make_run):
    make_run(tmp_path, "knn", {"pet00": [4.0, math.nan], "pet01": [6.0]})
    (board,) = load_boards([tmp_path])
    assert board.rows[0].cells[SAD].value == 5


def test_groups_and_foregrounds_have_their_own_means(tmp_path, make_run):
    folder = make_run(tmp_path, "knn", spread(10))
    lines = ["name,group,id"]
    lines += [
        f"{name}.png,{'hair' if place < 3 else 'net'},{place}" for place, name in enumerate(NAMES)
    ]
    (folder.parent / "foregrounds.csv").write_text("\n".join(lines))
    (board,) = load_boards([tmp_path])
    hair, net = board.groups
    assert (hair.attribute, hair.value, hair.images, hair.foregrounds) == ("group", "hair", 6, 3)
    key = board.rows[0].key
    assert hair.cells[key][SAD].value == pytest.approx(11)
    assert net.cells[key][SAD].value == pytest.approx(10 + 7)
    third = board.foregrounds[2]
    assert (third.name, third.images, third.attributes["group"]) == ("pet02.png", 2, "hair")
    assert third.values[key][SAD] == 12


def test_attributes_given_must_fit(tmp_path, make_run):
    make_run(tmp_path / "runs", "knn", spread(10))
    path = tmp_path / "foregrounds.csv"
    for text, message in (
        ("name,group\npet00,hair\n", "no line for foreground pet01.png"),
        ("name,group\nhorse,hair\n", "has no foreground of these results"),
        ("pet,group\npet00,hair\n", "line 2 does not fit"),
        ("name,group\npet00\n", "line 2 does not fit"),
        ("name,group\npet00,a\npet00,b\n", "line 3: pet00 comes twice"),
        ("name,group\n", "has no foregrounds"),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_boards([tmp_path / "runs"], attributes=[path])


def test_of_an_edited_method_the_newer_run_counts(tmp_path, make_run, capsys):
    old = make_run(tmp_path, "knn", spread(10))
    new = make_run(tmp_path, "knn", spread(5), method_hash="ffffffffffff")
    card = (old / "run.json").stat()
    for folder, time in ((old, card.st_mtime), (new, card.st_mtime + 5)):
        os.utime(folder / "run.json", (time, time))
    (board,) = load_boards([tmp_path])
    assert [row.method_hash for row in board.rows] == ["ffffffffffff"]
    assert f"{old}: left out" in capsys.readouterr().err


def test_other_weights_are_another_row(tmp_path, make_run):
    make_run(tmp_path, "hatt", spread(10), method_card={"weights": "a"})
    make_run(tmp_path, "hatt", spread(5), method_card={"weights": "b"}, method_hash="f" * 12)
    (board,) = load_boards([tmp_path])
    assert [row.title for row in board.rows] == ["hatt (ffffffff)", "hatt (01234567)"]
    with pytest.raises(ValueError, match="several rows are named hatt"):
        board.row("hatt")


def test_a_folder_of_mattes_is_scored_and_claims_no_freedom_from_trimaps(tmp_path, make_run):
    make_run(tmp_path, "folder:theirs", spread(3), needs_trimap=None, kind="scored")
    make_run(tmp_path, "theirs-named", spread(4), needs_trimap=False, kind="scored")
    (board,) = load_boards([tmp_path])
    assert [(row.kind, row.track, row.seconds) for row in board.rows] == [
        ("scored", "trimap-free", None),
        ("scored", "trimap-based", None),
    ]


def test_an_old_card_asks_the_registered_method(tmp_path, make_run):
    for name in ("distance", "nobodys"):
        folder = make_run(tmp_path / name, name, spread(3))
        (folder / "run.json").write_text(json.dumps({"method": name}))
    (board,) = load_boards([tmp_path / "distance"])
    assert board.rows[0].track == "trimap-based"
    with pytest.raises(ValueError, match="does not say whether nobodys needs a trimap"):
        load_boards([tmp_path / "nobodys"])


def test_points_of_a_sensitivity_curve_are_no_rows(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(3))
    reference = {"rule": "dilate-25/v1", "seed": 0, "own": False}
    make_run(tmp_path, "closed-form", spread(3), reference_trimaps=reference)
    (board,) = load_boards([tmp_path])
    assert [row.method for row in board.rows] == ["knn"]


def test_only_some_images(tmp_path, make_run):
    make_run(tmp_path, "knn", spread(10, 2))
    (board,) = load_boards([tmp_path], images=["pet00_0", "pet00_1"])
    assert board.rows[0].cells[SAD].value == 11


def test_bad_places_are_named(tmp_path, make_run):
    with pytest.raises(ValueError, match="no such folder"):
        load_boards([tmp_path / "nowhere"])
    with pytest.raises(ValueError, match=r"no results\.parquet in it"):
        load_boards([tmp_path])
    folder = make_run(tmp_path, "knn", spread(3))
    (folder / "run.json").write_text("[]")
    with pytest.raises(ValueError, match="no run card"):
        load_boards([tmp_path])
    (folder / "run.json").unlink()
    with pytest.raises(ValueError, match="no run card"):
        load_boards([folder])


@pytest.fixture
def whole_test_set():
    """1,000 images of 50 foregrounds, as Distinctions-646 has."""
    return {f"fg{place:02d}": [60.0 + place] * 20 for place in range(50)}


def test_published_rows_stand_beside_measured_ones_of_the_whole_test_set(
    tmp_path, make_run, whole_test_set
):
    make_run(tmp_path, "knn", whole_test_set, dataset="distinctions646")
    (board,) = load_boards([tmp_path])
    published = [row for row in board.rows if row.kind == "published"]
    dim = next(row for row in published if row.method == "DIM")
    assert dim.cells[SAD].value == 47.56
    assert (dim.year, dim.source) == (2017, "Qiao et al. CVPR 2020 Table 2")
    assert dim.cells[SAD].rank is None
    assert dim.cells[SAD].low is None
    assert dim.key not in board.values
    assert set(dim.cells) == {SAD, "mse/whole/v1"}  # what the measured rows have
    assert board.row("knn").cells[SAD].rank == 1
    with pytest.raises(ValueError, match="has no sad/whole/v1 by image"):
        board.compare("knn", "DIM", SAD)


def test_a_method_that_saw_the_test_set_is_marked_and_not_ranked(tmp_path, make_run):
    names = {"dataset": "composition1k"}
    make_run(tmp_path, "seen", spread(1), method_card={"leak": "aim-500, composition1k"}, **names)
    make_run(tmp_path, "elsewhere", spread(9), method_card={"leak": "aim-500"}, **names)
    (board,) = load_boards([tmp_path])
    seen, elsewhere = board.row("seen"), board.row("elsewhere")
    assert (seen.leak, seen.label, seen.cells[SAD].rank) == (True, "seen †", None)
    assert (elsewhere.leak, elsewhere.label, elsewhere.cells[SAD].rank) == (False, "elsewhere", 1)


def test_measured_rows_know_the_papers_row_of_their_method(tmp_path, make_run, whole_test_set):
    for name in ("knn", "dim", "constant"):
        make_run(tmp_path, name, whole_test_set, dataset="distinctions646")
    make_run(tmp_path, "hatt", whole_test_set, dataset="distinctions646", needs_trimap=False)
    (board,) = load_boards([tmp_path])
    printed = {
        row.method: board.row(row.counterpart).method for row in board.rows if row.counterpart
    }
    assert printed == {"knn": "KNN Matting", "dim": "DIM", "hatt": "HAttMatting"}
    assert all(row.counterpart is None for row in board.rows if row.kind == "published")


def test_every_counterpart_is_a_registered_method_and_a_row_of_the_paper():
    papers = {entry.method for entry in read_published() if is_in_paper(entry)}
    assert set(COUNTERPARTS) <= set(registered())
    assert set(COUNTERPARTS.values()) == papers


def test_the_papers_tables_stand_alone_until_there_are_runs(tmp_path, make_run, whole_test_set):
    make_run(tmp_path, "knn", whole_test_set, dataset="distinctions646")
    boards = add_published(load_boards([tmp_path]))
    assert [(board.dataset, bool(board.image_ids)) for board in boards] == [
        ("distinctions646", True),
        ("composition1k", False),
    ]
    alone = boards[1]
    assert (len(alone.rows), alone.images_in_split, alone.run_folders) == (21, 1000, {})
    assert alone.protocol_of(SAD) == "paper"
    late_fusion = alone.row("Late Fusion")
    assert (late_fusion.track, late_fusion.cells[SAD].value) == ("trimap-free", 58.34)


@pytest.mark.parametrize(
    ("dataset", "rule", "images", "expected"),
    [
        ("mini", "dilate-25/v1", 25, set()),
        ("distinctions646", "dilate-25/v1", 999, set()),
        ("distinctions646", "dilate-10/v1", 1000, {("whole", False)}),
        ("distinctions646-github80", "dilate-10/v1", 1000, {("whole", False)}),
        ("transparent-460", "dilate-10/v1", 1000, set()),
        ("composition1k", "adobe", 1000, {("whole", False), ("unknown", True), ("unknown", False)}),
        ("composition1k", "dilate-25/v1", 1000, {("whole", True), ("whole", False)}),
    ],
)
def test_published_numbers_need_the_same_conditions(dataset, rule, images, expected):
    entries = published_beside(dataset, rule, images)
    assert {(entry.region, entry.trimap) for entry in entries} == expected
