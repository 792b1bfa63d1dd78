"""An image brought to a size that a network takes, and its matte brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from distinctions646.images.opencv import load_cv2

Filter = Literal["nearest", "bilinear", "bicubic", "lanczos", "area"]
Picture = npt.NDArray[np.uint8]
Matte = npt.NDArray[np.float32]
Array = TypeVar("Array", bound=npt.NDArray[Any])


@dataclass(frozen=True)
class Fit:
    """How a program meets its network's stride.

    Attributes
    ----------
    how
        ``"pad"`` mirrors rows and columns in at the bottom and on the right and crops the matte;
        ``"down"`` and ``"up"`` resize both sides, each for itself, to the next multiple below or
        above, so that the aspect may change a little.
    multiple
        Both sides become a multiple of this many pixels, and at least that.
    image, trimap, back
        The resize filters of image, trimap and matte.
    longest
        No side becomes longer than this many pixels; None for no bound. Only where resized.
    scale
        Sides are multiplied by it before they are rounded. Only where resized.
    """

    how: Literal["pad", "down", "up"]
    multiple: int
    image: Filter = "bilinear"
    trimap: Filter = "bilinear"
    back: Filter = "bilinear"
    longest: int | None = None
    scale: float = 1

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and width that the network sees.

        Examples
        --------
        >>> Fit("down", 32, longest=1600).size(100, 2000), Fit("up", 32).size(100, 2000)
        ((96, 1600), (128, 2016))
        """
        return self._side(height), self._side(width)

    def _side(self, side: int) -> int:
        if self.how != "pad":
            side = int(side * self.scale)
        rounded = side // self.multiple if self.how == "down" else -(-side // self.multiple)
        whole = max(rounded, 1) * self.multiple
        return whole if self.longest is None else min(whole, self.longest)

    def prepare(self, image: Picture, trimap: Picture | None) -> tuple[Picture, Picture | None]:
        """Return image and trimap at the network's size, uint8."""
        size = self.size(image.shape[0], image.shape[1])
        if self.how == "pad":
            return pad(image, size), None if trimap is None else pad(trimap, size)
        fitted = resize(image, size, self.image)
        return fitted, None if trimap is None else resize(trimap, size, self.trimap)

    def restore(self, alpha: Matte, height: int, width: int) -> Matte:
        """Return a matte of the network's size at the image's."""
        if self.how == "pad":
            return alpha[:height, :width]
        return resize(alpha, (height, width), self.back)

    def __str__(self) -> str:
        if self.how == "pad" and self.multiple == 1:
            return "at its own size"
        if self.how == "pad":
            return f"mirrored to multiples of {self.multiple}"
        bound = "" if self.longest is None else f", at most {self.longest}"
        scaled = "" if self.scale == 1 else f"{self.scale:g} of the size, "
        return f"{scaled}resized {self.how} to multiples of {self.multiple}{bound}"


def pad(picture: Picture, size: tuple[int, int]) -> Picture:
    """Mirror rows and columns in at the bottom and on the right, without the edge's own."""
    bottom, right = size[0] - picture.shape[0], size[1] - picture.shape[1]
    amounts = ((0, bottom), (0, right)) + ((0, 0),) * (picture.ndim - 2)
    return np.pad(picture, amounts, mode="reflect")


def resize(picture: Array, size: tuple[int, int], how: Filter) -> Array:
    """Resize H×W or H×W×C with OpenCV, whose filters the public programs use."""
    cv2 = load_cv2()
    if picture.shape[:2] == size:
        return picture
    code = {
        "nearest": cv2.INTER_NEAREST,
        "bilinear": cv2.INTER_LINEAR,
        "bicubic": cv2.INTER_CUBIC,
        "lanczos": cv2.INTER_LANCZOS4,
        "area": cv2.INTER_AREA,
    }[how]
    resized: Array = cv2.resize(picture, size[::-1], interpolation=code)
    return resized


def tile_weight(height: int, width: int, tile: int) -> Matte:
    """Return the weight of a tile's pixels in the blend: falling linearly towards its borders."""
    sides = []
    for length in (height, width):
        distance = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1
        sides.append(np.minimum(distance / (tile // 4), 1).astype(np.float32))
    return np.multiply.outer(sides[0], sides[1])
