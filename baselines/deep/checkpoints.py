"""Checkpoints of networks: public files by their layout, and folders of our own.

A folder of our own has ``config.json`` (``network``: a name; ``config``: the network's
configuration; ``card``: what a card says of the training; ``long_side``: the long side in pixels
that images are brought to, if it was trained for one) and ``model.safetensors``, whose tensors may
be float16.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from baselines.deep.layouts import COUNTER, Layout, config_from, find_layout, load_strictly
from baselines.deep.state_files import FOLDER_FILES, StateFile, read_state
from distinctions646.process.whole_files import write_bytes

OURS = "this suite's"
SHIPPED = Path(__file__).parent / "weights"  # a folder for each method that has a checkpoint here
_CARD_FIELDS = ("title", "trained_on", "licence", "training", "leak")


def shipped_checkpoint(method: str) -> Path | None:
    """Return the folder of the checkpoint that ships for a method; None where none does."""
    folder = SHIPPED / method
    return folder if all((folder / name).is_file() for name in FOLDER_FILES) else None


@dataclass(frozen=True)
class Source:
    """A checkpoint that was opened and recognised, not yet put into a network.

    Attributes
    ----------
    state
        The file.
    public
        Its layout; None for a folder of our own.
    card
        What it adds to a method's card.
    long_side
        That longer images are brought to; None for any size.
    """

    state: StateFile
    public: Layout[Any] | None
    card: Mapping[str, str]
    long_side: int | None = None

    @property
    def label(self) -> str:
        """Return file name, hash, and what in the file was not used."""
        unused = ", ".join(self.state.ignored[:4])
        return self.state.label + (f" (not used: {unused})" if unused else "")

    @property
    def layout(self) -> str:
        """Return the layout's name."""
        return OURS if self.public is None else self.public.name

    @property
    def inference(self) -> str:
        """Return the name of what is done with images of any size."""
        return "pad" if self.public is None else self.public.inference

    def configure(self, kind: type) -> Any:
        """Return the configuration of the file's network."""
        if self.public is not None:
            return self.public.configure(self.state.tensors)
        assert self.state.config is not None  # by construction
        given = self.state.config.get("config", {})
        return config_from(kind, given, str(self.state.path.with_name(FOLDER_FILES[0])))


def open_checkpoint(
    method: str, network: str, weights: str, layouts: Sequence[Layout[Any]]
) -> Source:
    """Read a checkpoint and find out whose it is.

    Raises
    ------
    ValueError
        If it cannot be read or is no checkpoint of the method.
    """
    state = read_state(weights)
    if state.config is not None and "network" in state.config:
        found = state.config["network"]
        if found != network:
            raise ValueError(f"{weights}: is a checkpoint of {found}; {method} expected {network}")
        given = state.config.get("card", {})
        card = {name: str(given[name]) for name in _CARD_FIELDS if name in given}
        card = {"trained_on": "not stated", "licence": "not stated", "leak": ""} | card
        return Source(state, None, card, _read_long_side(state))
    layout = find_layout(method, state, layouts)
    card = {"trained_on": layout.trained_on, "licence": layout.licence}
    released = layout.files.get(state.sha256[:8])
    if released is None:  # somebody may have trained the same network on something else
        card = {
            name: f"not known for this file (others of the network: {value})"
            for name, value in card.items()
        }
    if layout.leak:
        card["leak"] = ", ".join(layout.leak)
    return Source(state, layout, card | ({"released_file": released} if released else {}))


def _read_long_side(state: StateFile) -> int | None:
    side = (state.config or {}).get("long_side")
    if side is not None and (not isinstance(side, int) or side < 1):
        raise ValueError(f"{state.title}: long_side is {side!r}; expected pixels or null")
    return side


def build_network(
    build: Callable[[Any], nn.Module], config: Any, source: Source, what: str
) -> nn.Module:
    """Build a network and put a checkpoint's tensors into it, strictly.

    Raises
    ------
    ValueError
        Naming what is missing, what is too much and what has another shape.
    """
    tensors = source.state.tensors
    if source.public is not None:
        tensors = source.public.translate(tensors)
    with torch.device("meta"):
        network = build(config)
    load_strictly(network, tensors, source.state, f"{what} checkpoint in {source.layout} layout")
    return network


def save_network(
    network: nn.Module,
    name: str,
    folder: Path,
    *,
    card: Mapping[str, str] | None = None,
    long_side: int | None = None,
    dtype: torch.dtype = torch.float16,
) -> None:
    """Write a network as a folder that `open_checkpoint` reads.

    Parameters
    ----------
    network
        With its configuration in ``network.config``.
    name
        The network's, as its method has it in `network_name`.
    folder
        Created if absent.
    card
        ``trained_on``, ``licence``, ``training`` and ``leak`` (datasets whose test images were
        seen, separated by commas) for the method's card.
    long_side
        That longer images are brought to, in pixels; None for any size.
    dtype
        Number format of the weights on disk.
    """
    from safetensors.torch import save

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        key: (value.to(dtype) if value.is_floating_point() else value).cpu().contiguous()
        for key, value in network.state_dict().items()
        if not key.endswith(COUNTER)
    }
    config: Any = network.config
    content = {
        "network": name,
        "config": dataclasses.asdict(config),
        "card": dict(card or {}),
        "long_side": long_side,
    }
    write_bytes(folder / FOLDER_FILES[1], save(tensors))
    write_bytes(folder / FOLDER_FILES[0], (json.dumps(content, indent=1) + "\n").encode())
