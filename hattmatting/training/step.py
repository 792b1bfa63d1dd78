"""Errors of a training step."""

from __future__ import annotations

import math


class NotFiniteError(ValueError):
    """A loss or gradient is NaN or infinite; `numbers` are the samples that it may come from."""

    def __init__(self, what: str, value: float, numbers: list[int]) -> None:
        shown = "not finite in another process" if math.isfinite(value) else f"{value}"
        super().__init__(f"the {what} is {shown}")
        self.numbers = numbers
