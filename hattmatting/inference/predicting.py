"""The matte of one image: padded, at the asked size, whole or in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor, nn

    from hattmatting.model.network import HAttMatting

MULTIPLE = 32  # the backbone's deepest stride, with room for the dilated block
SURE = 1e-4  # of alpha, where sizes are joined
OVERLAP = 4  # neighbouring tiles share a quarter of their side

LongSide = int | Literal["trained"] | None


def predict(
    model: HAttMatting,
    image: npt.NDArray[np.uint8],
    *,
    long_side: LongSide = "trained",
    tile: int | None = None,
) -> npt.NDArray[np.float32]:
    """Return the matte of one image.

    Parameters
    ----------
    model
        Of any floating dtype; it is in evaluation mode for this call.
    image
        uint8 H×W×3 RGB.
    long_side
        The image is brought to this long side and the matte back; None resizes nothing;
        ``"trained"`` does what the model's configuration says (`inference_long_side`: nothing is
        resized but by models that were trained for one working size; and the mean with those at
        `inference_more_sides` is taken).
    tile
        Side in pixels of overlapping squares that are predicted one by one and blended, which
        bounds the memory. The attention then sees a tile instead of the image, so the matte
        differs from the whole image's.

    Returns
    -------
    numpy.ndarray
        float32 H×W in [0, 1].

    Raises
    ------
    ValueError
        If the image has another type or shape, or `tile` or `long_side` is not usable.
    """
    import torch

    from hattmatting.inference.device import fitting_threads

    check_image(image)
    if tile is not None and (tile < 2 * MULTIPLE or tile % MULTIPLE):
        raise ValueError(
            f"tile is {tile}; expected a multiple of {MULTIPLE} from {2 * MULTIPLE} on"
        )
    height, width = image.shape[:2]
    sides = [working_side(model, (height, width), long_side)]
    if long_side == "trained":
        sides += model.config.inference_more_sides
    inputs = [scaled_size((height, width), side) for side in sides]
    pixels = max(rows * columns for rows, columns in inputs)
    with (
        torch.inference_mode(),
        evaluating(model),
        fitting_threads(next(model.parameters()).device, pixels),
    ):
        alphas = [_mean_of_mirrored(model, _to_tensor(model, image, one), tile) for one in sides]
        alpha = _mean_of_sizes(alphas)[0, 0].float().cpu().numpy()
    return _enlarge(alpha, (height, width))


def _enlarge(alpha: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return a matte at height and width, bilinear, cut off at 0 and 1."""
    import cv2

    if alpha.shape != size:
        resized = cv2.resize(alpha, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
        alpha = np.asarray(resized, np.float32)
    return np.clip(alpha, 0, 1, out=alpha)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a network and all its parts into evaluation mode; afterwards each is as it was."""
    training = [module for module in model.modules() if module.training]
    if training:
        model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def check_image(image: npt.NDArray[np.uint8]) -> None:
    """Raise `ValueError` unless the image is uint8 H×W×3 with a pixel."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        got = "×".join(map(str, image.shape))
        raise ValueError(f"image is {got} {image.dtype}; expected H×W×3 uint8")


def working_side(model: HAttMatting, size: tuple[int, int], long_side: LongSide) -> int | None:
    """Return the long side at which the network sees an image; None where nothing is resized.

    Raises
    ------
    ValueError
        If `long_side` is not positive.
    """
    side = model.config.inference_long_side if long_side == "trained" else long_side
    if side is not None and side < 1:
        raise ValueError(f"long side is {side}; expected 1 pixel or more")
    return None if side == max(size) else side


def scaled_size(size: tuple[int, int], side: int | None) -> tuple[int, int]:
    """Return height and width at a long side; None leaves them as they are."""
    if side is None:
        return size
    scale = side / max(size)
    return max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)


def _to_long_side(image: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    import cv2

    height, width = scaled_size((image.shape[0], image.shape[1]), side)
    method = cv2.INTER_AREA if side < max(image.shape[:2]) else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method).astype(np.uint8)


