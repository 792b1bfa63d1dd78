"""The command: prints, writes, compares, keeps, fills the README and fails on drift."""

from __future__ import annotations

import errno

import pytest

from benchmark.board.loading import load_boards
from benchmark.leaderboard import main
from benchmark.results.keep import keep
from distinctions646.process import whole_files

FILES = ["markdown", "latex", "csv", "parquet", "json"]
NAMES = [f"pet{place:02d}" for place in range(10)]


@pytest.fixture
def runs(tmp_path, make_run):
    folder = tmp_path / "runs"
    make_run(folder, "knn", {name: [5.0 + place, 7.0] for place, name in enumerate(NAMES)})
    make_run(folder, "closed-form", {name: [3.0 + place, 4.0] for place, name in enumerate(NAMES)})
    return folder


def test_it_prints_the_table_and_writes_the_files(runs, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--results", str(runs), "--out", str(out), "--formats", *FILES]) == 0
    shown = capsys.readouterr().out
    lines = [line.split()[:6] for line in shown.splitlines() if " | " in line]
    assert ["closed-form", "20", "0", "|", "1", "5.750"] in lines
    assert ["knn", "20", "0", "|", "2", "8.250"] in lines
    assert sorted(path.name for path in out.iterdir()) == [
        f"leaderboard.{suffix}" for suffix in ("csv", "json", "md", "parquet", "tex")
    ]


def test_intervals_stand_under_their_numbers(runs, capsys):
    main(["--results", str(runs), "--intervals"])
    lines = capsys.readouterr().out.splitlines()
    (place,) = [place for place, line in enumerate(lines) if line.startswith("closed-form")]
    (board,) = load_boards([runs])
    cell = board.row("closed-form").cells["sad/whole/v1"]
    under = lines[place + 1].split()
    assert under[1] == f"{cell.low:.3f}–{cell.high:.3f}"
    assert lines[place].index("5.750") + 5 == lines[place + 1].index(under[1]) + len(under[1])


def test_two_methods_are_compared(runs, capsys):
    assert main(["--results", str(runs), "--compare", "knn", "closed-form"]) == 0
    shown = capsys.readouterr().out
    assert "knn minus closed-form" in shown
    (board,) = load_boards([runs])
    found = board.compare("knn", "closed-form", "sad/whole/v1")
    line = next(line for line in shown.splitlines() if line.startswith("SAD   whole"))
    assert line.split()[3] == f"{found.mean:.3f}" == "2.500"
    assert f"p {found.p:.2g}" in line
    assert found.p == 2 / 2**10  # every foreground is worse: only it and its mirror reach it


def test_an_unknown_method_cannot_be_compared(runs, capsys):
    for pair, missing in ((["knn", "dim"], "dim"), (["dim", "sim"], "dim and sim")):
        assert main(["--results", str(runs), "--compare", *pair]) == 2
        shown = capsys.readouterr()
        expected = f"--compare: no results of {missing}; expected two of closed-form, knn\n"
        assert shown.err == f"error: {expected}"
        assert shown.out == ""


def test_methods_of_different_test_sets_cannot_be_compared(runs, make_run, capsys):
    make_run(runs, "hatt", {name: [1.0] for name in NAMES}, dataset="birds")
    assert main(["--results", str(runs), "--compare", "knn", "hatt"]) == 2
    assert (
        "no test set has results of both knn and hatt: knn is in pets-test-abababab-cdcdcdcd; "
        "hatt is in birds-test-abababab-cdcdcdcd"
    ) in capsys.readouterr().err


def test_the_readme_is_filled_and_drift_fails(runs, tmp_path, capsys):
    page = tmp_path / "README.md"
    page.write_text("<!-- leaderboard:begin -->\n<!-- leaderboard:end -->\n")
    command = ["--results", str(runs), "--readme", str(page)]
    assert main([*command, "--check"]) == 1
    assert "+| 1 | closed-form | **5.750**" in capsys.readouterr().out
    assert "closed-form" not in page.read_text()
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    page.write_text(page.read_text().replace("5.750", "5.751"))
    assert main([*command, "--check"]) == 1


def test_kept_results_give_the_same_board_without_mattes(runs, tmp_path):
    (matte := runs / "pets-test-abababab-cdcdcdcd/knn-01234567/alpha").mkdir()
    (matte / "pet00_0.png").write_bytes(b"png")
    (runs / "pets-test-abababab-cdcdcdcd/foregrounds.csv").write_text(
        "name,group\n" + "".join(f"{name},{name[-1] > '4'}\n" for name in NAMES)
    )
    keep([runs], tmp_path / "kept")
    assert not list((tmp_path / "kept").rglob("*.png"))
    (before,), (after,) = load_boards([runs]), load_boards([tmp_path / "kept"])
    assert after.rows == before.rows
    assert after.groups == before.groups
    assert len(after.groups) == 2


def test_attributes_of_the_dataset_given_are_kept_beside_the_runs(runs, tmp_path):
    pictures = tmp_path / "pets"
    pictures.mkdir()
    lines = [f"{name},{'hair' if name < 'pet05' else 'net'}" for name in NAMES]
    (pictures / "foregrounds.csv").write_text("\n".join(["name,group", *lines]))
    options = ["--dataset", str(pictures), "--keep", str(tmp_path / "kept")]
    assert main(["--results", str(runs), *options]) == 0
    (board,) = load_boards([tmp_path / "kept"])
    assert [(group.value, group.images) for group in board.groups] == [("hair", 10), ("net", 10)]


def test_keeping_again_replaces_a_method_and_leaves_the_others(runs, tmp_path, make_run):
    keep([runs], tmp_path / "kept")
    new = tmp_path / "new"
    make_run(new, "knn", {name: [1.0, 1.0] for name in NAMES}, method_hash="f" * 12)
    keep([new], tmp_path / "kept")
    (board,) = load_boards([tmp_path / "kept"])
    assert [(row.method, row.method_hash[:2]) for row in board.rows] == [
        ("knn", "ff"),
        ("closed-form", "01"),
    ]


def test_options_that_contradict_are_refused(runs, capsys):
    for options, message in (
        (["--check"], "--check needs --readme"),
        (["--hub", "a/b"], "--hub and --push need --out"),
        (["--out", "x", "--hub", "a/b", "--push", "a/c"], "--hub a/b and --push a/c differ"),
        (["--compare", "knn", "knn"], "--compare needs two different methods"),
        (["--formats", "csv"], "--formats needs --out"),
        (["--single-file"], "--single-file needs --out"),
        (["--curves", "x"], "--curves needs --out"),
        (["--out", "x", "--formats", "csv", "--single-file"], "--single-file is for the page; exp"),
        (["--private"], "--private needs --push"),
    ):
        with pytest.raises(SystemExit):
            main(["--results", str(runs), *options])
        assert message in capsys.readouterr().err


def test_results_that_are_not_there_are_named(tmp_path, capsys):
    assert main(["--results", str(tmp_path / "none")]) == 2
    assert "none: no such folder" in capsys.readouterr().err


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_other_pictures_are_refused_before_a_file_is_written(runs, dataset, tmp_path, capsys):
    page = tmp_path / "README.md"
    page.write_text("<!-- leaderboard:begin -->\n<!-- leaderboard:end -->\n")
    before = page.read_bytes()
    pets = dataset.rename(tmp_path / "pets")
    out, kept = tmp_path / "made" / "out", tmp_path / "kept"
    command = ["--results", str(runs), "--dataset", str(pets), "--out", str(out)]
    assert main([*command, "--keep", str(kept), "--readme", str(page)]) == 2
    error = capsys.readouterr().err
    assert error.endswith("; the results are of pets abababababab\n")  # not of published sets
    assert not out.exists()
    assert not kept.exists()
    assert page.read_bytes() == before


def test_a_readme_without_markers_leaves_no_files(runs, tmp_path, capsys):
    page = tmp_path / "README.md"
    page.write_text("nothing\n")
    out = tmp_path / "out"
    assert main(["--results", str(runs), "--out", str(out), "--readme", str(page)]) == 2
    assert "has no marker" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("written", [0, 3, 5, 9])
def test_a_full_disk_leaves_the_leaderboard_as_it_was(
    runs, make_run, tmp_path, capsys, monkeypatch, written
):
    out = tmp_path / "out"
    command = ["--results", str(runs), "--out", str(out)]
    assert main(command) == 0
    before = contents(out)
    make_run(runs, "hatt", {name: [1.0, 2.0] for name in NAMES})
    count, begin = 0, whole_files._open_locked

    def open_or_fail(path):
        nonlocal count
        count += 1
        if count > written:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return begin(path)

    with monkeypatch.context() as patch:
        patch.setattr(whole_files, "_open_locked", open_or_fail)
        assert main(command) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"error: {out}/")
    assert error.endswith(": cannot be written: No space left on device")
    assert ".partial" not in error
    assert contents(out) == before
    assert main(command) == 0
    assert set(contents(out)) > set(before)


def test_what_a_killed_leaderboard_left_is_removed(runs, tmp_path):
    left = tmp_path / "out" / ".partial-leaderboard" / "new"
    left.mkdir(parents=True)
    (left / "half.md").write_text("half")
    assert main(["--results", str(runs), "--out", str(tmp_path / "out"), "--formats", "csv"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["leaderboard.csv"]
