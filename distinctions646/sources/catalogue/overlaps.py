"""Pictures that more than one official list has, by the stem of their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OVERLAPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "foregrounds in both lists of Composition-1k, training and test": frozenset(
            {"beach-747750_1280"}
        ),
        "foregrounds that are training images of alphamatting.com": frozenset(
            f"GT{number:02d}" for number in range(1, 28)
        ),
        "foregrounds in the training lists of Composition-1k and Distinctions-646": frozenset(
            {"glass-100967_1920"}
        ),
    }
)

TEST_SETS_IN_TRAINING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(
        ("composition1k", "distinctions646"),
        (
            *("alphamatting-low", "alphamatting-low-trimap2"),
            *("alphamatting-high", "alphamatting-high-trimap2"),
        ),
    )
)
"""By dataset, the test sets whose pictures its training foregrounds were cut from: GT01 to GT27."""
