"""What a trimap rule is: the form of its ids, and the function that makes trimaps by it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

LARGEST = 200
"""The largest number in most rules' ids; the smallest is 1."""
FULL_SIZE = 1500
"""Pixels of the long side from which on a rule's numbers are not scaled down."""


@dataclass(frozen=True)
class Draws:
    """Random numbers that depend on the rule, the seed of the dataset and the image alone.

    Attributes
    ----------
    rule_id
        Such as ``dilate-25/v1``.
    seed
        Seed of the dataset, the same for all its images.
    image_id
        Name of the image in results.
    """

    rule_id: str
    seed: int
    image_id: str

    def key(self, *more: str) -> str:
        """Return what the numbers are hashed from: the three and more words, joined by zero bytes.

        Parameters
        ----------
        more
            Tell several draws for one image apart.
        """
        return "\0".join([self.rule_id, str(self.seed), self.image_id, *more])

    def integer(self, least: int, greatest: int, *more: str) -> int:
        """Draw an integer: ``least + h mod (greatest - least + 1)``.

        Here h is the 128-bit BLAKE2b hash (big-endian) of the key in UTF-8, so the bias is below
        2**-120.

        Parameters
        ----------
        least, greatest
            Both may be drawn.
        more
            Words that tell several draws for one image apart.
        """
        hashed = hashlib.blake2b(self.key(*more).encode(), digest_size=16).digest()
        return least + int.from_bytes(hashed, "big") % (greatest - least + 1)


Make: TypeAlias = Callable[[NDArray[np.uint8], Sequence[int], Draws], NDArray[np.uint8]]
"""Returns the trimap (H×W, uint8) of an alpha (H×W, uint8), given the numbers of a rule's id."""


@dataclass(frozen=True)
class Rule:
    """A family of trimap rules that differ in their numbers.

    Attributes
    ----------
    form
        Their ids; each capital letter stands for a number from 1 to `LARGEST`, so ``gca-A-B/v1``
        is the form of ``gca-15-20/v1``.
    meaning
        One line for ``--help`` and messages.
    make
        Makes a trimap.
    accepts
        Returns whether numbers make a rule.
    largest
        The largest number.
    """

    form: str
    meaning: str
    make: Make
    accepts: Callable[[Sequence[int]], bool] = lambda _: True
    largest: int = LARGEST

    def read(self, rule_id: str) -> tuple[int, ...] | None:
        """Return the numbers of an id, or None where it is not of this form."""
        pattern = re.sub("[A-Z]", r"([1-9]\\d*)", self.form)
        match = re.fullmatch(pattern, rule_id)
        if match is None:
            return None
        numbers = tuple(int(group) for group in match.groups())
        fit = max(numbers, default=1) <= self.largest and self.accepts(numbers)
        return numbers if fit else None


def scale_of(shape: tuple[int, ...]) -> float:
    """Return the long side of an image over `FULL_SIZE`, at most 1.

    Parameters
    ----------
    shape
        Height and width.
    """
    return min(max(shape) / FULL_SIZE, 1.0)
