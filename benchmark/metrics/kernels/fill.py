"""The compiled step of `fill_known`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True, nogil=True)
def filled(
    alpha: npt.NDArray[Any], trimap: npt.NDArray[np.uint8], opaque: float
) -> npt.NDArray[Any]:
    """Return a flat matte that is 0 where the trimap is 0 and `opaque` where it is 255."""
    result = np.empty_like(alpha)
    full = alpha.dtype.type(opaque)
    for j in range(alpha.size):
        value = full if trimap[j] == 255 else alpha[j]
        result[j] = value if trimap[j] != 0 else alpha.dtype.type(0)
    return result
