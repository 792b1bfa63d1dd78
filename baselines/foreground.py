"""The foreground's own colours, as a step after any method."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.policy import one_thread


def estimate_foreground(
    image: npt.NDArray[np.uint8], alpha: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.uint8]:
    """Estimate the foreground colours under a matte, ready to be laid over a new background.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    alpha
        float H×W in [0, 1].

    Returns
    -------
    ndarray
        uint8 H×W×3 RGB; where alpha is 0, colours carried over from near foreground.

    Raises
    ------
    ValueError
        If the image is not uint8 H×W×3, or alpha has another size, other values or no float type.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling, "Fast multi-level foreground estimation", ICPR 2020, through
    pymatting's ``estimate_foreground_ml`` at its defaults.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        got = "×".join(str(side) for side in image.shape)
        raise ValueError(f"image is {got} {image.dtype}; expected H×W×3 uint8")
    if alpha.shape != image.shape[:2] or not np.issubdtype(alpha.dtype, np.floating):
        got = "×".join(str(side) for side in alpha.shape)
        height, width = image.shape[:2]
        raise ValueError(f"alpha is {got} {alpha.dtype}; expected {height}×{width} float")
    low, high = float(alpha.min()), float(alpha.max())
    if not (low >= 0.0 and high <= 1.0):  # so written that NaN fails too
        raise ValueError(f"alpha has values from {low:g} to {high:g}; expected 0 to 1")
    from pymatting import estimate_foreground_ml

    with one_thread():
        foreground = estimate_foreground_ml(image / 255.0, alpha.astype(np.float64))
    rounded: npt.NDArray[np.uint8] = np.floor(255 * np.clip(foreground, 0, 1) + 0.5).astype(
        np.uint8
    )
    return rounded
