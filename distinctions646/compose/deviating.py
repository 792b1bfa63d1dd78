"""Other projects' compositing, so that numbers measured on their pictures can be reproduced.

``cv2-cubic``: OpenCV's bicubic filter (a = -0.75), sizes rounded up, blend in single precision,
cut off; the ``Composition_code.py`` of IndexNet (Lu et al., ICCV 2019) and foamliu's
Deep-Image-Matting. ``linear-plus1``: OpenCV's bilinear filter, one pixel more than the size cut
off, blend in double precision, rounded to the nearest (ties to even) by ``cv2.imwrite``;
``tools/composite.py`` of huochaitiantang's pytorch-deep-image-matting. Both decode with OpenCV and
so differ from what is here where a background has an EXIF orientation or is a CMYK JPEG.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.opencv import load_cv2


def enlarge(background: NDArray[np.uint8], size: tuple[int, int], preset: str) -> NDArray[np.uint8]:
    """Enlarge a background as another project does.

    Parameters
    ----------
    background
        h×w×3, uint8.
    size
        Height and width of the result, in pixels.
    preset
        ``"cv2-cubic"`` or ``"linear-plus1"``.

    Returns
    -------
    ndarray
        `size`×3, uint8.
    """
    cv2 = load_cv2()
    filters = {"cv2-cubic": cv2.INTER_CUBIC, "linear-plus1": cv2.INTER_LINEAR}
    enlarged: NDArray[np.uint8] = cv2.resize(background, size[::-1], interpolation=filters[preset])
    return enlarged


def blend(
    foreground: NDArray[np.uint8],
    alpha_u8: NDArray[np.uint8],
    background: NDArray[np.uint8],
    preset: str,
) -> NDArray[np.uint8]:
    """Blend as another project does.

    Parameters
    ----------
    foreground, background
        H×W×3, uint8.
    alpha_u8
        H×W, uint8.
    preset
        ``"cv2-cubic"`` or ``"linear-plus1"``.

    Returns
    -------
    ndarray
        H×W×3, uint8.
    """
    # I = a F + (1 - a) B in the precision and rounding of the preset
    alpha = alpha_u8[..., None] / 255
    if preset == "cv2-cubic":
        alpha = alpha.astype(np.float32)
        return (alpha * foreground + (1 - alpha) * background).astype(np.uint8)
    return np.rint(foreground * alpha + background * (1 - alpha)).astype(np.uint8)
