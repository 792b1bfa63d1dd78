"""Methods by name: registered, in a module, or a folder of ready-made mattes.

To add a method, write one file and one line. The file, in `baselines` or in a package of your own,
has a class whose objects have

- `name`, unique among methods, and `needs_trimap`, whether calling it takes a trimap;
- `card`: paper, implementation, licence, weights (with their hash), trained_on;
- ``__call__(image, trimap=None)``: image uint8 H×W×3, trimap uint8 H×W of 0, 128 and 255; it
  returns alpha, float H×W in [0, 1], or alpha and a dict of notes, and raises
  `distinctions646.trimap.NotApplicable` where it cannot work on an image.

The line registers it, in ``pyproject.toml`` under ``[project.entry-points."matting.methods"]``::

    my-method = "package.module:MyMethod"

After a reinstall, ``python -m benchmark.run --list`` shows it. ``package.module:MyMethod`` runs
without the line. `baselines.policy.TrimapMethod` does the checks that trimap methods share;
``docs/baselines.md`` or ``docs/learned.md`` describes each registered method; a test fails where
both omit one.

A method that starts from other methods' mattes names these in an attribute ``mattes_of`` and takes
the mattes as a third argument, a dict by name; without it, it makes them itself. The runner hands
them over from its cache.

A kind of methods, ``KIND:ARGUMENT``, is an entry point in the group ``matting.method_kinds``: a
class that is built from the argument and has ``names()``, which returns the arguments to list. A
function ``describe(argument)`` in its module returns the card before any weights are known.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from benchmark.methods.leaks import check_leaks
from benchmark.methods.memory import check_memory, given_bytes
from benchmark.methods.method_source import code_digest

GROUP = "matting.methods"
KINDS = "matting.method_kinds"
_PROSE = frozenset(
    {
        *("title", "paper", "year", "fidelity", "implementation", "licence", "trained_on", "leak"),
        *("parameters", "gmac_512", "also_takes"),
    }
)
"""Entries of a card that describe a method and change nothing about its mattes."""
Alpha = npt.NDArray[np.floating[Any]]


@runtime_checkable
class Method(Protocol):
    """The interface of a method."""

    name: str
    needs_trimap: bool
    card: Mapping[str, str]

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> Alpha | tuple[Alpha, dict[str, Any]]:
        """Return alpha, or alpha and notes."""
        ...


def registered() -> dict[str, EntryPoint]:
    """Return the registered methods by name, without importing any."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


def kinds() -> dict[str, EntryPoint]:
    """Return the registered kinds of methods by name, without importing any."""
    return {entry.name: entry for entry in sorted(entry_points(group=KINDS))}


def load_method(name: str, weights: str | None = None, device: str | None = None) -> Method:
    """Import and build a method.

    Parameters
    ----------
    name
        A registered name, ``KIND:ARGUMENT`` of a registered kind, or ``package.module:Name``.
        (``folder:PATH`` is no callable: mattes of a folder belong to files, not pixels; see
        `benchmark.results.matte_store`.)
    weights, device
        Passed to the method if given.

    Raises
    ------
    ValueError
        If there is no such method, it takes no weights or no device, its card names a leak of a
        dataset that the suite does not know, or ``MATTING_MEMORY_GB`` is no positive number.
    """
    given_bytes()  # a bad value is refused before any work, whether a picture needs much or not
    factory = find_factory(name)
    options = {"weights": weights, "device": device}
    given = {key: value for key, value in options.items() if value is not None}
    try:
        accepted = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        raise ValueError(f"method {name} is no class or function; got {factory!r}") from None
    unwanted = sorted(set(given) - set(accepted))
    if "weights" in unwanted:
        raise ValueError(f"method {name} takes no weights; got {given['weights']!r}")
    method = factory(**{key: value for key, value in given.items() if key in accepted})
    if not isinstance(method, Method):
        raise ValueError(f"method {name} lacks one of: name, needs_trimap, card, __call__")
    check_leaks(name, method.card)
    return method


def get_method(
    name: str, weights: str | None = None
) -> Callable[[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None], Alpha]:
    """Return a method as a function of (image, trimap) that returns alpha alone.

    Examples
    --------
    >>> alpha = get_method("constant")(np.zeros((2, 3, 3), np.uint8), None)
    >>> alpha.tolist()
    [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    method = load_method(name, weights)

    def alpha_alone(
        image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> Alpha:
        return call(method, image, trimap)[0]

    return alpha_alone


def call(
    method: Method,
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
    mattes: Mapping[str, Alpha] | None = None,
) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
    """Call a method and check what it returns.

    Parameters
    ----------
    method
        A method.
    image, trimap
        As for every method.
    mattes
        Those of its ``mattes_of`` by name, if they are known.

    Raises
    ------
    ValueError
        If alpha has another shape than the image, or is outside [0, 1].
    NotApplicable
        As the method does, or if it states that it needs more memory than is free
        (`benchmark.methods.memory`).
    """
    given: list[Any] = [image, trimap if method.needs_trimap else None]
    check_memory(method, given[0], given[1])
    output = method(*given, *([] if mattes is None else [mattes]))
    alpha, notes = output if isinstance(output, tuple) else (output, {})
    if alpha.shape != image.shape[:2]:
        raise ValueError(
            f"method {method.name} returned shape {alpha.shape}; expected {image.shape[:2]}"
        )
    if not (float(alpha.min()) >= 0 and float(alpha.max()) <= 1):
        raise ValueError(
            f"method {method.name} returned alpha from {alpha.min()} to {alpha.max()}; "
            "expected 0 to 1"
        )
    return alpha.astype(np.float32, copy=False), dict(notes)


def method_hash(method: Method, factory: Callable[..., Any] | None = None) -> str:
    """Return 12 hex digits that change when the method's code, weights or settings do.

    The code is what the method's class uses of its own package and of the suite's, so an edit of
    the network makes cached mattes stale and an edit of the trainer does not. The names of modules
    and files, comments, docstrings and prose on the card do not count. The versions of libraries do
    not count either; they are in the run card.

    Parameters
    ----------
    method
        A method.
    factory
        The function that made it, where it is not its class; its code counts, too.
    """
    sources: list[Any] = [type(method), *([factory] if inspect.isfunction(factory) else [])]
    code = [code_digest(source) for source in sources]
    identity = [method.name, card_settings(method.card), code]
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:12]


def card_settings(card: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of a method's card that change its mattes: weights, and any of its own.

    Examples
    --------
    >>> card_settings({"paper": "He et al. 2011", "weights": "none", "inference": "full size"})
    {'weights': 'none', 'inference': 'full size'}
    """
    return {key: text for key, text in card.items() if key not in _PROSE}


def find_factory(name: str) -> Callable[..., Any]:
    """Return the class or function that makes a method.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    known = registered()
    if name in known:
        target: Callable[..., Any] = known[name].load()
        return target
    kind, colon, argument = name.partition(":")
    if colon and kind in kinds():
        return partial(kinds()[kind].load(), argument)
    if colon:
        module_name, attribute = kind, argument
        try:
            return getattr(importlib.import_module(module_name), attribute)  # type: ignore[no-any-return]
        except (ImportError, AttributeError) as error:
            raise ValueError(f"method {name!r} cannot be imported: {error}") from None
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"no method {name!r}{hint or ';'} known: {', '.join(known)}")
