"""A trimap method end to end: another method's matte becomes its trimap, by a named rule.

``two-stage:closed-form,hatt,rembg-240-10-10/v1`` is closed-form matting on trimaps made from the
mattes of ``hatt`` by that rule. It needs no trimap, so what it scores is what a user gets from a
photograph alone; tables have it in a track of its own. `benchmark.run --trimap-from` makes such
names.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmark.methods.finding import call, find_factory, load_method, method_hash
from benchmark.methods.leaks import read_leaks
from distinctions646.images.reading import alpha_to_u8
from distinctions646.trimap.making import make_trimap
from distinctions646.trimap.rules import parse_rule
from distinctions646.trimap.values import NotApplicable

KIND = "two-stage"
FIRST_STAGE = "first_stage"
"""The entry of a card by which results are known to be of this track."""
DEFAULT_MAKER_RULE = "rembg-240-10-10/v1"


class TrimapNotApplicable(NotApplicable):
    """The second stage cannot work on a made trimap, which then counts in place of a matte."""

    def __init__(self, reason: str, trimap: npt.NDArray[np.uint8]) -> None:
        super().__init__(reason)
        self.trimap = trimap


class TwoStage:
    """A method without a trimap, made of one without and one with.

    Parameters
    ----------
    argument
        ``SECOND,FIRST,RULE``: the names of the method that takes a trimap and of the one whose
        matte it is made from, and the id of a trimap rule. ``FIRST=FILE`` gives it a checkpoint.
    weights
        Checkpoint of the second.
    device
        Given to each that takes one.

    Raises
    ------
    ValueError
        If there is no such method or rule, the first needs a trimap, or the second takes none.
    """

    needs_trimap = False

    def __init__(
        self, argument: str, weights: str | None = None, device: str | None = None
    ) -> None:
        parts = argument.split(",")
        if len(parts) != 3:
            raise ValueError(f"{KIND}:{argument}: expected {KIND}:SECOND,FIRST,RULE")
        second, first, self.rule = parts
        first, _, first_weights = first.partition("=")
        parse_rule(self.rule)
        self.first = load_method(first, first_weights or None, device)
        self.second = load_method(second, weights, device)
        if self.first.needs_trimap:
            raise ValueError(f"{first} needs a trimap itself; expected a method that takes none")
        if not self.second.needs_trimap:
            raise ValueError(f"{second} takes no trimap; expected a method that does")
        self.name = f"{self.second.name}-from-{self.first.name}"
        leaks = dict.fromkeys((*read_leaks(self.second.card), *read_leaks(self.first.card)))
        self.card = {
            **self.second.card,
            **({"leak": ", ".join(leaks)} if leaks else {}),
            "title": f"{_title(self.second)} on {_title(self.first)}'s trimaps",
            FIRST_STAGE: f"{self.first.name} {method_hash(self.first, find_factory(first))}",
            "second_stage": f"{self.second.name} {method_hash(self.second, find_factory(second))}",
            "made_trimaps": self.rule,
        }

    @staticmethod
    def names() -> list[str]:
        """Return none: the combinations are not listed."""
        return []

    @staticmethod
    def describe(argument: str) -> dict[str, str]:
        """Return what is known of a combination before its weights are."""
        second, first, rule = argument.split(",")
        return {"second_stage": second, FIRST_STAGE: first, "made_trimaps": rule}

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha of both stages, and the notes of the second."""
        coarse, _ = call(self.first, image, None)
        made = make_trimap(alpha_to_u8(coarse), self.rule, image_id="")
        try:
            return call(self.second, image, made)
        except NotApplicable as reason:
            raise TrimapNotApplicable(str(reason), made) from None


def name_two_stage(second: str, maker: str) -> str:
    """Return the name of a method on made trimaps.

    Parameters
    ----------
    second
        The method that takes them.
    maker
        ``METHOD`` or ``METHOD@RULE``; ``METHOD=FILE`` gives it a checkpoint.

    Examples
    --------
    >>> name_two_stage("knn", "hatt"), name_two_stage("knn", "hatt@dilate-20/v1")
    ('two-stage:knn,hatt,rembg-240-10-10/v1', 'two-stage:knn,hatt,dilate-20/v1')
    """
    method, _, rule = maker.partition("@")
    return f"{KIND}:{second},{method},{rule or DEFAULT_MAKER_RULE}"


def _title(method: Any) -> str:
    title: str = method.card.get("title", method.name)
    return title
