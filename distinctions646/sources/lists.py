"""Official name lists: finding them, recognising them by their hashes, and remaking them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from distinctions646.sources.datasets import DATASETS
from distinctions646.sources.files import read_names
from distinctions646.sources.index import FolderIndex
from distinctions646.sources.layouts import NameList, Order
from distinctions646.sources.locations import ArchiveSources

OFFICIAL = "official"
_LIST_FOLDERS = ("", "{split}", "utils/Distinctions-646/{split}", "Test_set", "Training_set")


def names_sha256(names: Iterable[str]) -> str:
    """Hash names, each ended by a line feed, so that line ends and blanks do not count.

    Parameters
    ----------
    names
        Names of files, in the list's order.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest()


def judge(names: Sequence[str], expected: NameList) -> str:
    """Return whether a list is the official one, or in what it differs.

    Parameters
    ----------
    names
        The list.
    expected
        What is known of the official one.

    Returns
    -------
    str
        ``"official"``, or a sentence without its full stop.

    Examples
    --------
    >>> judge(["b.png", "a.png"], NameList("x.txt", 2, "0" * 64, names_sha256(["a.png", "b.png"])))
    'the official names in another order'
    """
    if len(names) != expected.count:
        return f"{len(names)} names, the official list has {expected.count}"
    if expected.sha256 is None:
        return "the right count; no hash of the official list is known"
    if names_sha256(names) == expected.sha256:
        return OFFICIAL
    if names_sha256(sorted(names)) == expected.sorted_sha256:
        return "the official names in another order"
    return "the right count, but not the official names"


def check_counts(sources: ArchiveSources, foregrounds: int, backgrounds: int) -> None:
    """Refuse lists that the recipe cannot pair, and name the recipe they fit.

    Parameters
    ----------
    sources
        The split that is to be built.
    foregrounds, backgrounds
        Number of names in the lists.

    Raises
    ------
    ValueError
        If a count is not the recipe's.
    """
    layout = sources.layout
    wanted = layout.foregrounds.count, layout.backgrounds.count
    if (foregrounds, backgrounds) == wanted:
        return
    fitting = [
        f"--dataset {name} --split {one}"
        for name, known in DATASETS.items()
        for one, other in known.archive.items()
        if (other.foregrounds.count, other.backgrounds.count) == (foregrounds, backgrounds)
    ]
    hint = f"; these lists fit {' or '.join(fitting)}" if fitting else ""
    raise ValueError(
        f"the lists have {foregrounds} foregrounds and {backgrounds} backgrounds"
        f"{_times(foregrounds, backgrounds)}; {sources.dataset} {sources.split} is {wanted[0]} × "
        f"{layout.per_foreground} = {wanted[1]}{hint}"
    )


def in_order(names: Iterable[str], order: Order) -> list[str]:
    """Sort names as the makers of an official list did.

    Parameters
    ----------
    names
        Names of files.
    order
        As `NameList.order` describes it.

    Returns
    -------
    list of str
        The same names.

    Examples
    --------
    >>> in_order(["a_1.png", "ab.png", "B.png"], "windows")
    ['ab.png', 'a_1.png', 'B.png']
    >>> in_order(["test_10.png", "test_9.png"], "numbers")
    ['test_9.png', 'test_10.png']
    """
    if order == "windows":
        return sorted(names, key=lambda name: (name.upper(), name))
    if order == "numbers":
        return sorted(names, key=_by_numbers)
    return sorted(names)


def _by_numbers(name: str) -> list[tuple[int, str]]:
    return [
        (int(piece), "") if piece.isdecimal() else (-1, piece)
        for piece in re.split(r"(\d+)", name)
        if piece
    ]


def _times(foregrounds: int, backgrounds: int) -> str:
    each, rest = divmod(backgrounds, foregrounds)
    return "" if rest else f" ({each} for each)"


def find_names(
    sources: ArchiveSources,
    base: Path,
    expected: NameList,
    index: FolderIndex,
    own: Path | None,
    pattern: str = "",
) -> list[str]:
    """Read a list, or make it from the names of a folder where their order is known.

    Parameters
    ----------
    sources
        Folders of the split.
    base
        Folder of the split.
    expected
        What is known of the official list.
    index
        The files that it names.
    own
        A list that the user gives, or None.
    pattern
        Regular expression of the names that count in a large collection; empty for all.

    Returns
    -------
    list of str
        In order.

    Raises
    ------
    ValueError
        If there is no list and the folder does not make it.
    """
    path = own or _find_list(sources, base, expected.file)
    return read_names(path) if path is not None else _remake(index, expected, pattern, base)


def _list_places(sources: ArchiveSources, base: Path) -> Iterator[Path]:
    if sources.lists is not None:
        if not sources.lists.is_dir():
            raise ValueError(f"{sources.lists}: no such folder; expected one with the name lists")
        for folder in _LIST_FOLDERS:
            yield sources.lists / folder.format(split=sources.split)
    yield base
    yield sources.source


def _find_list(sources: ArchiveSources, base: Path, file: str) -> Path | None:
    for folder in _list_places(sources, base):
        if (folder / file).is_file():
            return folder / file
    return None


def _remake(index: FolderIndex, expected: NameList, pattern: str, base: Path) -> list[str]:
    missing = f"{base / expected.file}: no such list; put it there or give --lists DIR"
    if expected.order is None:
        raise ValueError(missing)
    names = [name for name in index.names if not pattern or re.fullmatch(pattern, name)]
    names = in_order(names, expected.order)
    if pattern:  # the first pictures of a large collection
        names = names[: expected.count]
    verdict = judge(names, expected)
    if expected.sha256 is None and len(names) == expected.count:
        return names
    if verdict != OFFICIAL:
        raise ValueError(f"{missing} (the names in {index.folders[0]} do not make it: {verdict})")
    return names
