"""Names and shapes of public checkpoints, random tensors in them, and a small scene."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from baselines.deep.checkpoints import save_network
from baselines.deep.network_method import NetworkMethod
from benchmark.methods.finding import registered

GOLDEN = Path(__file__).parents[2] / "golden" / "deep"
Shapes = dict[str, tuple[int, ...]]
ROOM = "baselines.deep.methods."
METHODS: dict[str, type[NetworkMethod]] = {
    name: entry.load() for name, entry in registered().items() if entry.value.startswith(ROOM)
}


def read_shapes(name: str) -> Shapes:
    """Return the names and shapes of one list of ``tests/golden/deep``."""
    shapes = {}
    for line in (GOLDEN / f"{name}.tsv").read_text().splitlines():
        key, _, sides = line.partition("\t")
        shapes[key] = tuple(int(side) for side in sides.split("x")) if sides else ()
    return shapes


def random_state(shapes: Shapes, seed: int = 0) -> dict[str, Tensor]:
    """Return small random tensors; variances are about 1."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.zeros((), dtype=torch.long)
        elif name.endswith("running_var"):
            state[name] = torch.rand(shape, generator=generator) + 0.5
        else:
            state[name] = 0.05 * torch.randn(shape, generator=generator)
    return state


def network_shapes(network: nn.Module) -> Shapes:
    """Return a network's names and shapes."""
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def presets(method: type[NetworkMethod]) -> dict[str, Any]:
    """Return the presets of a method's network."""
    import importlib

    found: dict[str, Any] = importlib.import_module(method.build.__module__).PRESETS
    return found


def smallest(method: type[NetworkMethod]) -> Any:
    """Return the preset for tests: the reduced one."""
    by_name = presets(method)
    return by_name.get("toy", by_name["small"])


class Scene(NamedTuple):
    """An image and its trimap."""

    image: npt.NDArray[np.uint8]
    trimap: npt.NDArray[np.uint8]


def make_scene(height: int, width: int, seed: int = 0) -> Scene:
    """Return noise, with background on the left, foreground on the right, unknown between."""
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    trimap = np.full((height, width), 128, np.uint8)
    trimap[:, : width // 4] = 0
    trimap[:, width - width // 4 :] = 255
    return Scene(image, trimap)


def save_small(method: type[NetworkMethod], folder: Path) -> None:
    """Write a reduced random checkpoint, of larger weights than networks start from."""
    import dataclasses

    config = smallest(method)
    if hasattr(method, "skip"):
        config = dataclasses.replace(config, skip=method.skip)
    with torch.device("meta"):
        network = method.build(config)
    shapes = network_shapes(network)
    state = {name: 4 * tensor for name, tensor in random_state(shapes).items()}
    network.load_state_dict(state, assign=True)
    save_network(network, method.network_name, folder, card={"trained_on": "nothing"})
