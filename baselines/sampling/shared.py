"""Shared matting: a few rays per pixel gather samples, which neighbours then share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import spread, unknown_index
from baselines.laplacian.refinement import refine_by_laplacian
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card
from baselines.sampling.expansion import disc, expand_known
from distinctions646.trimap.values import trimap_as_alpha

PAPER = "Gastal and Oliveira 2010, doi:10.1111/j.1467-8659.2009.01627.x"
# Constants of Gastal and Oliveira 2010; the two radii, ours, hold as many pixels as theirs.
EXPANSION = ((10.0, 5 * 255 / 256),)  # radius in pixels; largest colour distance on 0-255
TILE = 3  # pixels after which the starting angle of the rays repeats, in either direction
SHARING = 200  # unknown pixels whose pairs are tried
SEARCH_RADIUS = 16.0  # pixels within which these are looked for: a disc of about 800 pixels
SMOOTHING_VARIANCE = 100 / (9 * np.pi)
SMOOTHING_RADIUS = 5.7  # pixels: a disc of about 100 pixels


def share_samples(
    image: Image, trimap: Trimap
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the sampled matte, after expansion, gathering, refinement and smoothing.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255 with both known sides.

    Returns
    -------
    alpha, confidence : ndarray
        float64 H×W in [0, 1]; confidence is 1 where the trimap or the expansion knows alpha.
    """
    from baselines.sampling.shared_kernels import colour_variances, gather, refine, smooth

    colour = image / 255.0
    expanded = expand_known(image, trimap, EXPANSION)
    index = unknown_index(expanded)
    known = index < 0
    alpha = trimap_as_alpha(expanded).astype(np.float64)
    if known.all():
        return alpha, np.ones(trimap.shape)
    pixels = np.argwhere(~known).astype(np.int32)
    pairs, places = gather(colour, expanded, pixels, TILE)
    variances = colour_variances(colour, expanded, places)
    found = places[:, 0, 0] >= 0
    search = disc(SEARCH_RADIUS)
    shared = refine(colour, pixels, index, pairs, found, variances, search, SHARING)
    alphas, confidences = smooth(
        colour,
        expanded,
        pixels,
        index,
        *shared,
        disc(SMOOTHING_RADIUS),
        SMOOTHING_VARIANCE,
    )
    alpha[~known] = alphas
    return alpha, spread(confidences, index) + known


class SharedRealtime(TrimapMethod):
    """Shared matting up to its local smoothing, as its real-time program stops.

    References
    ----------
    Gastal, Oliveira, "Shared sampling for real-time alpha matting", Computer Graphics Forum 2010.
    """

    name = "shared-realtime"
    memory_gb_per_megapixel = 0.2
    smallest_side = 1
    card = make_card(PAPER, "ours; real-time part")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the matte after sampling, sharing and smoothing."""
        return share_samples(image, trimap)[0], {"solver": "shared sampling"}


class Shared(TrimapMethod):
    """Shared matting with its last step, the matting Laplacian with confidences as weights.

    References
    ----------
    As `SharedRealtime`.
    """

    name = "shared"
    memory_gb_per_megapixel = 0.7
    memory_needs = (60, 2150)  # bytes of a pixel, and more of an unknown one
    card = make_card(PAPER, "ours; with its matting Laplacian")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return that matte after its last step."""
        return refine_by_laplacian(image, trimap, *share_samples(image, trimap))
