"""What every command shares: one clear error, exit statuses, help that begins with an example."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from distinctions646.process.commandline import make_parser, run_command

COMMANDS = (
    "distinctions646.build",
    "distinctions646.audit",
    "distinctions646.doctor",
    "distinctions646.generate",
    "distinctions646.publish",
    "distinctions646.verify",
    "benchmark.run",
    "benchmark.score",
    "benchmark.figure",
    "benchmark.inspect_pair",
    "benchmark.leaderboard",
    "benchmark.sensitivity",
    "benchmark.verify",
    "hattmatting.ablate",
    "hattmatting.export",
    "hattmatting.inspect_attention",
    "hattmatting.predict",
    "hattmatting.train",
)


def fail(error: type[BaseException]) -> None:
    raise error("photo.png: what was wrong")


@pytest.mark.parametrize("error", [ValueError, OSError])
def test_bad_input_is_one_line_and_status_2(
    error: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(lambda: fail(error)) == 2
    assert capsys.readouterr().err == "error: photo.png: what was wrong\n"


def test_other_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(lambda: None) == 0
    assert run_command(lambda: 1) == 1
    assert run_command(lambda: fail(KeyboardInterrupt)) == 130
    with pytest.raises(ZeroDivisionError):  # a fault of ours must not look like the user's
        run_command(lambda: fail(ZeroDivisionError))


def test_the_error_is_below_the_bars(capsys: pytest.CaptureFixture[str]) -> None:
    from tqdm import tqdm

    bar = tqdm(range(3))

    def command() -> None:
        next(iter(bar))
        raise ValueError("photo.png: what was wrong")

    assert run_command(command) == 2
    assert capsys.readouterr().err.endswith("\nerror: photo.png: what was wrong\n")


def test_links_in_circles_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python before 3.13 has a `RuntimeError` for them."""
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert run_command(lambda: loop.resolve(strict=True) and None) == 2
    assert str(loop) in capsys.readouterr().err
    with pytest.raises(RuntimeError):
        run_command(lambda: fail(RuntimeError))


def test_a_thread_that_loses_its_partner_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As that of multiprocessing, which hands its exceptions to `sys.excepthook`."""
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)

    def report(error: Exception) -> None:
        thread = threading.Thread(target=lambda: sys.excepthook(type(error), error, None))
        thread.start()
        thread.join()

    assert run_command(lambda: report(ConnectionResetError(104, "reset"))) == 0
    assert capsys.readouterr().err == ""
    assert run_command(lambda: report(ValueError("a fault of ours"))) == 0
    assert "a fault of ours" in capsys.readouterr().err
    assert sys.excepthook is sys.__excepthook__


def test_sigterm_is_one_line_and_leaves_the_handler_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert run_command(lambda: os.kill(os.getpid(), signal.SIGTERM)) == 143
    assert capsys.readouterr().err == "terminated; run the same command again to resume\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_defaults_are_shown_where_there_are_any() -> None:
    parser = make_parser("python -m thing", "Do a thing.\n\n    python -m thing --size 3")
    parser.add_argument("--size", type=int, default=3, help="how large")
    parser.add_argument("--name", help="what it is called")
    shown = parser.format_help()
    assert shown.startswith("Do a thing.\n\n    python -m thing --size 3")
    assert "how large (default: 3)" in shown
    assert "None" not in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_begins_with_an_example_and_needs_no_torch(command: str) -> None:
    code = (
        "import sys, runpy\n"
        "sys.argv = [sys.argv[1], '--help']\n"
        "try:\n    runpy.run_module(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as stop:\n    assert not stop.code\n"
        "heavy = {'torch', 'datasets', 'numba', 'pymatting', 'timm', 'matplotlib', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"python -m {command}" in "\n".join(done.stdout.splitlines()[:6])


def test_a_missing_extra_is_also_named_for_a_clone(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> None:
        raise ValueError("gradio is missing; pip install 'distinctions646[demo]'")

    assert run_command(command) == 2
    assert "'distinctions646[demo]', in a clone '.[demo]'" in capsys.readouterr().err
