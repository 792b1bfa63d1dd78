"""The checked pair of mattes that every metric starts from, in the official code's form.

The evaluation code of Deep Image Matting works on stored 8-bit mattes and counts a pixel as
unknown where the trimap is exactly 128. A matte given as floats is therefore rounded to 8 bits
the way it would be stored, floor(255 a + 0.5), unless unrounded scoring is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmark.metrics.kernels.choosing import CHOICE
from benchmark.metrics.registry import UNKNOWN

Region = Literal["whole", "unknown"]
Rounding = Literal["8-bit", "none"]
TrimapValues = Literal["strict", "official"]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Pair:
    """Two mattes ready to be compared, and the pixels over which a metric sums.

    Attributes
    ----------
    alpha, alpha_gt
        Mattes, H x W, C-contiguous: uint8, or float64 in [0, 1] where nothing was rounded.
    trimap
        Uint8, H x W, C-contiguous: where it is 128 is unknown. 0 x 0 where no pair of these mattes
        is summed over the unknown region.
    region
        Over which a metric sums.
    whole
        Whether a pair of these mattes is summed over the whole image.
    """

    alpha: npt.NDArray[Any]
    alpha_gt: npt.NDArray[Any]
    trimap: npt.NDArray[np.uint8]
    region: Region
    whole: bool
    _done: dict[str, Any] = field(default_factory=dict, repr=False)

    def once(self, step: str, compute: Callable[[], T]) -> T:
        """Return what `compute` gives, computed once for all regions of these mattes.

        A metric names its step. One that sums over a region returns both sums, whole and unknown,
        and takes its own by `of_region`.
        """
        if step not in self._done:
            self._done[step] = compute()
        return cast("T", self._done[step])

    def steps(self) -> Any:
        """Return the module of the metrics' steps, compiled or not; one for all of these mattes."""
        return self.once("steps", lambda: CHOICE.steps(self.alpha.size))

    def of_region(self, sums: Sequence[T]) -> T:
        """Return this pair's of two sums, over the whole image and the unknown region."""
        return sums[self.region == "unknown"]

    def both(self, per_pixel: npt.NDArray[np.float64]) -> tuple[float, float]:
        """Sum per-pixel values over the whole image and over the unknown region."""
        inside = per_pixel[self.trimap == UNKNOWN] if self.trimap.size else np.zeros(0)
        return float(per_pixel.sum()), float(inside.sum())


def prepare_pair(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
    trimap_values: TrimapValues = "official",
) -> Pair:
    """Check the arguments of a metric over one region; see `prepare_pairs`."""
    return prepare_pairs(
        alpha,
        alpha_gt,
        trimap,
        regions=(region,),
        fill_known=fill_known,
        rounding=rounding,
        trimap_values=trimap_values,
    )[0]


def prepare_pairs(
    alpha: npt.NDArray[Any],
    alpha_gt: npt.NDArray[Any],
    trimap: npt.NDArray[np.uint8] | None = None,
    *,
    regions: Sequence[Region],
    fill_known: bool = False,
    rounding: Rounding = "8-bit",
    trimap_values: TrimapValues = "official",
) -> list[Pair]:
    """Check the arguments of a metric once; the arrays given are never changed.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true matte, H x W: uint8, or float in [0, 1]. A PIL picture of mode L counts
        as its array.
    trimap
        Uint8, H x W, or a PIL picture of mode L. Unknown is 128 exactly.
    regions
        ``"whole"`` sums over every pixel, ``"unknown"`` where the trimap is 128.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    rounding
        ``"8-bit"`` compares the mattes as they would be stored, ``"none"`` as they are.
    trimap_values
        ``"official"`` counts values other than 0, 128 and 255 as known, ``"strict"`` refuses them.

    Returns
    -------
    list of Pair
        One for each region, which compute what they have in common once.

    Raises
    ------
    ValueError
        For another type, dtype, range or shape, or where a trimap is needed and not given.
    """
    for region in regions:
        if region not in ("whole", "unknown"):
            raise ValueError(f'region is {region!r}; expected "whole" or "unknown"')
    if rounding not in ("8-bit", "none"):
        raise ValueError(f'rounding is {rounding!r}; expected "8-bit" or "none"')
    if trimap_values not in ("strict", "official"):
        raise ValueError(f'trimap_values is {trimap_values!r}; expected "strict" or "official"')
    alpha, alpha_gt = _array(alpha, "alpha"), _array(alpha_gt, "alpha_gt")
    trimap = None if trimap is None else _array(trimap, "trimap")
    _check_matte(alpha, "alpha")
    _check_matte(alpha_gt, "alpha_gt")
    _check_shape(alpha_gt, "alpha_gt", alpha)
    if trimap is None:
        if "unknown" in regions:
            raise ValueError('region "unknown" needs a trimap, none was given')
        if fill_known:
            raise ValueError("fill_known needs a trimap, none was given")
    else:
        _check_trimap(trimap, alpha)
        if trimap_values == "strict":
            _check_values(trimap)
    compared = _rounded if rounding == "8-bit" else _unrounded
    prediction = compared(alpha, "alpha")
    if trimap is not None and fill_known:
        prediction = _filled(prediction, trimap)
    if trimap is None or "unknown" not in regions:
        trimap = np.empty((0, 0), dtype=np.uint8)
    truth, trimap, whole = compared(alpha_gt, "alpha_gt"), _plain(trimap), "whole" in regions
    first = Pair(prediction, truth, trimap, regions[0], whole)
    return [replace(first, region=region) for region in regions]


def _array(given: object, name: str) -> npt.NDArray[Any]:
    """Return an array as it is, and a PIL picture of mode L as its array."""
    if isinstance(given, np.ndarray):
        return given
    if isinstance(given, Image.Image):
        if given.mode == "L":
            return np.asarray(given)
        raise ValueError(f"{name} is a PIL picture of mode {given.mode}; expected mode L")
    kind = type(given).__name__
    raise ValueError(f"{name} has type {kind}; expected a numpy array or a PIL picture of mode L")


def _check_matte(alpha: npt.NDArray[Any], name: str) -> None:
    if alpha.dtype != np.uint8 and not np.issubdtype(alpha.dtype, np.floating):
        raise ValueError(f"{name} has dtype {alpha.dtype}; expected uint8 or float")
    if alpha.ndim != 2 or alpha.size == 0:
        raise ValueError(f"{name} has shape {alpha.shape}; expected (height, width)")


def _check_trimap(trimap: npt.NDArray[Any], alpha: npt.NDArray[Any]) -> None:
    if trimap.dtype != np.uint8:
        raise ValueError(f"trimap has dtype {trimap.dtype}; expected uint8")
    _check_shape(trimap, "trimap", alpha)


def _check_values(trimap: npt.NDArray[np.uint8]) -> None:
    if ((trimap == UNKNOWN) | (trimap == 0) | (trimap == 255)).all():
        return  # a tenth of the time that finding the others takes
    others = np.setdiff1d(trimap, (0, UNKNOWN, 255))
    shown = ", ".join(map(str, others[:5])) + ("…" if others.size > 5 else "")
    raise ValueError(
        f'trimap has {shown}; expected 0, 128, 255; trimap_values="official" counts others as known'
    )


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
    opaque = 255 if alpha.dtype == np.uint8 else 1
    steps = CHOICE.steps(0)
    result: npt.NDArray[Any] = steps.filled(alpha.ravel(), _plain(trimap).ravel(), opaque)
    return result.reshape(alpha.shape)
