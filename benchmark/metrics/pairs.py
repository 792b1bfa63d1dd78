"""The checked pair of mattes that every metric starts from, in the official code's form.

The evaluation code of Deep Image Matting works on stored 8-bit mattes and counts a pixel as
unknown where the trimap is exactly 128. A matte given as floats is therefore rounded to 8 bits
the way it would be stored, floor(255 a + 0.5), unless unrounded scoring is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchmark.metrics.differences import Differences, sum_differences
from benchmark.metrics.registry import UNKNOWN

Region = Literal["whole", "unknown"]
Rounding = Literal["8-bit", "none"]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two mattes ready to be compared, and the pixels over which a metric sums.

    Attributes
    ----------
    alpha, alpha_gt
        Mattes, H x W, C-contiguous: uint8, or float64 in [0, 1] where nothing was rounded.
    trimap
        Uint8, H x W, C-contiguous: a metric sums where it is 128. 0 x 0 stands for the whole image.
    """

    alpha: npt.NDArray[Any]
    alpha_gt: npt.NDArray[Any]
    trimap: npt.NDArray[np.uint8]

    @cached_property
    def differences(self) -> Differences:
        """The sums that SAD, MSE and MAD share, computed when first asked for."""
        return sum_differences(self.alpha, self.alpha_gt, self.trimap)


def prepare_pair(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
) -> Pair:
    """Check the arguments of a metric once; the arrays given are never changed.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1].
    trimap
        Uint8, H x W. Unknown is 128 exactly, every other value is known.
    region
        ``"whole"`` sums over every pixel, ``"unknown"`` where the trimap is 128.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    rounding
        ``"8-bit"`` compares the mattes as they would be stored, ``"none"`` as they are.

    Returns
    -------
    Pair
        The checked pair.

    Raises
    ------
    ValueError
        For another type, dtype, range or shape, or where a trimap is needed and not given.
    """
    if region not in ("whole", "unknown"):
        raise ValueError(f'region is {region!r}; expected "whole" or "unknown"')
    if rounding not in ("8-bit", "none"):
        raise ValueError(f'rounding is {rounding!r}; expected "8-bit" or "none"')
    _check_matte(alpha, "alpha")
    _check_matte(alpha_gt, "alpha_gt")
    _check_shape(alpha_gt, "alpha_gt", alpha)
    if trimap is None:
        if region == "unknown":
            raise ValueError('region "unknown" needs a trimap, none was given')
        if fill_known:
            raise ValueError("fill_known needs a trimap, none was given")
    else:
        _check_trimap(trimap, alpha)
    compared = _rounded if rounding == "8-bit" else _unrounded
    prediction = compared(alpha, "alpha")
    if trimap is not None and fill_known:
        prediction = _filled(prediction, trimap)
    if trimap is None or region == "whole":
        trimap = np.empty((0, 0), dtype=np.uint8)
    return Pair(prediction, compared(alpha_gt, "alpha_gt"), _plain(trimap))


def in_region(per_pixel: npt.NDArray[Any], pair: Pair) -> npt.NDArray[Any]:
    """Return the values at the pixels over which a pair is summed, in a flat array."""
    return per_pixel[pair.trimap == UNKNOWN] if pair.trimap.size else per_pixel.ravel()


def _check_matte(alpha: npt.NDArray[Any], name: str) -> None:
    if not isinstance(alpha, np.ndarray):
        raise ValueError(f"{name} is a {type(alpha).__name__}; expected a numpy array")
    if alpha.dtype != np.uint8 and not np.issubdtype(alpha.dtype, np.floating):
        raise ValueError(f"{name} has dtype {alpha.dtype}; expected uint8 or float")
    if alpha.ndim != 2 or alpha.size == 0:
        raise ValueError(f"{name} has shape {alpha.shape}; expected (height, width)")


def _check_trimap(trimap: npt.NDArray[Any], alpha: npt.NDArray[Any]) -> None:
    if not isinstance(trimap, np.ndarray):
        raise ValueError(f"trimap is a {type(trimap).__name__}; expected a numpy array")
    if trimap.dtype != np.uint8:
        raise ValueError(f"trimap has dtype {trimap.dtype}; expected uint8")
    _check_shape(trimap, "trimap", alpha)


def _check_shape(array: npt.NDArray[Any], name: str, alpha: npt.NDArray[Any]) -> None:
    if array.shape != alpha.shape:
        raise ValueError(f"{name} has shape {array.shape}; expected {alpha.shape}, as alpha has")


def _check_range(alpha: npt.NDArray[Any], name: str) -> None:
    low, high = float(alpha.min()), float(alpha.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} has values that are not finite; expected 0 to 1")
    if low < 0 or high > 1:
        ends = " to ".join(str(end).removesuffix(".0") for end in (low, high))
        raise ValueError(f"{name} has values from {ends}; expected 0 to 1")


def _rounded(alpha: npt.NDArray[Any], name: str) -> npt.NDArray[np.uint8]:
    if alpha.dtype != np.uint8:
        _check_range(alpha, name)
        stored = alpha.astype(np.float64)
        stored *= 255.0
        stored += 0.5
        return stored.astype(np.uint8)  # towards zero, which is floor here
    return _plain(alpha)


def _unrounded(alpha: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
    if alpha.dtype == np.uint8:
        return np.ascontiguousarray(alpha) / 255.0
    _check_range(alpha, name)
    return _plain(alpha.astype(np.float64, copy=False))


def _plain(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array C-contiguous and writable, copied only where it is not.

    Numba compiles a kernel once more for read-only arrays, which is what Pillow hands out.
    """
    plain: npt.NDArray[Any] = np.require(array, requirements=["C", "W"])
    return plain


def _filled(alpha: npt.NDArray[Any], trimap: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    from benchmark.metrics.kernels.fill import filled

    opaque = 255 if alpha.dtype == np.uint8 else 1
    result: npt.NDArray[Any] = filled(alpha.ravel(), _plain(trimap).ravel(), opaque)
    return result.reshape(alpha.shape)
