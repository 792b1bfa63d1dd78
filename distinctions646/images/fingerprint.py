"""Hashes of pixels, files and whole splits, by which two datasets are compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pixel_sha256(array: NDArray[np.uint8]) -> str:
    """Hash decoded pixels: the raw bytes of the array, rows first, without its shape.

    Parameters
    ----------
    array
        H×W or H×W×3, uint8.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ValueError
        If the array is not uint8.

    Examples
    --------
    >>> pixel_sha256(np.zeros((1, 2, 3), np.uint8))[:16]
    'b0f66adc83641586'
    """
    if array.dtype != np.uint8:
        raise ValueError(f"array is {array.dtype}; expected uint8")
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def file_sha256(path: Path | str) -> str:
    """Hash a file as it is stored.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split_root(rows: Iterable[Iterable[str]]) -> str:
    """Hash a whole split: its names and the decoded pixels behind them, in order.

    Parameters
    ----------
    rows
        For the *root*: name, SHA-256 of the image's pixels and SHA-256 of the alpha's pixels of
        each composite. The other roots have other words (`assemble`).

    Returns
    -------
    str
        SHA-256 of the lines ``name image_sha256 alpha_sha256``, each ended by a line feed.
    """
    digest = hashlib.sha256()
    for words in rows:
        digest.update((" ".join(words) + "\n").encode())
    return digest.hexdigest()


def short_fingerprint(root: str) -> str:
    """Shorten a root to twelve digits in four groups, which can be read out.

    Two different datasets have the same one by chance once in 10**12; it guards against mistakes,
    not against forgery.

    Parameters
    ----------
    root
        64 hexadecimal digits.

    Returns
    -------
    str
        The first 64 bits as a number, modulo 10**12.

    Examples
    --------
    >>> short_fingerprint("0000000000000007" + "0" * 48)
    '000-000-000-007'
    """
    digits = f"{int(root[:16], 16) % 10**12:012d}"
    return "-".join(digits[start : start + 3] for start in range(0, 12, 3))


def settings_sha256(settings: Any) -> str:
    """Hash settings by their canonical JSON.

    Parameters
    ----------
    settings
        Anything that JSON can hold.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
