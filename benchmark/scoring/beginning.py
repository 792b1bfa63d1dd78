"""What a process does before it scores."""

from __future__ import annotations

from benchmark.metrics.kernels.choosing import CHOICE
from distinctions646.process.compiling import tell_compiling


def begin_scoring(images: int, pixels: int, process: int = 0) -> None:
    """Prepare a process that will score mattes.

    Parameters
    ----------
    images
        How many mattes it will score.
    pixels
        Of each, about.
    process
        Its number among those that share the work: the first speaks for all, which compile the
        same.
    """
    if process == 0:
        tell_compiling()
    CHOICE.expect(images, pixels)
