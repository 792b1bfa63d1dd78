"""Making the trimap of a ground-truth alpha by a named rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from distinctions646.trimap.rules import DEFAULT_RULE, parse_rule
from distinctions646.trimap.values import check_plane


def make_trimap(
    alpha_u8: NDArray[np.uint8],
    rule_id: str = DEFAULT_RULE,
    *,
    image_id: str,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """Make the trimap of a ground-truth alpha by a named rule.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    rule_id
        Id of a rule, of one of the forms of `RULES`.
    image_id
        Name of the image; with `seed` it determines what a rule draws.
    seed
        Seed of the dataset, the same for all its images; 0 or more.

    Returns
    -------
    ndarray
        H×W, uint8, of 0 (background), 128 (unknown) and 255 (foreground).

    Raises
    ------
    ValueError
        If there is no such rule or `alpha_u8` is not H×W uint8.

    Examples
    --------
    >>> make_trimap(np.array([[0, 0, 9, 255, 255]], np.uint8), "distance-1/v1", image_id="a")
    array([[  0, 128, 128, 128, 255]], dtype=uint8)
    """
    check_plane("alpha_u8", alpha_u8)
    return parse_rule(rule_id).make(alpha_u8, image_id=image_id, seed=seed)
