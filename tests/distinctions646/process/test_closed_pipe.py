"""Commands whose reader goes away end without a word, with the status of SIGPIPE."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from distinctions646.process.closed_pipe import CLOSED_PIPE, leave_closed_pipes

CONSOLE = [sys.executable, "-m", "distinctions646.console"]
ENDLESS = """
import sys
from distinctions646.process.commandline import run_command
def command():
    while True:
        sys.stdout.write("line\\n" * 1000)
sys.exit(run_command(command))
"""


def end_unread(*command: str) -> tuple[int, str]:
    """Run a command whose output nobody reads; return status and errors."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--list"], ["score", "--help"]])
def test_a_short_output_ends_quietly(arguments):
    assert end_unread(*CONSOLE, *arguments) == (CLOSED_PIPE, "")


def test_a_long_output_ends_quietly():
    assert end_unread(sys.executable, "-c", ENDLESS) == (CLOSED_PIPE, "")


def test_another_broken_pipe_is_an_error():
    code = ENDLESS.replace('sys.stdout.write("line\\n" * 1000)', 'raise BrokenPipeError("worker")')
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: worker\n")
    assert not leave_closed_pipes()
