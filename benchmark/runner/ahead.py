"""Groups of images of one size for a GPU, decoded by a thread ahead of the one at work.

A method gets one image at a time, as its contract says. Images of one size in a row keep the plans
and the memory that a network has chosen for that size, and a GPU does not wait for a decoder.
"""

from __future__ import annotations

import contextvars
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING

from benchmark.runner.image import read_pixels, score_image

if TYPE_CHECKING:
    from benchmark.runner.image import Item, Row, Task

GROUP = 8
"""Images that a process takes at a time, at most: so many rows does a killed run lose."""


def equal_sizes(items: Sequence[Item]) -> list[tuple[Item, ...]]:
    """Return groups of at most `GROUP` items of one size, the largest images first."""

    def size(item: Item) -> tuple[int, int]:
        height, width = item.sample.size()
        return -height, -width

    groups = []
    for _, same in groupby(sorted(items, key=size), size):
        together = tuple(same)
        groups += [together[start : start + GROUP] for start in range(0, len(together), GROUP)]
    return groups


def score_group(task: Task, items: Sequence[Item]) -> list[list[Row]]:
    """Predict and score images in order; the next one's pictures are decoded meanwhile.

    Returns
    -------
    list of list of dict
        Of each item as `score_image` returns them.

    Raises
    ------
    ValueError
        As `score_image`.
    """
    rows = []
    with ThreadPoolExecutor(1) as pool:
        # A context of its own for each: notes of a thread go where those of this one go.
        ahead = pool.submit(contextvars.copy_context().run, read_pixels, items[0])
        for number, item in enumerate(items):
            pixels = ahead.result()
            if number + 1 < len(items):
                context = contextvars.copy_context()
                ahead = pool.submit(context.run, read_pixels, items[number + 1])
            rows.append(score_image(task, item, pixels))
    return rows
