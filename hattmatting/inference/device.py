"""The device that a user names."""

from __future__ import annotations

import torch


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
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {name!r} cannot be used here: {reason}") from None
    return device
