"""`score MATTES --dataset`: one method or several, a table for a paper, whole test sets only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.score import main
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha
from distinctions646.loading.opening import load, open_split
from distinctions646.sources import datasets


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


@pytest.fixture
def composition1k(tmp_path, monkeypatch):
    """Composition-1k as two foregrounds over two backgrounds, as the official program wrote it."""
    known = datasets.DATASETS["composition1k"]
    layout = known.archive["test"]
    layout = replace(
        layout,
        foregrounds=replace(layout.foregrounds, count=2),
        backgrounds=replace(layout.backgrounds, count=4),
        per_foreground=2,
    )
    small = replace(known, archive={**known.archive, "test": layout})
    monkeypatch.setattr(datasets, "DATASETS", {**datasets.DATASETS, "composition1k": small})
    monkeypatch.setattr(
        "distinctions646.loading.archive_sets.DATASETS", {"composition1k": small}, raising=True
    )
    folder = tmp_path / "composed"
    for foreground in ("cat", "dog_x"):
        for k in range(2):
            for kind, shape in (("image", (6, 8, 3)), ("alpha", (6, 8)), ("trimap", (6, 8))):
                (folder / kind).mkdir(parents=True, exist_ok=True)
                write_png(folder / kind / f"{foreground}_{k}.png", np.zeros(shape, np.uint8))
    return folder


def test_a_named_dataset_knows_its_foregrounds(composition1k):
    split = open_split(f"composition1k:{composition1k}")
    assert split.name == "composition1k"
    assert [sample.foreground for sample in split.samples] == ["cat", "cat", "dog_x", "dog_x"]
    assert load(f"composition1k:{composition1k}")["foreground"][-1] == "dog_x"


def test_half_a_named_dataset_is_refused(composition1k):
    for kind in ("image", "alpha", "trimap"):
        (composition1k / kind / "cat_1.png").unlink()
    with pytest.raises(ValueError, match=r"has 3 images; Composition-1k test has 4, and a part"):
        open_split(f"composition1k:{composition1k}")


def test_other_pictures_under_its_name_are_refused(composition1k):
    for kind in ("image", "alpha", "trimap"):
        (composition1k / kind / "cat_1.png").rename(composition1k / kind / "cow_1.png")
    with pytest.raises(ValueError, match=r"has 3 foregrounds; Composition-1k test has 2, with 2"):
        open_split(f"composition1k:{composition1k}")
