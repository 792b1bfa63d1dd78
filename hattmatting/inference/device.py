"""The device that a user names, and the threads of a processor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from distinctions646.checks.reasons import reason_of

SMALL = 640 * 640
"""Pixels of an input up to which one thread is used: several wait for each other after every small
layer, and on a busy machine 2 took 30 times the processor time of one at 448×448."""


def find_device(name: str) -> torch.device:
    """Return the device of a name, or one clear error.

    Parameters
    ----------
    name
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``, …

    Raises
    ------
    ValueError
        If torch knows no such device, or this machine has none.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = reason_of(error).partition(". ")[0][:200]
        raise ValueError(f"device {name!r} cannot be used here: {reason}") from None
    return device


@contextlib.contextmanager
def fitting_threads(device: torch.device, pixels: int) -> Iterator[None]:
    """Limit torch to one thread for a small input on a processor; afterwards it has its own again.

    Parameters
    ----------
    device
        Where the network is.
    pixels
        Height times width of the largest input.
    """
    if device.type != "cpu" or pixels > SMALL:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
