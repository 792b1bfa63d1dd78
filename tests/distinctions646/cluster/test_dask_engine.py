"""Units of work on a Dask cluster: order, notes, errors, second tries, labels of workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from distinctions646.checks.limits import MAX_PIXELS_VARIABLE
from distinctions646.checks.notes import collect, note
from distinctions646.cluster.dask_engine import DaskEngine
from distinctions646.cluster.fitness import UnfitWorkerError
from distinctions646.cluster.options import EngineChoice
from distinctions646.cluster.starting import engine_for
from distinctions646.process.engine import Unit, current_engine, using
from distinctions646.process.pool import map_ordered, map_unordered


def noted_square(item: int) -> int:
    note(f"{item}.png", "odd")
    return item * item


def refuse(item: int, error: type[Exception], at: int) -> int:
    if item == at:
        raise error(f"{item}.png: not as expected")
    return item


def fail_first(item: int, folder: Path, times: int) -> int:
    """Fail the first `times` times that an item is tried."""
    tries = len(list(folder.glob(f"{item}-*")))
    if item == 1 and tries < times:
        (folder / f"{item}-{tries}").touch()
        raise OSError("the disk is away")
    return item


def label(_: int) -> str:
    """Return the label of the worker that does this."""
    from distributed import get_worker

    return str(next(iter(get_worker().state.total_resources)))


def test_results_come_in_order_with_their_notes(engine: DaskEngine) -> None:
    with using(engine), collect() as notes:
        assert list(map_ordered(noted_square, range(7), workers=1, chunk=2)) == [
            item * item for item in range(7)
        ]
    assert {path for path, _ in notes} == {f"{item}.png" for item in range(7)}
    assert current_engine() is None


def test_every_result_comes_once_whatever_the_order(engine: DaskEngine) -> None:
    with using(engine):
        done = list(map_unordered([str], list(range(40))))
        assert list(map_unordered([str], [])) == []
    assert sorted(done) == [(item, str(item)) for item in range(40)]


def test_bad_input_is_raised_as_it_is_and_not_tried_again(
    engine: DaskEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    with using(engine), pytest.raises(ValueError, match=r"^3\.png: not as expected$"):
        list(map_unordered([partial(refuse, error=ValueError, at=3)], range(9)))
    assert "tried again" not in capsys.readouterr().err


def test_an_error_of_a_machine_is_tried_again_with_its_cause(
    engine: DaskEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    function = partial(fail_first, folder=tmp_path, times=2)
    with using(engine):
        done = dict(map_unordered([function], range(3), unit=Unit(name=lambda item: f"i{item}")))
    assert done == {0: 0, 1: 1, 2: 2}
    assert capsys.readouterr().err == "cluster: i1: tried again: the disk is away\n" * 2


def test_after_three_tries_the_error_is_the_commands(engine: DaskEngine, tmp_path: Path) -> None:
    function = partial(fail_first, folder=tmp_path, times=9)
    with using(engine), pytest.raises(OSError, match=r"^the disk is away$"):
        list(map_unordered([function], range(3)))
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(("gpu", "expected"), [(True, "GPU"), (False, "CPU")])
def test_labels_choose_the_workers(engine: DaskEngine, gpu: bool, expected: str) -> None:
    with using(engine):
        assert {where for _, where in map_unordered([label], range(6), unit=Unit(gpu=gpu))} == {
            expected
        }


def test_a_worker_that_is_not_fit_does_no_unit(engine: DaskEngine) -> None:
    wanted = {**engine.fitness.wanted, "numpy": "0.1"}
    engine.fitness = replace(engine.fitness, token="other", wanted=wanted)
    with using(engine), pytest.raises(UnfitWorkerError, match=r"has numpy .*, and this machine 0"):
        list(map_unordered([str], range(2)))


def test_workers_work_in_the_folder_and_with_the_limit_of_the_command(
    engine: DaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_PIXELS_VARIABLE, "77")
    engine.fitness = replace(engine.fitness, token="here", cwd=tmp_path)
    with using(engine):
        assert dict(map_unordered([where_and_limit], range(2))) == {
            0: (str(tmp_path), "77"),
            1: (str(tmp_path), "77"),
        }


def kill_worker(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_a_unit_that_kills_its_workers_is_one_error_with_its_cause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dask = pytest.importorskip("dask")
    settings = {"distributed.scheduler.allowed-failures": 0}
    unit = Unit(name=lambda item: f"image {item}")
    with dask.config.set(settings), engine_for(EngineChoice(cluster="local:2")):
        work = map_unordered([kill_worker], [7, 7], unit=unit)
        with pytest.raises(OSError, match=r"^image 7: its workers were killed .*, 3 times over"):
            list(work)
    assert "image 7: tried again: its workers were killed" in capsys.readouterr().err


def where_and_limit(_: int) -> Any:
    return str(Path.cwd()), os.environ.get(MAX_PIXELS_VARIABLE)


def test_a_lost_connection_is_one_error(engine: DaskEngine) -> None:
    function: Callable[[int], str] = str
    results = map_unordered([function], range(50))
    with using(engine):
        next(results)
        engine.client.close()
        with pytest.raises(OSError, match="is gone; what is finished is kept"):
            list(results)
