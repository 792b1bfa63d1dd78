"""What the runner knows of a method before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from benchmark.methods.finding import Method, find_factory, load_method, method_hash
from benchmark.methods.two_stage import FIRST_STAGE

Kind = Literal["measured", "scored"]


@dataclass(frozen=True)
class MethodDescription:
    """A method without its network or other memory: how to load it, and its card.

    Attributes
    ----------
    spec
        The method as the user wrote it: a registered name, ``package.module:Name`` or
        ``folder:PATH``.
    name
        The name that results and tables use.
    method_hash
        12 hex digits of its code, weights and settings (`benchmark.methods.finding.method_hash`).
    needs_trimap
        Whether calling it takes a trimap.
    card
        Paper, implementation, licence, weights, training data.
    weights
        The checkpoint to load; None loads the method's own.
    kind
        ``"scored"`` for ready-made mattes, ``"measured"`` otherwise.
    uses_trimap
        Whether its mattes were made with trimaps; None where that is not stated.
    memory_gb_per_megapixel
        Peak memory beyond the idle process, in GB per megapixel; None where not stated.
    seconds_per_megapixel
        Processor seconds per megapixel; None where not stated.
    mattes_of
        Hashes of the methods whose mattes it starts from, by name.
    """

    spec: str
    name: str
    method_hash: str
    needs_trimap: bool
    card: Mapping[str, str]
    weights: str | None = None
    kind: Kind = "measured"
    uses_trimap: bool | None = None
    memory_gb_per_megapixel: float | None = None
    seconds_per_megapixel: float | None = None
    mattes_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def makes_trimaps(self) -> bool:
        """Whether it is a method of two stages, which makes the trimaps of its second."""
        return FIRST_STAGE in self.card


@lru_cache(maxsize=1)
def load(spec: str, weights: str | None, device: str | None) -> Method:
    """Return a method; a process keeps the last one it loaded."""
    return load_method(spec, weights, device)


def describe_method(spec: str, weights: str | None, device: str | None) -> MethodDescription:
    """Load a method and describe it.

    Parameters
    ----------
    spec
        A registered name or ``package.module:Name``.
    weights, device
        Passed to the method if given.

    Raises
    ------
    ValueError
        If there is no such method, or it takes no such weights or device.
    """
    method = load(spec, weights, device)
    return MethodDescription(
        spec,
        method.name,
        method_hash(method, find_factory(spec)),
        method.needs_trimap,
        dict(method.card),
        weights,
        uses_trimap=method.needs_trimap,
        memory_gb_per_megapixel=getattr(method, "memory_gb_per_megapixel", None),
        seconds_per_megapixel=getattr(method, "seconds_per_megapixel", None),
        mattes_of={
            name: method_hash(load_method(name), find_factory(name))
            for name in getattr(method, "mattes_of", ())
        },
    )
