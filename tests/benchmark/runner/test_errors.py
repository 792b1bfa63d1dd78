"""Bad input stops the runner with one error that says what is wrong."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Constant
from benchmark.run import main
from distinctions646.build.building import main as build
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: (d / "alpha" / "b.png").unlink(), "b"),
        (lambda d: write_png(d / "alpha" / "b.png", np.zeros((24, 29), np.uint8)), "24×29"),
        (
            lambda d: write_png(d / "trimap" / "b.png", np.full((24, 30), 127, np.uint8)),
            "has 127; expected 0, 128, 255",
        ),
        (lambda d: (d / "image" / "b.png").write_bytes(b"\x89PNG"), "b.png"),
    ],
    ids=["missing", "size", "trimap-127", "truncated"],
)
def test_bad_datasets_exit_2(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage,
    message: str,
    start: Callable[..., int],
) -> None:
    damage(dataset)
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error
    assert not list((tmp_path / "runs").glob("*/*/results.parquet"))


def test_method_that_needs_trimaps_says_so(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], start: Callable[..., int]
) -> None:
    for path in (dataset / "trimap").iterdir():
        path.unlink()
    (dataset / "trimap").rmdir()
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 2
    assert "trimap needs trimaps and the dataset discs has none" in capsys.readouterr().err
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 0
    assert "unknown" not in capsys.readouterr().out  # no trimap, no unknown region


def test_misspelt_method_stops_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], start: Callable[..., int]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap", "closed-fort") == 2
    assert "did you mean 'closed-form'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_tampered_build_is_refused(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
    build_options: Callable[[Path, str], list[str]],
) -> None:
    built = tmp_path / "built"
    assert build(build_options(built, "folder")) == 0
    assert start(built, tmp_path / "runs", "--method", "constant") == 0
    truth = built / "test" / "alpha" / "b_0.png"
    write_png(truth, 255 - read_alpha(truth))
    assert start(built, tmp_path / "others", "--method", "constant") == 2
    assert "b_0: its alpha has other pixels than the dataset" in capsys.readouterr().err


def test_a_missing_matte_is_found_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], start: Callable[..., int]
) -> None:
    mattes = tmp_path / "mattes"
    mattes.mkdir()
    write_png(mattes / "a.png", np.zeros((24, 30), np.uint8))
    assert start(dataset, tmp_path / "runs", "--method", f"folder:{mattes}") == 2
    assert "no matte for 2 of 3 images; it has no 'b', 'glass'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_method_that_refuses_an_image_names_it(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
) -> None:
    monkeypatch.setattr(Constant, "__call__", lambda self, image, _: image[..., 0] / 99)
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 2
    assert "error: image a: method constant returned alpha from" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("raise ValueError('too dark')", "too dark"),
        ("return {}['edge']", "KeyError: 'edge' (mine.py, line 7)"),
        ("raise SystemExit(3)", "SystemExit: 3 (mine.py, line 7)"),
        ("raise Odd(1, 2)", "Odd: (1, 2) (mine.py, line 7)"),
    ],
)
def test_an_error_of_a_methods_own_code_names_method_image_and_line(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    workers: str,
    fault: str,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[..., int],
) -> None:
    lines = (
        "class Odd(Exception):",
        "    def __init__(self, one, two): super().__init__(one, two)",
        "class Mine:",
        "    name, needs_trimap, card = 'mine', False, {}",
        "    def __call__(self, image, trimap=None):",
        "        image = image[..., 0]",
        f"        {fault}",
    )
    (tmp_path / "mine.py").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    method = ["--method", "mine:Mine", "--workers", workers]
    assert start(dataset, tmp_path / "runs", *method) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert (
        re.sub("image (a|b|glass):", "image NAME:", message) == f"error: mine, image NAME: {words}"
    )


@pytest.mark.parametrize("where", ["", "class Mine:\n    def __init__(self):\n        "])
def test_a_method_that_ends_the_process_when_it_is_loaded_is_named(
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    where: str,
    monkeypatch: pytest.MonkeyPatch,
    start: Callable[..., int],
) -> None:
    (tmp_path / "mine.py").write_text(f"{where}raise SystemExit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    assert start(dataset, tmp_path / "runs", "--method", "constant", "mine:Mine") == 2
    line = 1 + where.count("\n")
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: method mine:Mine cannot be loaded: SystemExit: 3 (mine.py, line {line})"
    )


def test_an_interrupt_in_a_method_stays_one(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    start: Callable[..., int],
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Constant, "__call__", interrupt)
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_error_before_any_row_leaves_no_folder(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[..., int]
) -> None:
    monkeypatch.setattr(Constant, "__call__", lambda self, image, _: image[..., 0] / 99)
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 2
    assert not list((tmp_path / "runs").glob("*/constant-*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "trimap", "--title", "Mine"], "expected one in --method, got 0"),
        (["--protocol", "paper", "--trimap-rule", "radius-5/v1"], "both say which trimaps"),
        (["--device", "cuda", "cpu"], "several, not all GPUs"),
        (["--limit", "0"], "--limit is 0; expected 1 or more"),
    ],
)
def test_options_that_make_no_sense(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(options)
    assert message in capsys.readouterr().err
