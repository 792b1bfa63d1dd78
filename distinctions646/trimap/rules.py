"""The named trimap rules.

A rule has an id with a version, such as ``dilate-25/v1``. What an id means never changes: a
correction is a new version.

To add one: write a module beside this one that makes a `Rule` (`distance` is the shortest), add it
to `RULES` below, and describe it in ``docs/datasets.md``. Builds, the runner and ``--help`` find it
by its id; tests check every rule here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from distinctions646.trimap import dilation, distance, noise, thresholds
from distinctions646.trimap.rule import Draws, Rule

DEFAULT_RULE = "dilate-25/v1"

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.form: rule
        for rule in (
            dilation.DILATE_25,  # before DILATE, whose form also fits its id
            dilation.DILATE,
            dilation.RADIUS,
            dilation.RANDOM,
            dilation.GCA_RANDOM,
            dilation.GCA,
            dilation.MMAGIC,
            dilation.SIM,
            dilation.FOAMLIU,
            distance.DISTANCE,
            distance.DRAWN_DISTANCE,
            noise.NOISY,
            noise.PATCHY,
            thresholds.REMBG,
            thresholds.PHOTOMATTE,
        )
    }
)
"""The rules by the form of their ids."""


@dataclass(frozen=True)
class NumberedRule:
    """A rule with its numbers, as an id names it.

    Attributes
    ----------
    id
        Such as ``gca-15-20/v1``.
    rule
        The family of rules that it is one of.
    numbers
        In the order of the id.
    """

    id: str
    rule: Rule
    numbers: tuple[int, ...]

    def make(self, alpha_u8: NDArray[np.uint8], *, image_id: str, seed: int) -> NDArray[np.uint8]:
        """Make the trimap of an alpha; see `make_trimap`."""
        return self.rule.make(alpha_u8, self.numbers, Draws(self.id, seed, image_id))


def parse_rule(rule_id: str) -> NumberedRule:
    """Read a rule id.

    Parameters
    ----------
    rule_id
        Id of one of the forms of `RULES`.

    Returns
    -------
    NumberedRule
        The rule and its numbers.

    Raises
    ------
    ValueError
        If there is no such rule.

    Examples
    --------
    >>> parse_rule("random-5-20/v1").numbers
    (5, 20)
    """
    for rule in RULES.values():
        numbers = rule.read(rule_id)
        if numbers is not None:
            return NumberedRule(rule_id, rule, numbers)
    raise ValueError(f"trimap rule is {rule_id!r}; expected one of {', '.join(RULES)}")
