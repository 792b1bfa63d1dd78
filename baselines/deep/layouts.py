"""Layouts of public checkpoints: which file is whose, and what its tensors are called here."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from baselines.deep.state_files import StateFile
from distinctions646.sources.catalogue.overlaps import TEST_SETS_IN_TRAINING

Config = TypeVar("Config")
Tensors = dict[str, Tensor]
ADOBE = "Adobe Deep Image Matting, training set"  # as cards call it
ADOBE_LEAKS = TEST_SETS_IN_TRAINING["composition1k"]
COUNTER = "num_batches_tracked"  # files written before torch 0.4.1 lack it; evaluation needs none
_SHOWN = 6  # names in a message


@dataclass(frozen=True)
class Layout(Generic[Config]):
    """How one program names the tensors of a network.

    Attributes
    ----------
    name
        The program, for cards and messages.
    marker
        A name that every file of this layout has, and no other layout of the method.
    configure
        Reads the network's configuration (its variant) from the tensors.
    renames
        Pairs of a regular expression and its replacement, applied in order: theirs to ours.
    convert
        Changes the tensors themselves before they are renamed, such as folding a normalisation in.
    licence, trained_on, leak
        Of the released weights, for the card; `leak` has the datasets whose test images they saw.
    inference
        What the method does with an image of any size, by name; see each method.
    files
        Released files: the first eight digits of the SHA-256, and the name.
    """

    name: str
    marker: str
    configure: Callable[[Tensors], Config]
    renames: Sequence[tuple[str, str]] = ()
    convert: Callable[[Tensors], Tensors] | None = None
    licence: str = "not known"
    trained_on: str = "not known"
    leak: tuple[str, ...] = ()
    inference: str = "pad"
    files: Mapping[str, str] = field(default_factory=dict)

    def rename(self, name: str) -> str:
        """Return our name of one of its tensors."""
        for pattern, replacement in self.renames:
            name = re.sub(pattern, replacement, name)
        return name

    def translate(self, tensors: Tensors) -> Tensors:
        """Return the tensors as our network has them."""
        converted = tensors if self.convert is None else self.convert(tensors)
        return {self.rename(name): tensor for name, tensor in converted.items()}


def find_layout(method: str, state: StateFile, layouts: Iterable[Layout[Config]]) -> Layout[Config]:
    """Return the layout of a file.

    Raises
    ------
    ValueError
        If it is none of the method's.
    """
    known = tuple(layouts)
    for layout in known:
        if layout.marker in state.tensors:
            return layout
    names = sorted(state.tensors)
    wanted = "; ".join(f"{layout.name}, which has {layout.marker}" for layout in known)
    near = difflib.get_close_matches(known[0].marker, names, 1) if known else []
    raise ValueError(
        f"{state.path}: is no checkpoint of {method}; expected the layout of {wanted}; got "
        f"{shorten(names)}" + (f"; nearest: {near[0]}" if near else "")
    )


def load_strictly(network: nn.Module, tensors: Tensors, state: StateFile, what: str) -> None:
    """Put tensors into a network, all of them and no other.

    Batch counters may be absent on either side. The network may be on the meta device.

    Raises
    ------
    ValueError
        Naming what is missing, what is too much and what has another shape.
    """
    expected = {name: tuple(each.shape) for name, each in network.state_dict().items()}
    given = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    missing = sorted(name for name in expected if name not in given and not _is_counter(name))
    extra = sorted(name for name in given if name not in expected and not _is_counter(name))
    other = [
        f"{name} {_by(given[name])}, expected {_by(expected[name])}"
        for name in sorted(expected)
        if name in given and given[name] != expected[name]
    ]
    if missing or extra or other:
        parts = [
            f"{title} ({len(names)}): {shorten(names)}"
            for title, names in (("missing", missing), ("too much", extra), ("other shape", other))
            if names
        ]
        raise ValueError(f"{state.path}: is no {what}: {'; '.join(parts)}")
    bad = [name for name, each in tensors.items() if not bool(torch.isfinite(each).all())]
    if bad:
        raise ValueError(f"{state.path}: holds NaN or infinity: {shorten(sorted(bad))}")
    usable = {
        name: each.float() if each.is_floating_point() else each
        for name, each in tensors.items()
        if name in expected
    }
    counters = {name: torch.zeros((), dtype=torch.long) for name in expected if _is_counter(name)}
    network.load_state_dict(counters | usable, assign=True)


def _is_counter(name: str) -> bool:
    return name.rpartition(".")[2] == COUNTER


def _by(shape: Iterable[int]) -> str:
    return "×".join(map(str, shape)) or "scalar"


def shorten(names: Sequence[str]) -> str:
    """Return names for a message, a few and how many more."""
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def config_from(kind: type[Config], given: Mapping[str, Any], where: str) -> Config:
    """Build a configuration from the content of ``config.json``.

    Raises
    ------
    ValueError
        Naming an unknown key with its nearest match, or a value that does not fit.
    """
    import dataclasses

    fields = {each.name for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in given:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"{where}: has unknown key {name}{hint}")
    plain = {name: tuple(each) if isinstance(each, list) else each for name, each in given.items()}
    try:
        return kind(**plain)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None
