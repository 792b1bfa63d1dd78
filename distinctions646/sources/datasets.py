"""The known datasets by name: one table of everything known of each.

To add one: write a file in `catalogue` with a `KnownDataset`, give it a line in `DATASETS`, and
name it in ``docs/datasets.md`` (a test looks). ``--dataset`` of build, doctor, audit and run,
cards, boards and their titles take it from here. A further open set is one entry of
`catalogue.open_sets.OPEN_SETS`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from distinctions646.process.commandline import suggest_name
from distinctions646.sources.catalogue.composition1k import COMPOSITION_1K
from distinctions646.sources.catalogue.distinctions646 import (
    DISTINCTIONS_646,
    DISTINCTIONS_646_GITHUB_80,
)
from distinctions646.sources.catalogue.mini import MINI
from distinctions646.sources.catalogue.open_sets import OPEN_SETS
from distinctions646.sources.catalogue.transparent460 import TRANSPARENT_460
from distinctions646.sources.layouts import KnownDataset, OpenSetLayout, SplitLayout
from distinctions646.sources.terms import Terms

DATASETS: Mapping[str, KnownDataset] = MappingProxyType(
    {
        "mini": MINI,
        "composition1k": COMPOSITION_1K,
        "distinctions646": DISTINCTIONS_646,
        "distinctions646-github80": DISTINCTIONS_646_GITHUB_80,
        "transparent-460": TRANSPARENT_460,
        **OPEN_SETS,
    }
)


def archive_names() -> tuple[str, ...]:
    """Return the names of the datasets that are composed from an archive."""
    return tuple(name for name, known in DATASETS.items() if known.archive)


def open_set_names() -> tuple[str, ...]:
    """Return the names of the open sets, which are read as they are."""
    return tuple(name for name, known in DATASETS.items() if known.photographs)


def splits_in_table(name: str) -> tuple[str, ...]:
    """Return the splits of a known dataset; none for the user's own and for ``mini``."""
    known = DATASETS.get(name)
    return (*known.archive, *known.photographs) if known else ()


def find_dataset(name: str) -> KnownDataset | None:
    """Return a known dataset by its name; None for the user's own."""
    return DATASETS.get(name)


def related_dataset(name: str) -> KnownDataset | None:
    """Return a known dataset by its name, or by what precedes a hyphen in the name of a variant.

    Examples
    --------
    >>> related_dataset("composition1k-cleaned").title
    'Composition-1k'
    >>> related_dataset("custom") is None
    True
    """
    return DATASETS.get(name) or DATASETS.get(name.partition("-")[0])


def check_dataset_name(name: str) -> None:
    """Check that a name is one of a known dataset.

    Raises
    ------
    ValueError
        With the nearest name.

    Examples
    --------
    >>> check_dataset_name("composition-1k")
    Traceback (most recent call last):
    ...
    ValueError: no dataset 'composition-1k'; did you mean 'composition1k'?
    """
    if name in DATASETS:
        return
    near = difflib.get_close_matches(name.lower(), DATASETS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(DATASETS)}"
    raise ValueError(f"no dataset {name!r}; {hint}")


def share_test_images(first: str, second: str) -> bool:
    """Return whether the test splits of two datasets have the same pictures.

    Variants count, named after a hyphen or with the same images in the table.

    Examples
    --------
    >>> share_test_images("distinctions646-github80", "distinctions646")
    True
    >>> share_test_images("composition1k", "distinctions646")
    False
    """
    return _owner_of_test_images(first) == _owner_of_test_images(second)


def _owner_of_test_images(name: str) -> str:
    known = DATASETS.get(name)
    if known is not None:
        return known.test_images_of or name
    before = name.partition("-")[0]
    return before if before in DATASETS else name


def terms_of(dataset: str) -> Terms:
    """Return the terms of a dataset.

    Parameters
    ----------
    dataset
        As in its manifest; what follows a hyphen may name a variant of the same pictures.

    Returns
    -------
    Terms
        All unknown for the user's own pictures.

    Examples
    --------
    >>> terms_of("distinctions646-github80").may_be_public
    False
    >>> terms_of("custom").foregrounds
    'nothing is known here of their terms: ask their owners'
    """
    known = related_dataset(dataset)
    return known.terms if known else Terms()


def layout_of(dataset: str, split: str) -> SplitLayout:
    """Return where an archive keeps a split.

    Parameters
    ----------
    dataset
        One of `archive_names`.
    split
        ``"train"`` or ``"test"``.

    Raises
    ------
    ValueError
        If there is no such dataset or split.

    Examples
    --------
    >>> layout_of("distinctions646", "train").per_foreground
    100
    """
    if dataset not in archive_names():
        raise ValueError(f"dataset is {dataset!r}; expected one of {', '.join(archive_names())}")
    splits = DATASETS[dataset].archive
    if split not in splits:
        raise ValueError(f"split is {split!r}; expected {' or '.join(splits)}")
    return splits[split]


def open_set_layout(name: str, split: str) -> OpenSetLayout:
    """Return where an open set keeps a split.

    Parameters
    ----------
    name
        One of `open_set_names`.
    split
        ``"test"``, or another that the set has.

    Raises
    ------
    ValueError
        If there is no such set or split.
    """
    if name not in open_set_names():
        raise ValueError(f"dataset is {name!r}; expected one of {', '.join(open_set_names())}")
    splits = DATASETS[name].photographs
    if split not in splits:
        raise ValueError(f"split is {split!r}; {name} has {' and '.join(splits)}")
    return splits[split]


def parse_address(address: Path | str) -> tuple[str, Path] | None:
    """Split the address of a known dataset, ``name:folder``.

    Parameters
    ----------
    address
        Anything that a user may give for a dataset.

    Returns
    -------
    (str, Path) or None
        None where it is no such address.

    Examples
    --------
    >>> parse_address("aim-500:data/AIM-500")[0]
    'aim-500'
    >>> parse_address("data/AIM-500") is None
    True
    """
    name, colon, folder = str(address).partition(":")
    named = (*archive_names(), *open_set_names())
    return (name, Path(folder)) if colon and folder and name in named else None


def explain_missing(given: Path | str) -> str:
    """Return what a user may have meant by a dataset that is no folder, with what to type.

    Examples
    --------
    >>> explain_missing("aim-500")
    'no such folder; expected aim-500:DIR, with the folder of the unpacked set'
    """
    name, colon, _ = str(given).partition(":")
    if name == "mini":
        return "no such folder; the embedded dataset is built by python -m distinctions646.build"
    known = ("mini", *archive_names(), *open_set_names())
    if name in archive_names() and not colon:
        place = DATASETS[name].archive["test"].background_source
        return (
            f"no such folder; {name} is built first, as by python -m distinctions646.build "
            f"--dataset {name} --source DIR --{place} DIR --out {name}"
        )
    if name in open_set_names() and not colon:
        return f"no such folder; expected {name}:DIR, with the folder of the unpacked set"
    path = Path(str(given))
    siblings = path.parent.iterdir() if path.parent.is_dir() else ()
    near = suggest_name(path.name, [other.name for other in siblings if other.is_dir()])
    near = near or suggest_name(name, known)
    return f"no such folder; expected a built dataset or image/ and alpha/{near}"
