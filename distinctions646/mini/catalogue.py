"""The classes of foregrounds: the facts of each, and how to render one.

To add a class: write a function ``paint(size, draws) -> Layer`` in a module of ``bodies/`` or
``fine/`` (`bodies.fur` is the shortest) and add one line to `CLASSES` below. Its pictures are then
in training sets and `write_sources`; test and validation get some where ``chosen.csv`` lists them.
Any of these makes another dataset, and built ones stale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.bodies.creatures import creature, portrait
from distinctions646.mini.bodies.figures import figure
from distinctions646.mini.bodies.fur import fur
from distinctions646.mini.bodies.hair import hair
from distinctions646.mini.bodies.things import solid
from distinctions646.mini.bodies.tools import tool
from distinctions646.mini.bodies.vehicles import vehicle
from distinctions646.mini.drawing.canvas import straight_rgba
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.sketch import Layer
from distinctions646.mini.fine.films import bubble, plastic
from distinctions646.mini.fine.glass import glass
from distinctions646.mini.fine.lace import lace
from distinctions646.mini.fine.meshes import cage, net, web
from distinctions646.mini.fine.optics import defocus, motion
from distinctions646.mini.fine.plants import flower, plant, tree
from distinctions646.mini.fine.plumage import dandelion, feather
from distinctions646.mini.fine.plumes import fire, smoke
from distinctions646.mini.fine.tulle import tulle

GROUPS: dict[str, str] = {
    "solid": "opaque bodies: animals, people, things",
    "hair": "hair, fur, feathers",
    "plant": "leaves, branches, flowers",
    "net": "nets, lace, webs, wire",
    "glass": "glass, films, plastic, sheer cloth",
    "smoke": "smoke and fire",
    "blur": "motion blur and defocus",
}


@dataclass(frozen=True)
class ClassFacts:
    """Facts about a class of foregrounds.

    Attributes
    ----------
    group
        One of `GROUPS`.
    opaque_part
        Whether each of its objects has an opaque core. About one in eight of a translucent class
        has none, so that solvers are tested on that, too.
    paint
        Paints one, given the long side in pixels and the random numbers.
    unseen
        Whether the class is for testing only.
    weight
        Its share of a training set, over the sum of all. Articulated bodies have most, since they
        teach a network what an object is.
    """

    group: str
    opaque_part: bool
    paint: Callable[[int, Draws], Layer]
    unseen: bool = False
    weight: float = 1.5


CLASSES: dict[str, ClassFacts] = {
    "creature": ClassFacts("solid", True, creature, weight=30),
    "portrait": ClassFacts("solid", True, portrait, weight=12),
    "figure": ClassFacts("solid", True, figure, weight=10),
    "solid": ClassFacts("solid", True, solid, weight=9),
    "tool": ClassFacts("solid", True, tool, weight=4),
    "vehicle": ClassFacts("solid", True, vehicle, unseen=True),
    "hair": ClassFacts("hair", True, hair, weight=6),
    "fur": ClassFacts("hair", True, fur, weight=6),
    "feather": ClassFacts("hair", True, feather, unseen=True),
    "plant": ClassFacts("plant", True, plant, weight=3),
    "tree": ClassFacts("plant", True, tree),
    "flower": ClassFacts("plant", True, flower, weight=3),
    "dandelion": ClassFacts("plant", True, dandelion, unseen=True),
    "lace": ClassFacts("net", False, lace),
    "cage": ClassFacts("net", True, cage),
    "web": ClassFacts("net", True, web),
    "net": ClassFacts("net", True, net, unseen=True),
    "glass": ClassFacts("glass", False, glass),
    "bubble": ClassFacts("glass", False, bubble),
    "plastic": ClassFacts("glass", False, plastic),
    "tulle": ClassFacts("glass", False, tulle),
    "smoke": ClassFacts("smoke", False, smoke),
    "fire": ClassFacts("smoke", False, fire),
    "motion": ClassFacts("blur", True, motion),
    "defocus": ClassFacts("blur", True, defocus),
}

UNSEEN_CLASSES: tuple[str, ...] = tuple(n for n, facts in CLASSES.items() if facts.unseen)


def share_out(count: int, names: Sequence[str]) -> dict[str, int]:
    """Share out a number of foregrounds among classes by their weights.

    Parameters
    ----------
    count
        How many there are in all.
    names
        Some of `CLASSES`.

    Returns
    -------
    dict
        How many of each; they sum to `count`. What rounding down leaves goes to the largest
        remainders, and among equals to the first.

    Examples
    --------
    >>> from distinctions646.mini.catalogue import share_out
    >>> share_out(8, ["creature", "fur", "lace"])
    {'creature': 7, 'fur': 1, 'lace': 0}
    """
    weights = {name: CLASSES[name].weight for name in names}
    exact = {name: count * weight / sum(weights.values()) for name, weight in weights.items()}
    numbers = {name: int(share) for name, share in exact.items()}
    left = count - sum(numbers.values())
    for name in sorted(names, key=lambda name: numbers[name] - exact[name])[:left]:
        numbers[name] += 1
    return numbers


def render_foreground(name: str, size: int, seed: int) -> NDArray[np.uint8]:
    """Render a foreground.

    Parameters
    ----------
    name
        One of `CLASSES`.
    size
        Long side in pixels.
    seed
        Which of the class's pictures; the same seed gives the same pixels.

    Returns
    -------
    ndarray
        uint8 height x width x 4: straight (not premultiplied) RGB, extended under alpha 0, and
        alpha.

    Raises
    ------
    ValueError
        If there is no such class, or the size is below 32.
    """
    if name not in CLASSES:
        raise ValueError(f"name is {name!r}; expected a class: {', '.join(CLASSES)}")
    if size < 32:
        raise ValueError(f"size is {size}; expected 32 or more")
    return straight_rgba(*CLASSES[name].paint(size, Draws("foreground", name, seed)))
