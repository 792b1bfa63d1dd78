"""The named trimap rules, and how a name is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

DEFAULT_RULE = "dilate-25/v1"


RULES = {
    "dilate-25/v1": "known regions eroded by a radius drawn from 1 to 25 for each image",
    "dilate-N/v1": "known regions eroded by radius N, from 1 to 200 (25 is the drawn rule)",
    "radius-N/v1": "as dilate, by radius N whatever it is: 25, too, is no draw",
    "random-A-B/v1": "as dilate, by a radius drawn from A to B for each image",
    "gca-random/v1": "as gca, A and B drawn from 1 to 29 for each image",
    "gca-A-B/v1": "alpha 255 eroded by an A×A ellipse, alpha 0 by a B×B one",
    "mmagic-AxI-BxJ/v1": "alpha 255 eroded I times by an A×A ellipse, alpha 0 J times by B×B",
    "sim-KxI/v1": "both regions eroded I times by a K×K ellipse",
    "foamliu-I/v1": "only alpha 0 eroded, I times by a 3×3 ellipse",
    "distance-N/v1": "soft pixels and all within Euclidean distance N of one",
    "noisy-N-S/v1": "distance N from each known region, boundaries wandering by up to S pixels",
    "patchy-N-P/v1": "as radius-N, and P per cent (1 to 50) of the known pixels forgotten in discs",
}


LARGEST = 200  # of any number in a rule


_DRAWN_RADIUS = 25


_GCA_SIZES = (1, 29)


_MOST_FORGOTTEN = 50  # per cent


_PATTERNS = {
    kind: re.compile(pattern.replace("#", r"([1-9]\d*)") + "/v1")
    for kind, pattern in {
        "dilate": "dilate-#",
        "radius": "radius-#",
        "random": "random-#-#",
        "gca": "gca-#-#",
        "mmagic": "mmagic-#x#-#x#",
        "sim": "sim-#x#",
        "foamliu": "foamliu-#",
        "distance": "distance-#",
        "noisy": "noisy-#-#",
        "patchy": "patchy-#-#",
    }.items()
}


Erosion: TypeAlias = tuple[int, int]  # size of the elliptic kernel, times


@dataclass(frozen=True)
class Rule:
    """What a rule id says; of `radius`, `sizes`, `erosions` and `distance` one is set.

    `wander` and `forgotten` come on top of a radius.

    Attributes
    ----------
    id
        As given.
    radius
        Of the elliptic kernel on a full-size image: the least and the greatest that an image may
        draw.
    sizes
        Of the two elliptic kernels: the least and the greatest that an image may draw.
    erosions
        Of foreground and background, in pixels of whatever image it is.
    distance
        From soft pixels, in pixels of whatever image it is.
    wander
        By how many pixels of a full-size image the boundaries wander to and fro.
    forgotten
        How many per cent of the known pixels become unknown.
    """

    id: str
    radius: tuple[int, int] | None = None
    sizes: tuple[int, int] | None = None
    erosions: tuple[Erosion, Erosion] | None = None
    distance: int | None = None
    wander: int | None = None
    forgotten: int | None = None


def parse_rule(rule_id: str) -> Rule:
    """Read a rule id.

    Parameters
    ----------
    rule_id
        One of `RULES`.

    Returns
    -------
    Rule
        What the id means.

    Raises
    ------
    ValueError
        If there is no such rule.

    Examples
    --------
    >>> parse_rule("dilate-10/v1").radius, parse_rule("dilate-25/v1").radius
    ((10, 10), (1, 25))
    """
    if rule_id == "gca-random/v1":
        return Rule(rule_id, sizes=_GCA_SIZES)
    for kind, pattern in _PATTERNS.items():
        match = pattern.fullmatch(rule_id)
        numbers = [int(group) for group in match.groups()] if match else []
        disordered = kind == "random" and numbers != sorted(numbers)
        beyond = kind == "patchy" and numbers[1:] > [_MOST_FORGOTTEN]
        if numbers and max(numbers) <= LARGEST and not disordered and not beyond:
            return _rule(rule_id, kind, numbers)
    raise ValueError(f"trimap rule is {rule_id!r}; expected one of {', '.join(RULES)}")


def _rule(rule_id: str, kind: str, numbers: list[int]) -> Rule:
    if kind == "dilate":
        least = 1 if numbers[0] == _DRAWN_RADIUS else numbers[0]
        return Rule(rule_id, radius=(least, numbers[0]))
    if kind == "random":
        return Rule(rule_id, radius=(numbers[0], numbers[1]))
    if kind == "noisy":
        return Rule(rule_id, radius=(numbers[0], numbers[0]), wander=numbers[1])
    if kind == "patchy":
        return Rule(rule_id, radius=(numbers[0], numbers[0]), forgotten=numbers[1])
    if kind == "radius":
        return Rule(rule_id, radius=(numbers[0], numbers[0]))
    if kind == "distance":
        return Rule(rule_id, distance=numbers[0])
    if kind == "gca":
        return Rule(rule_id, erosions=((numbers[0], 1), (numbers[1], 1)))
    if kind == "mmagic":
        return Rule(rule_id, erosions=((numbers[0], numbers[1]), (numbers[2], numbers[3])))
    if kind == "sim":
        return Rule(rule_id, erosions=((numbers[0], numbers[1]), (numbers[0], numbers[1])))
    return Rule(rule_id, erosions=((1, 1), (3, numbers[0])))