def _to_tensor(model: HAttMatting, image: npt.NDArray[np.uint8], side: int | None) -> Tensor:
    """Return the image at a long side as 1×3×h×w in [0, 1], on the model's device."""
    import torch

    if side is not None and side != max(image.shape[:2]):
        image = _to_long_side(image, side)
    pixels = torch.from_numpy(np.require(image, requirements=["C", "W"]))
    like = next(model.parameters())
    return (pixels.to(like.device).permute(2, 0, 1)[None].float() / 255).to(like.dtype)


def _mean_of_sizes(alphas: list[Tensor]) -> Tensor:
    """Return the mean of mattes at the largest one's size: a sure size outweighs an unsure one.

    It is taken of their logits, cut off where alpha is `SURE` from 0 or 1.
    """
    import torch
    from torch.nn import functional as F  # noqa: N812

    if len(alphas) == 1:
        return alphas[0]
    size = max((alpha.shape[-2:] for alpha in alphas), key=lambda size: size[0] * size[1])
    logits = [
        torch.logit(F.interpolate(alpha, size, mode="bilinear", align_corners=False), SURE)
        for alpha in alphas
    ]
    mean = torch.sigmoid(torch.stack(logits).mean(0))
    # What all of them are sure of becomes exactly 0 or 1 again.
    cut = 1.01 * SURE  # rounding included
    return ((mean - cut) / (1 - 2 * cut)).clamp(0, 1)


def _mean_of_mirrored(model: HAttMatting, image: Tensor, tile: int | None) -> Tensor:
    import torch

    if not model.config.inference_mirrored:
        return _matte(model, image, tile)
    both = torch.cat([image, image.flip(-1)])  # the image itself first: hooks keep its attention
    alphas = _matte(model, both, tile)
    return (alphas[:1] + alphas[1:].flip(-1)) / 2


def _matte(model: HAttMatting, image: Tensor, tile: int | None) -> Tensor:
    return _whole(model, image) if tile is None else _tiled(model, image, tile)


def _whole(model: HAttMatting, image: Tensor) -> Tensor:
    from torch.nn import functional as F  # noqa: N812

    height, width = image.shape[-2:]
    bottom, right = -height % MULTIPLE, -width % MULTIPLE
    reflects = bottom < height and right < width
    padded = F.pad(image, (0, right, 0, bottom), mode="reflect" if reflects else "replicate")
    alpha: Tensor = model(padded)[..., :height, :width]
    return alpha


def _tiled(model: HAttMatting, image: Tensor, tile: int) -> Tensor:
    """Return tiles blended by weights that fall off linearly towards each tile's border."""
    height, width = image.shape[-2:]
    total, weight = image.new_zeros(2, len(image), 1, height, width).float()
    for top in starts(height, tile):
        for left in starts(width, tile):
            window = (..., slice(top, top + tile), slice(left, left + tile))
            alpha = _whole(model, image[window])
            ramp = _ramp(alpha, tile)
            total[window] += ramp * alpha
            weight[window] += ramp
    blended: Tensor = total / weight
    return blended


def starts(length: int, tile: int) -> list[int]:
    """Return where tiles begin along a side, neighbours sharing a quarter of a tile or more.

    Examples
    --------
    >>> starts(100, 64), starts(64, 64), starts(10, 64)
    ([0, 36], [0], [0])
    """
    if length <= tile:
        return [0]
    count = -(-(length - tile) // (tile - tile // OVERLAP)) + 1
    return [round(place * (length - tile) / (count - 1)) for place in range(count)]


def _ramp(alpha: Tensor, tile: int) -> Tensor:
    import torch

    sides = []
    for length in alpha.shape[-2:]:
        distance = torch.arange(length, device=alpha.device)
        distance = torch.minimum(distance, distance.flip(0)) + 1
        sides.append((distance.float() / (tile // OVERLAP)).clamp(max=1))
    return sides[0][:, None] * sides[1][None]
