"""Name lists: the official ones recognised by their hashes, those that fit another recipe named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from distinctions646.layouts import LAYOUTS, NameList, Order, SplitLayout

OFFICIAL = "official"


def names_sha256(names: Iterable[str]) -> str:
    """Hash names, each ended by a line feed, so that line ends and blanks do not count.

    Parameters
    ----------
    names
        In order.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest()


def judge(names: Sequence[str], expected: NameList) -> str:
    """Say whether a list is the official one, or in what it differs.

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


def check_counts(
    dataset: str, split: str, layout: SplitLayout, foregrounds: int, backgrounds: int
) -> None:
    """Refuse lists that the recipe cannot pair, and name the recipe they fit.

    Parameters
    ----------
    dataset, split, layout
        What is wanted.
    foregrounds, backgrounds
        How many names the lists have.

    Raises
    ------
    ValueError
        If a count is not the recipe's.
    """
    wanted = layout.foregrounds.count, layout.backgrounds.count
    if (foregrounds, backgrounds) == wanted:
        return
    fitting = [
        f"--dataset {name} --split {one}"
        for name, splits in LAYOUTS.items()
        for one, other in splits.items()
        if (other.foregrounds.count, other.backgrounds.count) == (foregrounds, backgrounds)
    ]
    hint = f"; these lists fit {' or '.join(fitting)}" if fitting else ""
    raise ValueError(
        f"the lists have {foregrounds} foregrounds and {backgrounds} backgrounds"
        f"{_times(foregrounds, backgrounds)}; {dataset} {split} is {wanted[0]} × "
        f"{layout.per_foreground} = {wanted[1]}{hint}"
    )


def in_order(names: Iterable[str], order: Order) -> list[str]:
    """Sort names as the makers of an official list did.

    Parameters
    ----------
    names
        To be sorted.
    order
        As of `NameList`.

    Returns
    -------
    list of str
        Sorted.

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
