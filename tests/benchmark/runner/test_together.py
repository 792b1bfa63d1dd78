"""Several methods share the worker processes: who does what, and what comes out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from baselines.trivial import Constant, Distance
from benchmark.results import result_table as results
from benchmark.runner.shared.turns import Share, Sharing
from distinctions646.images.png import write_png

Start = Callable[..., int]


class Tall(Constant):
    """Refuses a white image; the worker processes import it."""

    name = "tall"

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        if image.min() == 255:
            raise ValueError("cannot bear white")
        return super().__call__(image, trimap)


class Unsteady(Distance):
    """Is slow, has no card, and its process dies as a variable says of a white image."""

    name = "unsteady"
    card: ClassVar = {}

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        if image.min() == 255:
            if os.environ["DEATH"] == "exit":
                os._exit(1)
            os.kill(os.getpid(), getattr(signal, os.environ["DEATH"]))
        return super().__call__(image, trimap)


class Slow(Distance):
    """Takes a second an image."""

    name = "slow"

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        time.sleep(1)
        return super().__call__(image, trimap)


def shares(*speeds: float | None, images: int = 4, **settings: float) -> Sharing:
    return Sharing([Share([1.0] * images, speed, **{"start": 0.5, **settings}) for speed in speeds])


def test_a_process_stays_with_a_job_and_then_begins_the_next() -> None:
    sharing = shares(None, None, None, images=2)
    taken = [sharing.take(process) for process in (0, 1, 0, 1, 0, 0)]
    assert taken == [0, 2, 1, 3, 4, 5]
    assert [sharing.job_of(image) for image in (1, 4)] == [(0, 1), (2, 0)]
    assert sharing.take(0) is None


def test_a_process_helps_once_the_speed_is_known_and_where_that_pays() -> None:
    sharing = shares(None)
    assert sharing.take(0) == 0
    assert sharing.take(1) is None
    sharing.tell(0, 10.0)  # loading and compiling, too: it counts while there is no other
    assert [sharing.take(process) for process in (0, 1)] == [1, 2]
    sharing.tell(1, 0.1)
    assert sharing.take(2) is None  # 0.1 s are left


def test_it_helps_with_what_takes_longest() -> None:
    sharing = shares(1.0, 9.0)
    assert [sharing.take(process) for process in (0, 1, 2)] == [0, 4, 5]


def test_a_network_is_loaded_again_only_for_long_work() -> None:
    short, long = shares(1.0, start=4.0), shares(9.0, start=4.0)
    assert [short.take(process) for process in (0, 1)] == [0, None]
    assert [long.take(process) for process in (0, 1)] == [0, 1]


def test_few_images_of_unknown_speed_are_shared_at_once() -> None:
    sharing = shares(None, tried=False)
    assert [sharing.take(process) for process in (0, 1, 2)] == [0, 1, 2]


def test_what_is_behind_an_error_is_left_out() -> None:
    sharing = shares(None, None, None)
    assert [sharing.take(process) for process in (0, 1)] == [0, 4]
    sharing.drop(1)
    assert [sharing.take(process) for process in (1, 0, 0, 0, 0)] == [None, 1, 2, 3, None]


def tables(out: Path) -> dict[str, pd.DataFrame]:
    found = map(results.read, out.glob("*/*/results.parquet"))
    return {table["method"].iloc[0]: table.drop(columns="seconds") for table in found}


@pytest.mark.slow
def test_results_are_those_of_one_process(
    dataset: Path,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    methods = ("--method", "constant", "distance", "trimap")
    said = []
    for workers in ("1", "2"):
        with monkeypatch.context() as one_by_one:
            if workers == "2":
                one_by_one.delattr("benchmark.runner.shared.together.run_job")
            assert start(dataset, tmp_path / workers, *methods, "--workers", workers) == 0
        said.append(capsys.readouterr())
    one, two = tables(tmp_path / "1"), tables(tmp_path / "2")
    assert one.keys() == two.keys() == {"constant", "distance", "trimap"}
    for name in one:
        pd.testing.assert_frame_equal(one[name], two[name])
    assert said[0].out == said[1].out.replace(str(tmp_path / "2"), str(tmp_path / "1"))
    assert not list((tmp_path / "2").rglob("*.jsonl"))
    assert start(dataset, tmp_path / "2", *methods, "--workers", "2") == 0
    assert capsys.readouterr().err.count("done before") == 3


@pytest.mark.slow
def test_an_error_waits_for_the_methods_before_it(
    dataset: Path, tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(dataset / "image" / "b.png", np.full((24, 30, 3), 255, np.uint8))
    methods = ("--method", "distance", f"{__name__}:Tall", "trimap")
    assert start(dataset, tmp_path / "runs", *methods, "--workers", "2") == 2
    assert "image b: cannot bear white" in capsys.readouterr().err.splitlines()[-1]
    assert list(tables(tmp_path / "runs")) == ["distance"]
    assert start(dataset, tmp_path / "runs", "--method", "distance") == 0
    assert "done before" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("death", "words"),
    [
        ("exit", "a worker process ended with exit status 1"),
        ("SIGSEGV", "a worker process was killed by SIGSEGV"),
        ("SIGKILL", "a worker process was killed by SIGKILL (out of memory?)"),
    ],
)
def test_a_worker_that_dies_takes_no_method_before_its_own_with_it(
    dataset: Path,
    tmp_path: Path,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    death: str,
    words: str,
) -> None:
    write_png(dataset / "image" / "b.png", np.full((24, 30, 3), 255, np.uint8))
    monkeypatch.setenv("DEATH", death)
    methods = ("--method", f"{__name__}:Slow", "distance", f"{__name__}:Unsteady", "trimap")
    assert start(dataset, tmp_path / "runs", *methods, "--workers", "2") == 2
    assert f"error: unsteady, image b: {words}" in capsys.readouterr().err.splitlines()[-1]
    assert set(tables(tmp_path / "runs")) == {"slow", "distance"}
    assert not list((tmp_path / "runs").glob("*/trimap-*"))
