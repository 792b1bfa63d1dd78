"""The official compositing equation as compiled code: one pass, no copies.

Where alpha is 255 the foreground is copied, where it is 0 the background; elsewhere the value is
``int(alpha * F + (1 - alpha) * B)`` in double precision, operation by operation as the script of
Composition-1k has it, and cut off.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def blend(
    foreground: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
    background: NDArray[np.uint8],
    image: NDArray[np.uint8],
) -> None:
    """Blend into `image`; the arrays may be views.

    Parameters
    ----------
    foreground, background
        H×W×3 (of more channels the first three), uint8.
    alpha_u8
        H×W, uint8.
    image
        H×W×3, uint8: receives the composite.
    """
    for y in range(alpha_u8.shape[0]):
        for x in range(alpha_u8.shape[1]):
            a = alpha_u8[y, x]
            if a == 255:
                for channel in range(3):
                    image[y, x, channel] = foreground[y, x, channel]
            elif a == 0:
                for channel in range(3):
                    image[y, x, channel] = background[y, x, channel]
            else:
                # I = a F + (1 - a) B, each operation in double precision; uint8() cuts the fraction
                alpha = a / 255
                for channel in range(3):
                    front = alpha * foreground[y, x, channel]
                    value = front + (1 - alpha) * background[y, x, channel]
                    image[y, x, channel] = np.uint8(value)
