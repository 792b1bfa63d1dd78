"""Statistics of an alpha: its opaque and soft shares, and softness wider than an edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.distance import distance_to_zero
from distinctions646.trimap.making import make_trimap

UNKNOWN_RULE = "dilate-10/v1"
_SOFT = (5, 250)  # alphas at or beyond these are taken as noise around 0 and 255
_EDGE = 1.8  # pixels from the next hard pixel; an antialiased edge stays below
_SEE_THROUGH = 0.3  # least wide share of glass, smoke and blur
_FINE = 0.15  # least soft share of hair and fur


@dataclass(frozen=True)
class AlphaStatistics:
    """Shares of the pixels of one alpha, and a guess.

    Attributes
    ----------
    opaque
        Share of all pixels with alpha 254 or 255.
    soft
        Share of all pixels with alpha 6 to 249.
    wide
        Share of the object's pixels (alpha 6 and more) in a soft region, more than 1.8 pixels from
        its rim: softness that is not an edge.
    unknown
        Share of all pixels that are unknown in the trimap of `UNKNOWN_RULE`.
    guess
        ``"see-through"`` (glass, smoke, blur) from a wide share of 0.3, ``"fine"`` (hair, fur)
        where at least 0.15 of the object is soft, ``"solid"``, or ``"empty"``. It comes from
        these thresholds alone and is not a label.
    """

    opaque: float
    soft: float
    wide: float
    unknown: float
    guess: str


def alpha_statistics(alpha_u8: NDArray[np.uint8]) -> AlphaStatistics:
    """Compute the statistics of one alpha.

    Parameters
    ----------
    alpha_u8
        H×W, uint8.

    Returns
    -------
    AlphaStatistics
        Shares in [0, 1], and the guess.

    Raises
    ------
    ValueError
        If `alpha_u8` is not H×W uint8.

    Examples
    --------
    >>> alpha_statistics(np.full((3, 3), 255, np.uint8)).guess
    'solid'
    """
    unknown = make_trimap(alpha_u8, UNKNOWN_RULE, image_id="") == 128
    soft = (alpha_u8 > _SOFT[0]) & (alpha_u8 < _SOFT[1])
    object_pixels = max(int(np.count_nonzero(alpha_u8 > _SOFT[0])), 1)
    depth = distance_to_zero(soft)
    wide = np.count_nonzero(depth > _EDGE) / object_pixels
    soft_of_object = np.count_nonzero(soft) / object_pixels
    if not (alpha_u8 > _SOFT[0]).any():
        guess = "empty"
    elif wide >= _SEE_THROUGH:
        guess = "see-through"
    else:
        guess = "fine" if soft_of_object >= _FINE else "solid"
    return AlphaStatistics(
        opaque=float(np.mean(alpha_u8 >= 254)),
        soft=float(np.mean(soft)),
        wide=float(wide),
        unknown=float(np.mean(unknown)),
        guess=guess,
    )
