"""Ranks: processes that share nothing but the file system, as ``torchrun`` starts them.

Each runs every n-th image and writes a journal of its own. There are no collectives, so a rank
that dies loses nothing, and the rank that ends last joins the results. A second start, with any
number of ranks, runs what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from distinctions646.process.part import Part

ALONE = Part(0, 1)
AUTO = "cuda:auto"


def read_rank(environment: Mapping[str, str]) -> Part:
    """Return the rank of this process from ``RANK`` and ``WORLD_SIZE``; it is alone without them.

    Raises
    ------
    ValueError
        If one is missing or is no number, or the rank is too large.

    Examples
    --------
    >>> read_rank({"RANK": "2", "WORLD_SIZE": "8"}), read_rank({})
    (Part(index=2, count=8), Part(index=0, count=1))
    """
    rank, world = environment.get("RANK"), environment.get("WORLD_SIZE")
    if rank is None and world is None:
        return ALONE
    for name, value in (("RANK", rank), ("WORLD_SIZE", world)):
        if value is None or not value.isdecimal():
            came = "is not set" if value is None else f"is {value!r}"
            raise ValueError(f"{name} {came}; expected a number, as torchrun sets it")
    part = Part(int(rank or 0), int(world or 0))
    if part.index >= part.count:
        raise ValueError(f"RANK is {rank}; expected 0 to WORLD_SIZE - 1, which is {part.count - 1}")
    return part


def rank_devices(devices: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the devices of a rank: ``cuda`` becomes its own GPU, ``cuda:LOCAL_RANK``.

    ``cuda:auto`` becomes the same, or every GPU of this machine where there are no ranks.

    Raises
    ------
    ValueError
        If ``cuda:auto`` finds no GPU.

    Examples
    --------
    >>> rank_devices(("cuda",), {"LOCAL_RANK": "3"})
    ('cuda:3',)
    """
    local = environment.get("LOCAL_RANK")
    if devices in (("cuda",), (AUTO,)) and local is not None and local.isdecimal():
        return (f"cuda:{local}",)
    return _every_gpu() if devices == (AUTO,) else devices


def _every_gpu() -> tuple[str, ...]:
    import torch

    count = torch.cuda.device_count()
    if count == 0:
        raise ValueError(f"--device is {AUTO}, and this machine has no GPU; expected cpu, or none")
    return tuple(f"cuda:{number}" for number in range(count))
