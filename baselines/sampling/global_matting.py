"""Global matting: every known boundary colour is a candidate; a random search finds pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from baselines.laplacian.assembly import spread, unknown_index
from baselines.laplacian.refinement import guided_filter, refine_by_laplacian
from baselines.policy import Alpha, Image, Notes, Trimap, TrimapMethod, make_card
from baselines.sampling.expansion import expand_known
from distinctions646.images.distance import distance_to_zero
from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.values import trimap_as_alpha

PAPER = "He et al. 2011, doi:10.1109/CVPR.2011.5995495"
ROUNDS = 10  # of the search
COST_SCALE = 6.0  # confidence is exp(-cost / COST_SCALE)
SEED = 646  # of the search and the random samples; any number does


@dataclass(frozen=True)
class SampledMatte:
    """A matte from colour samples.

    Attributes
    ----------
    alpha, confidence
        float64 H×W in [0, 1]; where the trimap or the expansion knows alpha, confidence is 1.
    sampled
        bool H×W: where alpha comes from samples.
    samples
        Numbers of foreground and background samples.
    """

    alpha: npt.NDArray[np.float64]
    confidence: npt.NDArray[np.float64]
    sampled: npt.NDArray[np.bool_]
    samples: tuple[int, int]


def sample_globally(image: Image, trimap: Trimap, seed: int = SEED) -> SampledMatte:
    """Return the matte of each unknown pixel's best pair of samples.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128, 255 with both known sides.
    seed
        Of the random search and the random samples.

    Returns
    -------
    SampledMatte
        Equal for equal seeds.
    """
    from baselines.sampling.global_matting_kernels import sample_match
    from baselines.sampling.pair_kernels import projected_alphas

    expanded = expand_known(image, trimap)
    index = unknown_index(expanded)
    unknown = index >= 0
    generator = np.random.default_rng(seed)
    foregrounds, backgrounds = (_samples(image, expanded, value, generator) for value in (255, 0))
    alpha, confidence = trimap_as_alpha(expanded).astype(np.float64), np.ones(trimap.shape)
    if unknown.any():
        near_f, near_b = (distance_to_zero(expanded != value)[unknown] for value in (255, 0))
        pixels = np.argwhere(unknown).astype(np.int32)
        colours = image[unknown].astype(np.float64)
        chosen_f, chosen_b, costs = sample_match(
            colours, pixels, index, foregrounds, backgrounds, near_f, near_b, ROUNDS, seed
        )
        alpha[unknown] = projected_alphas(colours, foregrounds[chosen_f], backgrounds[chosen_b])
        confidence = spread(np.exp(-costs / COST_SCALE), index) + ~unknown
    return SampledMatte(alpha, confidence, unknown, (len(foregrounds), len(backgrounds)))


def _samples(
    image: Image, trimap: Trimap, value: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return a side's samples (r, g, b, row, column), darkest first: its boundary and others."""
    cv2 = load_cv2()
    side = trimap == value
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    near = cv2.dilate((trimap == 128).astype(np.uint8), cross).astype(np.bool_)
    boundary, inside = np.argwhere(side & near), np.argwhere(side)
    count = min(len(boundary), len(inside))
    drawn = inside[generator.choice(len(inside), count, replace=False)]
    # A side that touches no unknown pixel has no boundary: all that is known of it is a sample.
    places = np.concatenate([boundary, drawn]) if len(boundary) else inside
    samples = np.concatenate([image[places[:, 0], places[:, 1]], places], axis=1)
    brightness = samples[:, :3].sum(axis=1)
    return samples[np.argsort(brightness, kind="stable")].astype(np.float64)


class GlobalRaw(TrimapMethod):
    """Global matting as sampled, without its last step.

    Known regions grow for nine rounds; candidates are all known pixels beside the unknown region
    and as many random ones; ten rounds of search over the lists ordered by brightness.

    References
    ----------
    He, Rhemann, Rother, Tang, Sun, "A global sampling method for alpha matting", CVPR 2011.
    Differs from the paper in the expansion (Shahrian's nine rounds) and the random samples.
    """

    name = "global-raw"
    memory_gb_per_megapixel = 0.2
    smallest_side = 1
    card = make_card(PAPER, "ours; no last step")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the sampled matte."""
        matte = sample_globally(image, trimap)
        return matte.alpha, _notes(matte)


class GlobalGuided(TrimapMethod):
    """Global matting with its fast last step: a guided filter, radius 10, ε = 1e-5.

    References
    ----------
    As `GlobalRaw`; He, Sun, Tang, "Guided image filtering", ECCV 2010.
    """

    name = "global-guided"
    memory_gb_per_megapixel = 0.4
    smallest_side = 1
    card = make_card(PAPER, "ours; guided filter")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the sampled matte, filtered where it was sampled."""
        matte = sample_globally(image, trimap)
        filtered = guided_filter(image, matte.alpha)
        # What the expansion decided stays: filtering there would draw known colours in.
        return np.where(matte.sampled, filtered, matte.alpha), _notes(matte)


class Global(TrimapMethod):
    """Global matting with its best last step: the matting Laplacian, confidences as weights.

    References
    ----------
    As `GlobalRaw`.
    """

    name = "global"
    memory_gb_per_megapixel = 0.7
    memory_needs = (60, 2150)  # bytes of a pixel, and more of an unknown one
    card = make_card(PAPER, "ours; matting Laplacian")

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return the sampled matte after the matting Laplacian."""
        matte = sample_globally(image, trimap)
        alpha, notes = refine_by_laplacian(image, trimap, matte.alpha, matte.confidence)
        return alpha, {**_notes(matte), **notes}


def _notes(matte: SampledMatte) -> Notes:
    return {"solver": "sample match", "samples": list(matte.samples), "seed": SEED}
