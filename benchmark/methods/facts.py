"""What the runner knows of a method before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from benchmark.methods.finding import Method, load_method, method_hash

if TYPE_CHECKING:
    pass


Kind = Literal["measured", "scored"]


@dataclass(frozen=True)
class Facts:
    """What the runner knows of a method without holding it in memory.

    Attributes
    ----------
    spec
        As the user wrote it.
    name, card, needs_trimap
        The method's own.
    identity
        12 hex digits of its code, weights and card.
    kind
        ``"scored"`` for ready-made mattes.
    uses_trimap
        Whether its mattes were made with trimaps; None where nobody said.
    memory_gb_per_megapixel, seconds_per_megapixel
        Where the method states them.
    """

    spec: str
    name: str
    identity: str
    needs_trimap: bool
    card: Mapping[str, str]
    kind: Kind = "measured"
    uses_trimap: bool | None = None
    memory_gb_per_megapixel: float | None = None
    seconds_per_megapixel: float | None = None


@lru_cache(maxsize=1)
def load(spec: str, weights: str | None, device: str | None) -> Method:
    """Return a method, once a process."""
    return load_method(spec, weights, device)


def describe(spec: str, weights: str | None, device: str | None) -> Facts:
    """Load a method and say what the runner needs to know of it.

    Raises
    ------
    ValueError
        If there is no such method, or it takes no such weights or device.
    """
    method = load(spec, weights, device)
    return Facts(
        spec,
        method.name,
        method_hash(method),
        method.needs_trimap,
        dict(method.card),
        uses_trimap=method.needs_trimap,
        memory_gb_per_megapixel=getattr(method, "memory_gb_per_megapixel", None),
        seconds_per_megapixel=getattr(method, "seconds_per_megapixel", None),
    )
