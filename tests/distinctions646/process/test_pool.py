"""Work shared out among processes: the order of results, errors, and the end of the workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from distinctions646.process.engine import Unit
from distinctions646.process.pool import (
    map_ordered,
    map_taken,
    map_unordered,
    paying_workers,
)
from distinctions646.process.workers.kept import keeping_workers


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def divide(dividend: int, divisor: int) -> float:
    return dividend / divisor


def here(item: int) -> tuple[int, str, str | None]:
    time.sleep(0.02)  # so that both workers get some
    return os.getpid(), str(Path.cwd()), os.environ.get("A_SETTING")


def kill_at_two(item: int) -> int:
    if item == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def exit_at_two(item: int) -> int:
    if item == 2:
        os._exit(3)
    return item


def test_one_worker_works_in_this_process() -> None:
    here = list(map_ordered(lambda item: (item, os.getpid()), [1, 2], workers=1))
    assert here == [(1, os.getpid()), (2, os.getpid())]
    assert list(map_unordered([str], [3, 4])) == [(0, "3"), (1, "4")]
    assert list(map_unordered([str, str], [3])) == [(0, "3")]
    assert list(map_ordered(str, [], workers=4)) == []


@pytest.mark.parametrize("chunk", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_results_come_in_the_order_of_the_items(chunk: int) -> None:
    seconds = [0.3, 0.0, 0.1, 0.0, 0.0]
    assert list(map_ordered(sleep, seconds, workers=2, chunk=chunk)) == seconds


def test_results_come_as_they_are_done_each_from_its_function() -> None:
    functions = [partial(divide, 10), partial(divide, 100)]
    done = dict(map_unordered(functions, [1, 2, 4, 5]))
    assert sorted(done) == [0, 1, 2, 3]
    assert all(done[index] in (10 / item, 100 / item) for index, item in enumerate([1, 2, 4, 5]))


def test_an_error_comes_in_place_of_its_result() -> None:
    results = map_ordered(partial(divide, 1), [1, 2, 0, 4], workers=2)
    assert [next(results), next(results)] == [1, 0.5]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_killed_worker_is_one_clear_error() -> None:
    results = map_ordered(kill_at_two, [1, 2, 3, 4], workers=2)
    with pytest.raises(
        OSError, match=r"a worker process was killed by SIGKILL .* with fewer workers"
    ) as error:
        list(results)
    assert error.value.__cause__ is not None


def test_a_worker_that_ends_is_not_said_to_be_killed() -> None:
    results = map_ordered(exit_at_two, [1, 2, 3, 4], workers=2)
    with pytest.raises(OSError, match=r"ended with exit status 3 in the middle of its work"):
        list(results)


def test_processes_pay_where_the_work_then_ends_a_start_sooner() -> None:
    for seconds in range(400):
        processes = paying_workers(seconds, 8, start=2.5)
        assert processes == 1 or seconds / processes + 2.5 <= seconds - 2.5
    assert paying_workers(400, 8, start=2.5) == 8


@pytest.mark.slow
def test_a_killed_worker_is_an_error_in_any_order() -> None:
    results = map_unordered([kill_at_two] * 2, [1, 2, 3, 4])
    with pytest.raises(OSError, match="a worker process was killed"):
        list(results)


def test_workers_are_replaced_after_one_died_and_its_item_is_named() -> None:
    with keeping_workers():
        unit = Unit(name=lambda item: f"number {item}")
        with pytest.raises(OSError, match=r"^number 2: a worker process ended with exit status 3"):
            list(map_unordered([exit_at_two] * 2, [1, 2, 3, 4], unit=unit))
        left = iter([0, 1, 2, 3])
        work = map_taken(exit_at_two, [1, 2, 3, 4], lambda _: next(left, None), workers=2)
        done = dict(work)
        assert [done[index]() for index in (0, 2, 3)] == [1, 3, 4]
        with pytest.raises(OSError, match="exit status 3"):
            done[1]()
        assert len(set(map_ordered(here, range(8), workers=2))) == 2


def test_kept_workers_do_the_next_work_where_and_as_it_is_started(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    still_there: Callable[[list[int]], list[int]],
) -> None:
    with keeping_workers():
        first = set(map_ordered(here, range(8), workers=2))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("A_SETTING", "set")
        with keeping_workers():  # that of the whole command holds
            second = set(map_ordered(here, range(8), workers=2))
        monkeypatch.delenv("A_SETTING")
        third = set(map_ordered(here, range(8), workers=2))
    processes = {process for process, _, _ in first}
    assert len(processes) == 2
    assert second == {(process, str(tmp_path), "set") for process in processes}
    assert third == {(process, str(tmp_path), None) for process in processes}
    assert not still_there(list(processes))


def test_kept_workers_are_changed_where_they_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def processes(workers: int = 2) -> set[int]:
        return {process for process, _, _ in map_ordered(here, range(4), workers=workers)}

    with keeping_workers():
        first = processes()
        assert len(processes(3) | first) == 3
        monkeypatch.setenv("OMP_NUM_THREADS", "7")  # libraries read it when they are loaded
        assert not processes() & first


@pytest.mark.slow
def test_broken_off_work_leaves_no_kept_workers() -> None:
    with keeping_workers():
        outer = map_ordered(here, range(4), workers=2)
        first = {next(outer)[0]}
        inner = {process for process, _, _ in map_ordered(here, range(4), workers=2)}
        assert not inner & (first | {process for process, _, _ in outer})
        results = map_ordered(partial(divide, 1), [1, 0, 1, 1], workers=2)
        with pytest.raises(ZeroDivisionError):
            list(results)
        again = {process for process, _, _ in map_ordered(here, range(4), workers=2)}
        assert not again & first


@pytest.mark.slow
def test_broken_off_work_ends_at_once() -> None:
    start = time.monotonic()
    results = map_ordered(sleep, [0.0, 60.0, 60.0], workers=2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 20


# The commands themselves.

PROGRAM = """
import signal, sys, time
from distinctions646.process.commandline import run_command
from distinctions646.process.pool import map_ordered

def command():
    list(map_ordered(time.sleep, [0, 300, 300], workers=2, begin=begun))

def begun(process):
    print(process, flush=True)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it
    sys.exit(run_command(command))
"""


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGKILL, -9),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_workers_end_with_their_parent(
    tmp_path: Path,
    number: int,
    status: int,
    workers_of: Callable[[int], list[int]],
    still_there: Callable[[list[int]], list[int]],
) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert sorted([parent.stdout.readline(), parent.stdout.readline()]) == ["0\n", "1\n"]
    workers = workers_of(parent.pid)
    assert len(workers) == 2
    parent.send_signal(number)
    errors = parent.communicate(timeout=30)[1]
    assert parent.returncode == status
    assert "Traceback" not in errors
    assert not still_there(workers)
