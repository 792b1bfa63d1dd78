"""The roots of a split, by which two copies are known to be the same dataset.

*root*: of the decoded pixels of every composite and its alpha. *trimap root*: of the trimaps'.
*source root*: of everything that determines the composites, so that it is known where nothing is
composed: the rules, the decoded pixels of foregrounds and alphas, and the files of the backgrounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from distinctions646.images.fingerprint import settings_sha256, split_root
from distinctions646.plan.recipe import RecipeRow, Rules

_NOT_OF_COMPOSITES = ("trimap_rule", "trimap_seed")


def roots_of(rows: Sequence[RecipeRow], backgrounds: Mapping[str, str]) -> dict[str, str | None]:
    """Compute the roots of a split.

    Parameters
    ----------
    rows
        The recipe of a split, with hashes.
    backgrounds
        SHA-256 of each background's file, by its name in the recipe.

    Returns
    -------
    dict
        ``root``, ``trimap_root`` and ``source_root``; None where hashes are missing, as those of
        composites that are made on reading.
    """
    return {
        "root": _root(rows, "image_sha256", "alpha_sha256"),
        "trimap_root": _root(rows, "trimap_sha256"),
        "source_root": source_root(rows, backgrounds),
    }


def source_root(rows: Sequence[RecipeRow], backgrounds: Mapping[str, str]) -> str | None:
    """Compute the root of everything that determines the composites of a split.

    Two splits with the same source root have the same pixels. The opposite need not be so: a
    background that was stored again without loss is another file.

    Parameters
    ----------
    rows
        With `foreground_sha256` and `alpha_sha256`.
    backgrounds
        As for `roots_of`.

    Returns
    -------
    str or None
        SHA-256 of the hash of the rules, then of the lines ``name foreground_sha256 alpha_sha256
        background_file_sha256``; None where a hash is missing.
    """
    if any(row.foreground_sha256 is None or row.alpha_sha256 is None for row in rows):
        return None
    rules = {
        rule.name: getattr(rows[0], rule.name)
        for rule in fields(Rules)
        if rule.name not in _NOT_OF_COMPOSITES
    }
    lines = (
        (
            row.name,
            row.foreground_sha256 or "",
            row.alpha_sha256 or "",
            backgrounds[row.background] if row.background else "-",
        )
        for row in rows
    )
    return split_root([[settings_sha256(rules)], *lines])


def _root(rows: Sequence[RecipeRow], *hashes: str) -> str | None:
    lines = [[row.name, *(getattr(row, name) for name in hashes)] for row in rows]
    return None if any(None in line for line in lines) else split_root(lines)
