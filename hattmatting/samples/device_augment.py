"""Colour changes of a whole batch, on the training's device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

COLOUR_KEYS = 1 << 62  # added to a sample's number, so that these draws are not the sample's own


def vary_colour(image: Tensor, numbers: Sequence[int], seed: int, strength: float) -> Tensor:
    """Return the images with gain, white balance and saturation changed at random.

    Parameters
    ----------
    image
        B×3×H×W in [0, 1].
    numbers
        The samples' numbers, B of them: a change depends on seed and number alone, not on batch or
        process.
    seed
        The training's seed.
    strength
        Standard deviation of the gain's logarithm and of the saturation; white balance has a
        third of it.

    Returns
    -------
    Tensor
        B×3×H×W in [0, 1].
    """
    matrices = np.stack([_matrix(seed, number, strength) for number in numbers])
    colours = torch.from_numpy(matrices).to(image.device, image.dtype)
    return torch.einsum("bij,bjhw->bihw", colours, image).clamp(0, 1)


def _matrix(seed: int, number: int, strength: float) -> np.ndarray:
    rng = np.random.Generator(np.random.Philox(key=[seed, COLOUR_KEYS + number]))
    gain = np.exp(rng.normal(0, strength) + rng.normal(0, strength / 3, 3))
    saturation = max(rng.normal(1, strength), 0.0)
    mixed = saturation * np.eye(3) + (1 - saturation) * np.full((3, 3), 1 / 3)
    return (np.diag(gain) @ mixed).astype(np.float32)
