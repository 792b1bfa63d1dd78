"""Errors that cross from a worker process to its parent, and why a worker ended."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from distinctions646.checks.workers import Catching, Failure, WorkerError, returned, why_ended
from distinctions646.process.pool import map_ordered


class TwoArgumentsError(Exception):
    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} in {where}")


class ChangedError(ValueError):
    """Is built again with its message as `what`, and so would say more than it did."""

    def __init__(self, what: str) -> None:
        super().__init__(f"bad {what}")


class SilentError(OSError):
    def __str__(self) -> str:
        raise TypeError


def raising(error: BaseException) -> Callable[[int], int]:
    def function(item: int) -> int:
        if item == 2:
            raise error
        return item

    return function


def two_arguments_at_two(item: int) -> int:
    return raising(TwoArgumentsError("a hole", "the sky"))(item)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (KeyError("a"), KeyError, "'a'"),
        (FileNotFoundError(2, "none", "a.png"), FileNotFoundError, "[Errno 2] none: 'a.png'"),
        (UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"), UnicodeDecodeError, "'ascii' codec"),
        (SystemExit(3), SystemExit, "3"),
        (TwoArgumentsError("a", "b"), Exception, "TwoArgumentsError: a in b"),
        (ChangedError("size"), ValueError, "ChangedError: bad size"),
        (SilentError("x"), OSError, "SilentError: <no message>"),
        (type("Local", (KeyError,), {})("a"), RuntimeError, "Local: 'a'"),
        (
            type("Local", (UnicodeDecodeError,), {})("ascii", b"a", 0, 1, "no"),
            RuntimeError,
            "Local",
        ),
    ],
)
def test_any_error_keeps_its_type_or_says_it(
    error: BaseException, kind: type[BaseException], message: str
) -> None:
    call = Catching(raising(error))
    assert returned(call(1)) == 1
    with pytest.raises(kind) as raised:
        returned(call(2))
    assert type(raised.value) is kind
    assert str(raised.value).startswith(message)
    assert isinstance(raised.value.__cause__, WorkerError)
    assert "in function" in str(raised.value.__cause__)


@pytest.mark.parametrize("error", [OSError("full"), TwoArgumentsError("a", "b")])
def test_notes_on_an_error_come_with_it(error: Exception) -> None:
    error.__dict__["__notes__"] = ["image a"]
    with pytest.raises(Exception, match=r"full|a in b") as raised:
        returned(Catching(raising(error))(2))
    assert raised.value.__dict__["__notes__"] == ["image a"]


def test_an_error_whose_module_the_parent_lacks_is_said() -> None:
    unknown = Failure(b"cnowhere\nError\n.", ValueError, "Error: text", "")
    with pytest.raises(ValueError, match=r"^Error: text$"):
        returned(unknown)


def test_an_error_that_cannot_be_unpickled_comes_in_place_of_its_result() -> None:
    results = map_ordered(two_arguments_at_two, [1, 2, 3], workers=2)
    assert next(results) == 1
    with pytest.raises(Exception, match=r"^TwoArgumentsError: a hole in the sky$") as error:
        next(results)
    assert "two_arguments_at_two" in str(error.value.__cause__)


def test_only_a_signal_kills() -> None:
    killed = why_ended(-signal.SIGKILL, begun=True)
    assert killed == (
        "a worker process was killed by SIGKILL (out of memory?); run the same command again with "
        "fewer workers"
    )
    assert "by SIGSEGV;" in why_ended(-signal.SIGSEGV, begun=False)
    assert "by signal 99;" in why_ended(-99, begun=True)
    for other in (why_ended(3, begun=True), why_ended(1, begun=False), why_ended(None, begun=True)):
        assert "a worker process ended" in other
        assert "killed" not in other
        assert "memory" not in other


SCRIPT = """
import sys
from distinctions646.process.pool import map_ordered
from distinctions646.process.workers.kept import keeping_workers

try:
    with keeping_workers():
        print(list(map_ordered(abs, [-1, 2], workers=WORKERS)))
except OSError as error:
    sys.exit(str(error))
"""
GUARD = 'if __name__ == "__main__":'


def run_script(tmp_path: Path, text: str, *, stdin: bool = False) -> tuple[str, list[str]]:
    script = tmp_path / "script.py"
    script.write_text(text)
    with script.open() as opened:
        done = subprocess.run(
            [sys.executable, "-" if stdin else str(script)],
            stdin=opened,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    return done.stdout, done.stderr.splitlines()


def test_a_script_without_a_guard_is_one_clear_line(tmp_path: Path) -> None:
    _, errors = run_script(tmp_path, SCRIPT.replace("WORKERS", "2"))
    assert len(errors) == 1
    assert errors[0].startswith(f"script.py: a script that starts workers needs `{GUARD}`")


@pytest.mark.slow
def test_a_script_whose_import_fails_is_told_of_the_guard(tmp_path: Path) -> None:
    lock = 'import os\n\nopen("LOCK", "x")\n'.replace("LOCK", str(tmp_path / "lock"))
    _, errors = run_script(tmp_path, lock + SCRIPT.replace("WORKERS", "2"))
    assert any(line.startswith("FileExistsError") for line in errors)
    assert "ended with exit status 1 before its work" in errors[-1]
    assert f"script.py: a script that starts workers needs `{GUARD}`" in errors[-1]


def test_a_script_from_standard_input_starts_no_workers(tmp_path: Path) -> None:
    _, errors = run_script(tmp_path, SCRIPT.replace("WORKERS", "2"), stdin=True)
    assert len(errors) == 1
    assert errors[0].startswith("<stdin>: workers import the script that starts them")
    output, errors = run_script(tmp_path, SCRIPT.replace("WORKERS", "1"), stdin=True)
    assert (output, errors) == ("[1, 2]\n", [])
