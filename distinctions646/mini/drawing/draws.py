"""Random numbers that never change: the same key gives the same numbers in every version.

NumPy may change how its distributions turn random words into values; it promises not to change
the words of a bit generator. So only Philox words come from NumPy, and the distributions are
written out here. The key is hashed, so that neither the order of work nor the number of workers
can change a picture.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Item = TypeVar("Item")
FloatArray = NDArray[np.float64]
Shape = int | tuple[int, ...]

# A double holds 53 significant bits: the top 53 of a 64-bit word make a uniform number.
_UNIT = 2.0**-53


class Draws:
    """A stream of random numbers named by a key.

    Parameters
    ----------
    *key
        Strings and integers that name the stream; equal keys give equal streams.

    Examples
    --------
    >>> from distinctions646.mini.drawing.draws import Draws
    >>> Draws("hair", 7).uniform(0, 1) == Draws("hair", 7).uniform(0, 1)
    True
    """

    def __init__(self, *key: str | int) -> None:
        self._key = key
        digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
        self._words = np.random.Philox(key=np.frombuffer(digest[:16], np.uint64))

    def child(self, *key: str | int) -> Draws:
        """Return an independent stream; it does not move this one on."""
        return Draws(*self._key, *key)

    def unit(self, shape: Shape) -> FloatArray:
        """Return uniform numbers in [0, 1), float64, of the given shape."""
        count = math.prod(shape) if isinstance(shape, tuple) else shape
        words = np.asarray(self._words.random_raw(count))
        top = np.asarray(words >> np.uint64(11), np.float64)
        return (top * _UNIT).reshape(shape)

    def uniform(self, low: float, high: float) -> float:
        """Return one number, uniform in [low, high)."""
        return low + (high - low) * ((int(self._words.random_raw()) >> 11) * _UNIT)

    def uniforms(self, low: float, high: float, shape: Shape) -> FloatArray:
        """Return an array of numbers, uniform in [low, high)."""
        return low + (high - low) * self.unit(shape)

    def normal(self, spread: float = 1.0) -> float:
        """Return one number of a normal distribution about 0 with this standard deviation."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform(0.0, 1.0)))
        return spread * radius * math.cos(2.0 * math.pi * self.uniform(0.0, 1.0))

    def normals(self, spread: float, shape: Shape) -> FloatArray:
        """Return an array of normal numbers about 0 (Box and Muller's transform)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.unit(shape)))
        return spread * radius * np.cos(2.0 * np.pi * self.unit(shape))

    def integer(self, low: int, high: int) -> int:
        """Return one integer, low and high included."""
        return low + int(self.uniform(0.0, 1.0) * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.uniform(0.0, 1.0) < probability

    def sign(self) -> int:
        """Return -1 or 1."""
        return 1 if self.chance(0.5) else -1

    def weighted(self, items: Sequence[tuple[float, Item]]) -> Item:
        """Return one of the items, each with its weight; the weights sum to 1."""
        roll = self.uniform(0.0, 1.0)
        for weight, item in items[:-1]:
            if roll < weight:
                return item
            roll -= weight
        return items[-1][1]

    def choice(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[self.integer(0, len(items) - 1)]
