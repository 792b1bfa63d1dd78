"""`score MATTES --dataset`: one method or several, a table for a paper, whole test sets only."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.score import main
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha


@pytest.fixture
def mattes(dataset, tmp_path):
    """Two methods' mattes of the dataset: the truth, and the truth with noise."""
    folder = tmp_path / "mattes"
    for method, change in (("exact", 0), ("worse", 40)):
        (folder / method).mkdir(parents=True)
        for path in (dataset / "alpha").iterdir():
            alpha_u8 = read_alpha(path).astype(int)
            write_png(folder / method / path.name, np.abs(alpha_u8 - change).astype(np.uint8))
    return folder


def test_several_methods_make_one_latex_table(mattes, dataset, tmp_path, capsys):
    out = tmp_path / "scores"
    command = [str(mattes), "--dataset", str(dataset), "--latex", "--out", str(out)]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert shown.out == (out / "leaderboard.tex").read_text()
    assert shown.out.startswith("% \\usepackage{booktabs,longtable}")
    assert "exact (scored) & 0.000" in shown.out
    assert "worse (scored)" in shown.out
    assert f"written: {out / 'leaderboard.tex'}" in shown.err
    assert f"next: python -m benchmark.leaderboard --results {out}" in shown.err


def test_one_method_is_one_row_with_its_title(mattes, dataset, tmp_path, capsys):
    command = [str(mattes / "worse"), "--dataset", str(dataset), "--title", "Ours"]
    assert main([*command, "--out", str(tmp_path / "scores")]) == 0
    assert "Ours (scored)" in capsys.readouterr().out


def test_a_missing_matte_is_named(mattes, dataset, tmp_path, capsys):
    (mattes / "worse" / "a.png").unlink()
    command = [str(mattes), "--dataset", str(dataset), "--out", str(tmp_path / "scores")]
    assert main(command) == 2
    assert "worse" in capsys.readouterr().err


def test_folders_before_a_wrong_one_leave_no_rows(mattes, dataset, tmp_path, capsys):
    out = tmp_path / "scores"
    command = [str(mattes), "--dataset", str(dataset), "--out", str(out)]
    damaged = next((mattes / "worse").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:60])
    assert main(command) == 2
    assert damaged.name in capsys.readouterr().err
    assert not list(out.rglob("run.json"))
    assert main([str(mattes / "exact"), *command[1:]]) == 0
    assert main(command) == 2
    assert len(list(out.rglob("run.json"))) == 1  # an earlier command's stays


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--alpha-gt", "x"], "--alpha-gt is for mattes without --dataset"),
        (["--region", "unknown"], "--region is for mattes without --dataset"),
        (["--workers", "0"], "--workers is 0; with --dataset expected 1 or more"),
    ],
)
def test_options_of_the_other_form_are_refused(options, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["mattes", "--dataset", "mini", *options])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_without_a_dataset_its_options_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["mattes", "--alpha-gt", "alpha", "--latex"])
    assert "--latex needs --dataset" in capsys.readouterr().err
