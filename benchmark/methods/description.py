"""What the runner knows of a method before it runs."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
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
        Peak memory beyond the idle process, in GB per megapixel; None where not stated. It counts
        where `memory_needs` is not stated.
    memory_needs
        Bytes of a pixel and of an unknown pixel (`benchmark.methods.memory`), the most of those of
        a method and of the methods that it is made of or starts from; None where not stated.
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
    memory_needs: tuple[float, float] | None = None
    seconds_per_megapixel: float | None = None
    mattes_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def makes_trimaps(self) -> bool:
        """Whether it is a method of two stages, which makes the trimaps of its second."""
        return FIRST_STAGE in self.card


@lru_cache(maxsize=1)
def load(spec: str, weights: str | None, device: str | None) -> Method:
    """Return a method; a process keeps the last one it loaded.

    Raises
    ------
    ValueError
        As `load_method` does, or if the method's own code ends the process.
    """
    try:
        return load_method(spec, weights, device)
    except SystemExit as error:
        raise ValueError(f"method {spec} cannot be loaded: {fault_of(error)}") from error


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
        If there is no such method, it takes no such weights or device, or its code ends the
        process.
    """
    method = load(spec, weights, device)
    others = {name: load_method(name) for name in getattr(method, "mattes_of", ())}
    return MethodDescription(
        spec,
        method.name,
        method_hash(method, find_factory(spec)),
        method.needs_trimap,
        dict(method.card),
        weights,
        uses_trimap=method.needs_trimap,
        memory_gb_per_megapixel=getattr(method, "memory_gb_per_megapixel", None),
        memory_needs=_most_needed([method, *others.values()]),
        seconds_per_megapixel=getattr(method, "seconds_per_megapixel", None),
        mattes_of={name: method_hash(other, find_factory(name)) for name, other in others.items()},
    )


def fault_of(error: BaseException) -> str:
    """Return the class and message of an error that was caught, and the line that raised it."""
    *_, (code, line) = traceback.walk_tb(error.__traceback__)
    place = f"{Path(code.f_code.co_filename).name}, line {line}"
    return f"{type(error).__name__}: {error} ({place})"


def _most_needed(methods: Sequence[Method]) -> tuple[float, float] | None:
    """Return the most bytes of a pixel and of an unknown one that methods state, or their stages.

    They run one after another, in one process.
    """
    parts = [
        part
        for method in methods
        for part in (method, getattr(method, "first", None), getattr(method, "second", None))
    ]
    stated = [needs for part in parts if (needs := getattr(part, "memory_needs", None)) is not None]
    if not stated:
        return None
    return max(needs[0] for needs in stated), max(needs[1] for needs in stated)
