"""The end of a command whose reader has gone, as ``matting run --list | head`` leaves it.

Such a command ends without a word and with the status that a shell shows of a process ended by
SIGPIPE. The signal itself stays ignored, as Python has it: its default action would also end a
process that writes to a worker or a browser that has gone.
"""

from __future__ import annotations

import os
import select
import sys

CLOSED_PIPE = 128 + 13
"""Exit status: what a shell shows of a process that signal 13, SIGPIPE, has ended."""


def flush_output(status: int) -> int:
    """Write out what a command has printed.

    Parameters
    ----------
    status
        Exit status of the command.

    Returns
    -------
    int
        The same, or `CLOSED_PIPE` where nobody reads any more.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        if leave_closed_pipes():
            return CLOSED_PIPE
        raise
    return status


def leave_closed_pipes() -> bool:
    """Let output and errors go nowhere where their reader has gone.

    What Python still holds for them is then written without an error when the process ends.

    Returns
    -------
    bool
        Whether one of them has lost its reader.
    """
    closed = [stream for stream in (sys.stdout, sys.stderr) if _lost_reader(stream)]
    for stream in closed:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    return bool(closed)


def _lost_reader(stream: object) -> bool:
    try:
        number = stream.fileno()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False  # no file, as in a notebook
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(number, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
