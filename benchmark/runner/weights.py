"""Which weights belong to which method: ``--weights NAME=FILE``, or a file for a single method."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from benchmark.methods.folder import PREFIX

Given = str | Sequence[str] | Mapping[str, str] | None


def assign_weights(given: Given, methods: Sequence[str]) -> dict[str, str]:
    """Return the weights of each method that has some.

    Parameters
    ----------
    given
        ``NAME=FILE`` for each method, or one file or Hub name where there is one method; or a
        mapping of names to files.
    methods
        The methods, as the user wrote them.

    Raises
    ------
    ValueError
        If a name is not among the methods, comes twice, or it is not clear whose a file is.

    Examples
    --------
    >>> assign_weights(["dim=a.pth", "onnx:isnet=b.onnx"], ["dim", "onnx:isnet", "knn"])
    {'dim': 'a.pth', 'onnx:isnet': 'b.onnx'}
    >>> assign_weights("a.pth", ["dim"])
    {'dim': 'a.pth'}
    """
    if isinstance(given, Mapping):
        pairs = list(given.items())
        for name, _ in pairs:
            if name not in methods:
                raise ValueError(_unknown(name, methods))
        return dict(pairs)
    texts = [given] if isinstance(given, str) else list(given or ())
    assigned: dict[str, str] = {}
    for text in texts:
        name, weights = _split(text, methods, alone=len(texts) == 1)
        if name in assigned:
            raise ValueError(f"--weights has two files for {name}: {assigned[name]} and {weights}")
        assigned[name] = weights
    return assigned


def _split(text: str, methods: Sequence[str], *, alone: bool) -> tuple[str, str]:
    """Return the method that a text names, and its weights."""
    for method in sorted(methods, key=len, reverse=True):
        if text.startswith(f"{method}="):
            weights = text.removeprefix(f"{method}=")
            if not weights:
                raise ValueError(f"--weights {text} names no file; expected {method}=FILE")
            return method, weights
    name, equals, _ = text.partition("=")
    takers = [method for method in methods if not method.startswith(PREFIX)]
    if equals and "/" not in name and not (alone and len(takers) == 1):
        raise ValueError(_unknown(name, methods))
    if not alone or len(takers) != 1:
        example = " ".join(f"{method}=FILE" for method in takers[:2]) or "NAME=FILE"
        raise ValueError(
            f"--weights {text} does not say whose it is: there are {len(takers)} methods, "
            f"{', '.join(takers)}; expected {example}"
        )
    return takers[0], text


def _unknown(name: str, methods: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, methods, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(methods)}"
    return f"--weights names {name}, which is not in --method{hint}"
