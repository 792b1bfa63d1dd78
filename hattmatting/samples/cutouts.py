"""Validation on photographic cut-outs, composed over photographs while they are scored.

Composites of generated foregrounds rank networks otherwise than photographs do. Cut-outs may be
used to choose by even where their licence lets nothing be shipped that shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from distinctions646.compose.composite import composite, fit_background
from distinctions646.images.folders import list_images
from distinctions646.images.reading import read_foreground_with_alpha, read_image

LONG_SIDE = 512  # larger composites are reduced to it
STRIDE = 5  # neighbouring backgrounds are often of one place


@dataclass(frozen=True)
class CutoutSample:
    """One cut-out over one background, composed when asked."""

    foreground: Path
    background: Path
    contents: ClassVar[Mapping[str, object]] = {}  # of a sample's planes: no trimap

    @property
    def id(self) -> str:
        """Return the cut-out's name."""
        return self.foreground.stem

    def image(self) -> npt.NDArray[np.uint8]:
        """Compose: H×W×3, uint8, RGB."""
        colour, alpha_u8 = read_foreground_with_alpha(self.foreground)
        background = fit_background(read_image(self.background), *alpha_u8.shape)
        return _reduce(composite(colour, alpha_u8, background))

    def trimap(self) -> None:
        """Return None: cut-outs have no trimap."""

    def alpha_u8(self) -> npt.NDArray[np.uint8]:
        """Return the cut-out's alpha: H×W, uint8."""
        return _reduce(read_foreground_with_alpha(self.foreground)[1])


def cutout_samples(cutouts: Path, backgrounds: Path, times: int = 1) -> tuple[CutoutSample, ...]:
    """Pair the cut-outs of a folder with the backgrounds of another.

    Parameters
    ----------
    cutouts
        RGBA pictures.
    backgrounds
        Photographs without a subject.
    times
        How many backgrounds each cut-out lies over.

    Returns
    -------
    tuple of CutoutSample
        Sorted by name; the pairs do not depend on anything but the folders' contents.

    Raises
    ------
    ValueError
        If a folder is missing or has no pictures.
    """
    fronts, behind = list_images(cutouts), list_images(backgrounds)
    return tuple(
        CutoutSample(front, behind[(number * STRIDE + turn * len(behind) // times) % len(behind)])
        for turn in range(times)
        for number, front in enumerate(fronts)
    )


def _reduce(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = LONG_SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
