"""Tiny pictures with known mattes, and the oracle's photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from distinctions646.images.reading import read_alpha, read_image, read_trimap

RED, BLUE = np.array([220, 30, 40]), np.array([20, 40, 200])


class Scene(NamedTuple):
    """An image, its trimap and its true alpha."""

    image: npt.NDArray[np.uint8]
    trimap: npt.NDArray[np.uint8]
    alpha_gt: npt.NDArray[np.float32]


@pytest.fixture
def edge() -> Scene:
    """A red square on blue with a soft left edge."""
    ramp = np.clip((np.arange(24) - 6) / 9, 0, 1)
    alpha = np.tile(ramp, (20, 1)).astype(np.float32)
    image = alpha[..., None] * RED + (1 - alpha[..., None]) * BLUE
    trimap = np.where(alpha == 1, 255, np.where(alpha == 0, 0, 128)).astype(np.uint8)
    return Scene(image.astype(np.uint8), trimap, alpha)


@pytest.fixture
def noise() -> Scene:
    """Random colours in 9×11 pixels with an unknown block; its alpha_gt means nothing."""
    image = np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    trimap = np.zeros((9, 11), np.uint8)
    trimap[:, 7:] = 255
    trimap[2:8, 3:8] = 128
    return Scene(image, trimap, np.zeros((9, 11), np.float32))


@pytest.fixture(scope="session")
def photograph(oracle: Path) -> Callable[[str], Scene]:
    """Return a reader of alphamatting.com's training photographs with Trimap1."""

    def read(stem: str) -> Scene:
        folder = oracle / "alphamatting"
        return Scene(
            read_image(folder / "input_training_lowres" / f"{stem}.png"),
            read_trimap(folder / "trimap_training_lowres" / "Trimap1" / f"{stem}.png"),
            read_alpha(folder / "gt_training_lowres" / f"{stem}.png") / np.float32(255),
        )

    return read
