"""The official compositing equation as compiled code: one pass, no copies of whole pictures.

Where alpha is 255 the foreground is copied, where it is 0 the background; elsewhere the value is
``int(alpha * F + (1 - alpha) * B)`` in double precision, operation by operation as the script of
Composition-1k has it, and cut off.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_BLOCK = 128  # pixels; most blocks of a matte are opaque or clear throughout


@njit(cache=True, nogil=True)
def blend(
    foreground: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
    background: NDArray[np.uint8],
    image: NDArray[np.uint8],
) -> None:
    """Blend into `image`.

    Parameters
    ----------
    foreground, background
        H·W·3, uint8, contiguous.
    alpha_u8
        H·W, uint8.
    image
        H·W·3, uint8: receives the composite.
    """
    wide = np.empty(3 * _BLOCK)
    for start in range(0, alpha_u8.size, _BLOCK):
        alphas = alpha_u8[start : start + _BLOCK]
        front = foreground[3 * start : 3 * (start + _BLOCK)]
        back = background[3 * start : 3 * (start + _BLOCK)]
        out = image[3 * start : 3 * (start + _BLOCK)]
        first, differ = alphas[0], False
        for x in range(alphas.size):
            differ |= alphas[x] != first
        if not differ and first == 255:
            for j in range(out.size):
                out[j] = front[j]
        elif not differ and first == 0:
            for j in range(out.size):
                out[j] = back[j]
        else:
            # I = a F + (1 - a) B, each operation in double precision; the fraction is cut. With a
            # of 1 or 0 that is F or B, so the loop needs no branch and becomes vector instructions.
            for x in range(alphas.size):
                alpha = alphas[x] / 255
                wide[3 * x] = wide[3 * x + 1] = wide[3 * x + 2] = alpha
            for j in range(out.size):
                alpha = wide[j]
                out[j] = np.uint8(np.int32(alpha * front[j] + (1 - alpha) * back[j]))


def split_alpha(rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return colour and alpha of a picture apart: H×W×3 and H×W, contiguous, from H×W×4, uint8."""
    colour = np.empty((*rgba.shape[:2], 3), np.uint8)
    alpha_u8 = np.empty(rgba.shape[:2], np.uint8)
    _split(rgba.reshape(-1), colour.reshape(-1), alpha_u8.reshape(-1))
    return colour, alpha_u8


@njit(cache=True, nogil=True)
def _split(rgba: NDArray[np.uint8], colour: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]) -> None:
    for x in range(alpha_u8.size):
        for channel in range(3):
            colour[3 * x + channel] = rgba[4 * x + channel]
        alpha_u8[x] = rgba[4 * x + 3]
