"""Names for the conditions of a number, and known test sets.

To add a protocol, add its name to `ProtocolName`, its entry to `PROTOCOLS`, and the trimaps that it
takes to `protocol_of`; `benchmark.leaderboard --protocol` offers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from distinctions646.sources.datasets import find_dataset, related_dataset
from distinctions646.sources.layouts import KnownDataset
from distinctions646.sources.terms import Terms

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


def known_dataset(name: str) -> KnownDataset:
    """Return the entry of `distinctions646.sources.datasets` for a dataset.

    Of the user's own nothing is known but the name, and whether it is a variant of a synthetic one.

    Examples
    --------
    >>> known_dataset("distinctions646").title, known_dataset("alphamatting-low").real
    ('Distinctions-646', True)
    """
    known, related = find_dataset(name), related_dataset(name)
    if known is not None:
        return known
    return KnownDataset(name, Terms(), synthetic=related is not None and related.synthetic)


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


def describe_conditions(
    dataset: str, region: str, trimap_rule: str | None, *, trimap_free: bool = True
) -> str:
    """Return the conditions of one region's numbers in a few words, the protocol's name first.

    Parameters
    ----------
    dataset, region, trimap_rule
        As for `protocol_of`.
    trimap_free
        Whether there are methods without a trimap.

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
    if free and trimap_free and not name:
        called = f"protocol {free} for methods without a trimap only"
    return f"{called}: {where}, trimaps {rule}"
