"""Find a method: registered, in a module, or a folder of ready-made mattes.

A method is a callable object with `name`, `needs_trimap` and `card`; called with an image (uint8
H×W×3) and, if it needs one, a trimap (uint8 H×W of 0, 128, 255), it returns alpha (float H×W in
[0, 1]), or alpha and a dict of notes. It raises `distinctions646.trimap.values.NotApplicable` where it
cannot work. Packages register theirs as entry points in the group ``matting.methods``.

A kind of methods, ``KIND:ARGUMENT``, is an entry point in the group ``matting.method_kinds``: a
class that is built from the argument and has ``names()``, which returns the arguments to list.
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

from benchmark.methods.own_source import source_files

GROUP = "matting.methods"
KINDS = "matting.method_kinds"
Alpha = npt.NDArray[np.floating[Any]]


@runtime_checkable
class Method(Protocol):
    """What a method looks like from outside."""

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
        `benchmark.results.mattes`.)
    weights, device
        Passed to the method if given.

    Raises
    ------
    ValueError
        If there is no such method, or it takes no weights or no device.
    """
    factory = _factory(name)
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
    return method


def get_method(
    name: str, weights: str | None = None
) -> Callable[[npt.NDArray[np.uint8], npt.NDArray[np.uint8] | None], Alpha]:
    """Return a method as a function of (image, trimap) that gives alpha alone.

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
    method: Method, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None
) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
    """Call a method and check what it returns.

    Raises
    ------
    ValueError
        If alpha has another shape than the image, or leaves [0, 1].
    NotApplicable
        As the method does.
    """
    answer = method(image, trimap if method.needs_trimap else None)
    alpha, notes = answer if isinstance(answer, tuple) else (answer, {})
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


def method_hash(method: Method) -> str:
    """Return 12 hex digits that change when the method's code, weights or card do.

    The code is the method's module and what that imports of its own package, so an edit of the
    network makes cached mattes stale and an edit of the trainer does not; libraries' versions stand
    in the run card instead.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps([method.name, dict(method.card)], sort_keys=True).encode())
    for name, path in source_files(type(method)).items():
        digest.update(f"{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _factory(name: str) -> Callable[..., Any]:
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
