"""Change the colours of a whole batch where it lies, on the training's device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

COLOUR_KEYS = 1 << 62  # keeps these streams apart from the samples' own


def vary_colour(image: Tensor, numbers: Sequence[int], seed: int, strength: float) -> Tensor:
    """Scale each image's gain, white balance and saturation by chance.

    Parameters
    ----------
    image
        B×3×H×W in [0, 1].
    numbers
        The samples' numbers: a sample's change depends on seed and number alone, not on its batch
        or process.
    seed
        Of the training.
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
