"""Rules that erode the known regions by elliptic kernels, and so dilate the unknown one.

``dilate-25/v1`` is one reading of "25 pixels random dilation", which is all that Qiao et al.,
"Attention-Guided Hierarchical Structure Aggregation for Image Matting" (CVPR 2020), say. The random
dilation of Xu et al., "Deep Image Matting" (CVPR 2017), has no published range; ``random-A-B/v1``
and single radii show how much a score depends on it. The others are what other projects' code does
once its draws are fixed: GenTrimap of GCA-Matting (Li and Lu, AAAI 2020), GenerateTrimap of mmagic,
gen_trimap of SIM (Sun et al., CVPR 2021), generate_trimap of foamliu's Deep-Image-Matting.
``gca-random/v1`` draws what GCA-Matting, MatteFormer and ViTMatte draw for training; for their
Distinctions-646 test ViTMatte's authors speak of kernels up to 30.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.erosion import erode
from distinctions646.trimap.rule import FULL_SIZE, Draws, Rule

Erosion: TypeAlias = tuple[int, int]
"""Size in pixels of the elliptic kernel, and how many times it erodes."""
_GCA_SIZES = (1, 29)  # the kernels that GCA-Matting draws from for training


def erode_known(
    alpha_u8: NDArray[np.uint8], foreground: Erosion, background: Erosion
) -> NDArray[np.uint8]:
    """Make a trimap of the eroded regions of alpha 255 and alpha 0; the rest is unknown.

    Erosion never starts from the border of the image.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    foreground, background
        Size of the ellipse in pixels and number of erosions, for alpha 255 and for alpha 0.

    Returns
    -------
    ndarray
        H×W, uint8, of 0, 128 and 255.
    """
    opaque = _erode(alpha_u8 == 255, *foreground).view(np.uint8)
    clear = _erode(alpha_u8 == 0, *background).view(np.uint8)
    trimap = np.full(alpha_u8.shape, 128, np.uint8)
    trimap += opaque * np.uint8(127)
    trimap -= clear * np.uint8(128)
    return trimap


def _erode(region: NDArray[np.bool_], size: int, times: int) -> NDArray[np.bool_]:
    cv2 = load_cv2()
    return erode(region, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), times)


def scaled_radius(radius: int, shape: tuple[int, ...]) -> int:
    """Scale a radius r with the long side L of an image below full size.

    It becomes ``max(1, floor(r * L / 1500 + 0.5))`` where L < 1500.

    Parameters
    ----------
    radius
        Pixels of a full-size image.
    shape
        Height and width.

    Returns
    -------
    int
        Pixels of this image, 1 or more.
    """
    long_side = max(shape)
    if long_side >= FULL_SIZE:
        return radius
    return max(1, (2 * radius * long_side + FULL_SIZE) // (2 * FULL_SIZE))


def dilate(alpha_u8: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """Erode both known regions by an ellipse of diameter 2r + 1.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    radius
        r on a full-size image, in pixels; a smaller image has a smaller one (`scaled_radius`).

    Returns
    -------
    ndarray
        H×W, uint8, of 0, 128 and 255.
    """
    erosion = (2 * scaled_radius(radius, alpha_u8.shape) + 1, 1)
    return erode_known(alpha_u8, erosion, erosion)


def _dilate(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return dilate(alpha_u8, numbers[0])


def _dilate_25(
    alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws
) -> NDArray[np.uint8]:
    return dilate(alpha_u8, draws.integer(1, 25))


def _random(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    least, greatest = numbers
    return dilate(alpha_u8, least if least == greatest else draws.integer(least, greatest))


def _gca(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return erode_known(alpha_u8, (numbers[0], 1), (numbers[1], 1))


def _gca_random(
    alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws
) -> NDArray[np.uint8]:
    drawn = [draws.integer(*_GCA_SIZES, region) for region in ("foreground", "background")]
    return _gca(alpha_u8, drawn, draws)


def _mmagic(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return erode_known(alpha_u8, (numbers[0], numbers[1]), (numbers[2], numbers[3]))


def _sim(alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws) -> NDArray[np.uint8]:
    return erode_known(alpha_u8, (numbers[0], numbers[1]), (numbers[0], numbers[1]))


def _foamliu(
    alpha_u8: NDArray[np.uint8], numbers: Sequence[int], draws: Draws
) -> NDArray[np.uint8]:
    return erode_known(alpha_u8, (1, 1), (3, numbers[0]))


DILATE_25 = Rule(
    "dilate-25/v1", "known regions eroded by a radius drawn from 1 to 25 for each image", _dilate_25
)
DILATE = Rule(
    "dilate-N/v1",
    "known regions eroded by radius N, from 1 to 200 (25 is the drawn rule)",
    _dilate,
)
RADIUS = Rule("radius-N/v1", "as dilate, by radius N for every N, 25 included", _dilate)
RANDOM = Rule(
    "random-A-B/v1",
    "as dilate, by a radius drawn from A to B for each image",
    _random,
    accepts=lambda numbers: numbers[0] <= numbers[1],
)
GCA_RANDOM = Rule("gca-random/v1", "as gca, A and B drawn from 1 to 29 for each image", _gca_random)
GCA = Rule("gca-A-B/v1", "alpha 255 eroded by an A×A ellipse, alpha 0 by a B×B one", _gca)
MMAGIC = Rule(
    "mmagic-AxI-BxJ/v1",
    "alpha 255 eroded I times by an A×A ellipse, alpha 0 J times by B×B",
    _mmagic,
)
SIM = Rule("sim-KxI/v1", "both regions eroded I times by a K×K ellipse", _sim)
FOAMLIU = Rule("foamliu-I/v1", "only alpha 0 eroded, I times by a 3×3 ellipse", _foamliu)
