"""The named trimap rules, and the check of a trimap's values.

A rule has an id with a version, such as ``dilate-25/v1``; what an id means never changes.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.opencv import load_cv2
from distinctions646.trimap.noise import noisy_trimap, patchy_trimap
from distinctions646.trimap.rules import DEFAULT_RULE, Rule, parse_rule
from distinctions646.trimap.values import _check_plane

FULL_SIZE = 1500  # long side in pixels from which on a dilation is not scaled down


def make_trimap(
    alpha_u8: NDArray[np.uint8],
    rule_id: str = DEFAULT_RULE,
    *,
    image_id: str,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """Make the trimap of a ground-truth alpha by a named rule.

    Foreground is where alpha is 255, background where it is 0; each is eroded by elliptic OpenCV
    kernels, and the rest is unknown. Erosion never starts from the border of the image.

    Parameters
    ----------
    alpha_u8
        H×W, uint8, the ground truth.
    rule_id
        One of `RULES`.
    image_id
        What the image is called; with `seed` it decides the drawn radius.
    seed
        Of the whole dataset.

    Returns
    -------
    ndarray
        H×W, uint8, of 0, 128 and 255.

    Raises
    ------
    ValueError
        If there is no such rule or `alpha_u8` is not H×W uint8.

    References
    ----------
    The random dilation of Xu et al., "Deep Image Matting" (CVPR 2017), has no published range;
    ``random-1-50/v1`` and single radii serve to show how much a score hangs on it, ``noisy`` and
    ``patchy``, which are ours (`trimap_noise`), how much on a trimap drawn with care.
    ``gca-random/v1`` draws what GCA-Matting, MatteFormer and ViTMatte draw for training; for their
    Distinctions-646 test ViTMatte's authors speak of kernels up to 30.
    Its kernels are drawn as radii are (`dilation_radius`), with the word ``foreground`` or
    ``background`` as a fourth part of the key.
    "25 pixels random dilation" is all that Qiao et al., "Attention-Guided Hierarchical Structure
    Aggregation for Image Matting" (CVPR 2020), say; ``dilate-25/v1`` is one reading of it.
    The others are what other projects' code does once its draws are fixed: GenTrimap of
    GCA-Matting (Li and Lu, AAAI 2020), GenerateTrimap of mmagic, gen_trimap of SIM (Sun et al.,
    CVPR 2021), generate_trimap of foamliu's Deep-Image-Matting; and for ``distance-N/v1``
    GenerateTrimapWithDistTransform of mmagic and generate_trimap of IndexNet (Lu et al., ICCV
    2019), which agree.
    """
    _check_plane("alpha_u8", alpha_u8)
    rule = parse_rule(rule_id)
    if rule.distance is not None:
        return _trimap_by_distance(alpha_u8, rule.distance)
    if rule.radius is not None and rule.wander is not None:
        scale = _scale(alpha_u8.shape)
        radius, reach = rule.radius[0] * scale, rule.wander * scale
        key = _key(rule.id, seed, image_id)
        return noisy_trimap(alpha_u8, radius, reach, scale=scale, key=key)
    erosions = rule.erosions
    if rule.sizes is not None:
        first, second = (
            _draw(rule.sizes, rule.id, seed, image_id, which)
            for which in ("foreground", "background")
        )
        erosions = ((first, 1), (second, 1))
    elif erosions is None:
        radius = dilation_radius(rule, alpha_u8.shape, image_id=image_id, seed=seed)
        erosions = ((2 * radius + 1, 1), (2 * radius + 1, 1))
    trimap = np.full(alpha_u8.shape, 128, np.uint8)
    trimap[_erode(alpha_u8 == 255, *erosions[0])] = 255
    trimap[_erode(alpha_u8 == 0, *erosions[1])] = 0
    if rule.forgotten is not None:
        scale = _scale(alpha_u8.shape)
        return patchy_trimap(trimap, rule.forgotten, scale=scale, key=_key(rule.id, seed, image_id))
    return trimap


def dilation_radius(rule: Rule, shape: tuple[int, ...], *, image_id: str, seed: int) -> int:
    """Give the radius by which a rule dilates the unknown region of one image.

    A radius drawn from A to B is ``A + h mod (B - A + 1)``, h the 128-bit BLAKE2b hash
    (big-endian) of rule id, seed in decimals and image id in UTF-8, joined by zero bytes: it hangs
    on nothing but these three, and its bias is below 2**-120. Where the long side L is below 1500
    pixels, the radius r becomes ``max(1, floor(r * L / 1500 + 0.5))``.

    Parameters
    ----------
    rule
        A dilation.
    shape
        Height and width of the image.
    image_id
        What the image is called.
    seed
        Of the whole dataset.

    Returns
    -------
    int
        In pixels, 1 or more.

    Raises
    ------
    ValueError
        If the rule has no radius.
    """
    if rule.radius is None:
        raise ValueError(f"trimap rule {rule.id} has no radius; expected a dilate rule")
    least, greatest = rule.radius
    radius = least if least == greatest else _draw(rule.radius, rule.id, seed, image_id)
    long_side = max(shape)
    if long_side >= FULL_SIZE:
        return radius
    return max(1, (2 * radius * long_side + FULL_SIZE) // (2 * FULL_SIZE))


def _draw(limits: tuple[int, int], rule_id: str, seed: int, image_id: str, *more: str) -> int:
    key = _key(rule_id, seed, image_id, *more).encode()
    drawn = int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "big")
    return limits[0] + drawn % (limits[1] - limits[0] + 1)


def _key(rule_id: str, seed: int, image_id: str, *more: str) -> str:
    return "\0".join([rule_id, str(seed), image_id, *more])


def _scale(shape: tuple[int, ...]) -> float:
    return min(max(shape) / FULL_SIZE, 1.0)


def _erode(region: NDArray[np.bool_], size: int, times: int) -> NDArray[np.bool_]:
    cv2 = load_cv2()
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    eroded: NDArray[np.uint8] = cv2.erode(region.view(np.uint8), kernel, iterations=times)
    return eroded.view(np.bool_)


def _trimap_by_distance(alpha_u8: NDArray[np.uint8], distance: int) -> NDArray[np.uint8]:
    from scipy.ndimage import distance_transform_edt

    known = (alpha_u8 == 0) | (alpha_u8 == 255)
    trimap = np.where(known, alpha_u8, np.uint8(128))
    if not known.all():  # without a soft pixel there is nothing to be near to
        trimap[distance_transform_edt(known) <= distance] = 128
    return trimap
