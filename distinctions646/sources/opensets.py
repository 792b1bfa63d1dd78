"""The other open test sets, read where they lie: a table of folders, and one reader.

``open_split("aim-500:DIR")`` and ``benchmark.run --dataset aim-500:DIR`` take them without a copy.
Nothing here downloads anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class OpenSet:
    """Where one split of a set keeps its files.

    Attributes
    ----------
    bases
        Folders it may lie in, below the user's folder; the first that is there counts.
    image, alpha, trimap
        Folders below the base, where several names are in use the first that is there; no
        trimap folder means that the set has none.
    count
        Samples; None where we do not know.
    licence
        As its authors state it.
    instances
        Whether an image has a folder of alphas, one for each instance in it.
    """

    bases: tuple[str, ...]
    image: tuple[str, ...]
    alpha: tuple[str, ...]
    trimap: tuple[str, ...]
    count: int | None
    licence: str
    instances: bool = False


def _alphamatting(resolution: str, trimap: int) -> OpenSet:
    return OpenSet(
        bases=("", "alphamatting"),
        image=(f"input_training_{resolution}",),
        alpha=(f"gt_training_{resolution}",),
        trimap=(f"trimap_training_{resolution}/Trimap{trimap}",),
        count=27,
        licence="free for research; cite Rhemann et al., CVPR 2009",
    )


def _him2k(kind: str) -> OpenSet:
    return OpenSet(
        bases=("", "HIM2K"),
        image=(f"images/{kind}",),
        alpha=(f"alphas/{kind}",),
        trimap=(),
        count=None,
        licence="CC BY-NC 4.0",
        instances=True,
    )


_P3M_BASES = ("", "validation", "P3M-10k", "P3M-10k/validation")
OPEN_SETS: Mapping[str, Mapping[str, OpenSet]] = MappingProxyType(
    {
        "aim-500": {
            "test": OpenSet(("", "AIM-500"), ("original",), ("mask",), ("trimap",), 500, "MIT"),
        },
        "am-2k": {
            "test": OpenSet(
                ("", "validation", "AM-2k/validation"),
                ("original",),
                ("mask",),
                ("trimap",),
                200,
                "MIT",
            ),
            "train": OpenSet(
                ("", "train", "AM-2k/train"), ("original",), ("mask",), (), 1800, "MIT"
            ),
        },
        "p3m-500-p": {
            "test": OpenSet(
                _P3M_BASES,
                ("P3M-500-P/blurred_image",),
                ("P3M-500-P/mask",),
                ("P3M-500-P/trimap",),
                500,
                "MIT, by its README",
            ),
        },
        "p3m-500-np": {
            "test": OpenSet(
                _P3M_BASES,
                ("P3M-500-NP/original_image",),
                ("P3M-500-NP/mask",),
                ("P3M-500-NP/trimap",),
                500,
                "MIT, by its README",
            ),
        },
        "ppm-100": {
            "test": OpenSet(
                ("", "PPM-100"),
                ("image", "image_train"),
                ("matte", "matte_train"),
                (),
                100,
                "photographs of Flickr under Creative Commons, mattes CC BY-NC-SA 4.0",
            ),
        },
        "him2k-comp": {"test": _him2k("comp")},
        "him2k-natural": {"test": _him2k("natural")},
        "alphamatting-low": {"test": _alphamatting("lowres", 1)},
        "alphamatting-low-trimap2": {"test": _alphamatting("lowres", 2)},
        "alphamatting-high": {"test": _alphamatting("highres", 1)},
        "alphamatting-high-trimap2": {"test": _alphamatting("highres", 2)},
    }
)


def parse_address(address: Path | str) -> tuple[str, Path] | None:
    """Take ``name:folder`` apart.

    Parameters
    ----------
    address
        Perhaps of an open set.

    Returns
    -------
    (str, Path) or None
        None where it is something else.

    Examples
    --------
    >>> parse_address("aim-500:data/AIM-500")[0]
    'aim-500'
    >>> parse_address("data/AIM-500") is None
    True
    """
    name, colon, folder = str(address).partition(":")
    return (name, Path(folder)) if colon and name in OPEN_SETS else None


def open_set_layout(name: str, split: str) -> OpenSet:
    """Look up where an open set keeps its files.

    Parameters
    ----------
    name, split
        Of the set.

    Returns
    -------
    OpenSet
        The facts.

    Raises
    ------
    ValueError
        If there is no such set or split.
    """
    if name not in OPEN_SETS:
        raise ValueError(f"dataset is {name!r}; expected one of {', '.join(OPEN_SETS)}")
    if split not in OPEN_SETS[name]:
        raise ValueError(f"split is {split!r}; {name} has {' and '.join(OPEN_SETS[name])}")
    return OPEN_SETS[name][split]


GIVEN_TRIMAPS = "given"
