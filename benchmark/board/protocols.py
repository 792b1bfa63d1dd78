"""Names for the conditions of a number, and known test sets.

To add a protocol, add its name to `ProtocolName`, its entry to `PROTOCOLS`, and the trimaps that it
takes to `protocol_of`; `benchmark.leaderboard --protocol` offers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from distinctions646.sources.opensets import OPEN_SETS

ProtocolName = Literal["paper", "standard"]
PAPER_TRIMAPS = "dilate-25/v1"
OFFICIAL_TRIMAPS = ("adobe", "given")  # shipped with the data, not made by a rule


@dataclass(frozen=True)
class Protocol:
    """A named set of conditions.

    Attributes
    ----------
    name
        The name printed in every table.
    region
        The region where errors are summed.
    sentence
        The conditions in words, for a caption.
    """

    name: ProtocolName
    region: Literal["whole", "unknown"]
    sentence: str


PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        "paper": Protocol(
            "paper",
            "whole",
            "errors over the whole image at full resolution; methods that take a trimap got one "
            f"made from the true matte by random dilation of 1 to 25 pixels ({PAPER_TRIMAPS})",
        ),
        "standard": Protocol(
            "standard",
            "unknown",
            "errors over the trimap's unknown region at full resolution; official trimaps where "
            f"the dataset has them, otherwise {PAPER_TRIMAPS}",
        ),
    }
)


@dataclass(frozen=True)
class KnownDataset:
    """What is known of a test set beforehand.

    Attributes
    ----------
    title
        As papers call it.
    images
        How many its test split has; published numbers stand only beside rows of all of them.
    official_trimaps
        Whether trimaps come with it.
    real
        Whether its pictures are photographs as taken, not composites.
    synthetic
        Whether a program drew its foregrounds and backgrounds.
    """

    title: str
    images: int | None = None
    official_trimaps: bool = False
    real: bool = False
    synthetic: bool = False


_BUILT = {
    "composition1k": KnownDataset("Composition-1k", 1000, official_trimaps=True),
    "distinctions646": KnownDataset("Distinctions-646", 1000),
}


def known_dataset(name: str) -> KnownDataset:
    """Look a dataset up; of the user's own nothing is known but its name.

    Examples
    --------
    >>> known_dataset("distinctions646").title, known_dataset("alphamatting-low").real
    ('Distinctions-646', True)
    """
    if name in _BUILT:
        return _BUILT[name]
    if name in OPEN_SETS:
        test = OPEN_SETS[name].get("test")
        return KnownDataset(
            name,
            test.count if test else None,
            official_trimaps=bool(test and test.trimap),
            real=name != "him2k-comp",
        )
    return KnownDataset(name, synthetic=name.partition("-")[0] == "mini")


def protocol_of(
    dataset: str, region: str, trimap_rule: str | None, *, needs_trimap: bool = True
) -> ProtocolName | None:
    """Return the protocol that numbers were made under; None where they follow none.

    Parameters
    ----------
    dataset
        Name of the dataset.
    region
        ``"whole"`` or ``"unknown"``.
    trimap_rule
        The rule that made the trimaps; None where there are none.
    needs_trimap
        Whether the method is given the trimaps. To one that is not they make no difference over
        the whole image.

    Examples
    --------
    >>> protocol_of("distinctions646", "whole", "dilate-25/v1")
    'paper'
    >>> protocol_of("composition1k", "unknown", "dilate-25/v1") is None
    True
    """
    if region == "whole" and (trimap_rule in (PAPER_TRIMAPS, None) or not needs_trimap):
        return "paper"
    if region == "unknown":
        official = known_dataset(dataset).official_trimaps
        if trimap_rule in OFFICIAL_TRIMAPS or (trimap_rule == PAPER_TRIMAPS and not official):
            return "standard"
    return None


def describe_conditions(dataset: str, region: str, trimap_rule: str | None) -> str:
    """Return the conditions of one region's numbers in a few words, the protocol's name first.

    Examples
    --------
    >>> describe_conditions("mini", "unknown", "dilate-10/v1")
    'no named protocol: unknown region, trimaps dilate-10/v1'
    >>> describe_conditions("composition1k", "whole", "adobe")
    'protocol paper for methods without a trimap only: whole image, trimaps official'
    """
    name = protocol_of(dataset, region, trimap_rule)
    free = protocol_of(dataset, region, trimap_rule, needs_trimap=False)
    where = "whole image" if region == "whole" else "unknown region"
    rule = {"given": "given with the data", "adobe": "official", None: "none"}.get(
        trimap_rule, trimap_rule
    )
    called = f"protocol {name}" if name else "no named protocol"
    if free and not name:
        called = f"protocol {free} for methods without a trimap only"
    return f"{called}: {where}, trimaps {rule}"
