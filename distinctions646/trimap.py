"""The named trimap rules, and the check of a trimap's values.

A rule has an id with a version, such as ``dilate-25/v1``; what an id means never changes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from distinctions646.images import check_trimap_values
from distinctions646.opencv import load_cv2
from distinctions646.trimap_noise import noisy_trimap, patchy_trimap

DEFAULT_RULE = "dilate-25/v1"
FULL_SIZE = 1500  # long side in pixels from which on a dilation is not scaled down
RULES = {
    "dilate-25/v1": "known regions eroded by a radius drawn from 1 to 25 for each image",
    "dilate-N/v1": "known regions eroded by radius N, from 1 to 200 (25 is the drawn rule)",
    "radius-N/v1": "as dilate, by radius N whatever it is: 25, too, is no draw",
    "random-A-B/v1": "as dilate, by a radius drawn from A to B for each image",
    "gca-random/v1": "as gca, A and B drawn from 1 to 29 for each image",
    "gca-A-B/v1": "alpha 255 eroded by an A×A ellipse, alpha 0 by a B×B one",
    "mmagic-AxI-BxJ/v1": "alpha 255 eroded I times by an A×A ellipse, alpha 0 J times by B×B",
    "sim-KxI/v1": "both regions eroded I times by a K×K ellipse",
    "foamliu-I/v1": "only alpha 0 eroded, I times by a 3×3 ellipse",
    "distance-N/v1": "soft pixels and all within Euclidean distance N of one",
    "noisy-N-S/v1": "distance N from each known region, boundaries wandering by up to S pixels",
    "patchy-N-P/v1": "as radius-N, and P per cent (1 to 50) of the known pixels forgotten in discs",
}
LARGEST = 200  # of any number in a rule
_DRAWN_RADIUS = 25
_GCA_SIZES = (1, 29)
_MOST_FORGOTTEN = 50  # per cent
_PATTERNS = {
    kind: re.compile(pattern.replace("#", r"([1-9]\d*)") + "/v1")
    for kind, pattern in {
        "dilate": "dilate-#",
        "radius": "radius-#",
        "random": "random-#-#",
        "gca": "gca-#-#",
        "mmagic": "mmagic-#x#-#x#",
        "sim": "sim-#x#",
        "foamliu": "foamliu-#",
        "distance": "distance-#",
        "noisy": "noisy-#-#",
        "patchy": "patchy-#-#",
    }.items()
}
Erosion: TypeAlias = tuple[int, int]  # size of the elliptic kernel, times


class NotApplicable(Exception):  # noqa: N818 - a method's answer, not a fault
    """Say that a method cannot work on this input, as a solver without known foreground."""


@dataclass(frozen=True)
class Rule:
    """What a rule id says; of `radius`, `sizes`, `erosions` and `distance` one is set.

    `wander` and `forgotten` come on top of a radius.

    Attributes
    ----------
    id
        As given.
    radius
        Of the elliptic kernel on a full-size image: the least and the greatest that an image may
        draw.
    sizes
        Of the two elliptic kernels: the least and the greatest that an image may draw.
    erosions
        Of foreground and background, in pixels of whatever image it is.
    distance
        From soft pixels, in pixels of whatever image it is.
    wander
        By how many pixels of a full-size image the boundaries wander to and fro.
    forgotten
        How many per cent of the known pixels become unknown.
    """

    id: str
    radius: tuple[int, int] | None = None
    sizes: tuple[int, int] | None = None
    erosions: tuple[Erosion, Erosion] | None = None
    distance: int | None = None
    wander: int | None = None
    forgotten: int | None = None


def parse_rule(rule_id: str) -> Rule:
    """Read a rule id.

    Parameters
    ----------
    rule_id
        One of `RULES`.

    Returns
    -------
    Rule
        What the id means.

    Raises
    ------
    ValueError
        If there is no such rule.

    Examples
    --------
    >>> parse_rule("dilate-10/v1").radius, parse_rule("dilate-25/v1").radius
    ((10, 10), (1, 25))
    """
    if rule_id == "gca-random/v1":
        return Rule(rule_id, sizes=_GCA_SIZES)
    for kind, pattern in _PATTERNS.items():
        match = pattern.fullmatch(rule_id)
        numbers = [int(group) for group in match.groups()] if match else []
        disordered = kind == "random" and numbers != sorted(numbers)
        beyond = kind == "patchy" and numbers[1:] > [_MOST_FORGOTTEN]
        if numbers and max(numbers) <= LARGEST and not disordered and not beyond:
            return _rule(rule_id, kind, numbers)
    raise ValueError(f"trimap rule is {rule_id!r}; expected one of {', '.join(RULES)}")


def _rule(rule_id: str, kind: str, numbers: list[int]) -> Rule:
    if kind == "dilate":
        least = 1 if numbers[0] == _DRAWN_RADIUS else numbers[0]
        return Rule(rule_id, radius=(least, numbers[0]))
    if kind == "random":
        return Rule(rule_id, radius=(numbers[0], numbers[1]))
    if kind == "noisy":
        return Rule(rule_id, radius=(numbers[0], numbers[0]), wander=numbers[1])
    if kind == "patchy":
        return Rule(rule_id, radius=(numbers[0], numbers[0]), forgotten=numbers[1])
    if kind == "radius":
        return Rule(rule_id, radius=(numbers[0], numbers[0]))
    if kind == "distance":
        return Rule(rule_id, distance=numbers[0])
    if kind == "gca":
        return Rule(rule_id, erosions=((numbers[0], 1), (numbers[1], 1)))
    if kind == "mmagic":
        return Rule(rule_id, erosions=((numbers[0], numbers[1]), (numbers[2], numbers[3])))
    if kind == "sim":
        return Rule(rule_id, erosions=((numbers[0], numbers[1]), (numbers[0], numbers[1])))
    return Rule(rule_id, erosions=((1, 1), (3, numbers[0])))


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


def trimap_as_alpha(trimap: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return trimap / 255 with 0.5 in the unknown region.

    Parameters
    ----------
    trimap
        H×W, uint8, of 0, 128 and 255.

    Returns
    -------
    ndarray
        H×W, float32.
    """
    return np.where(trimap == 128, np.float32(0.5), trimap / np.float32(255)).astype(np.float32)


def check_trimap(trimap: NDArray[np.uint8], shape: tuple[int, ...] | None = None) -> None:
    """Refuse anything but a uint8 plane of 0, 128 and 255.

    Parameters
    ----------
    trimap
        To be checked.
    shape
        Of the image it belongs to; only height and width count. None leaves the size open.

    Raises
    ------
    ValueError
        Naming what is wrong.

    Examples
    --------
    >>> check_trimap(np.array([[0, 127, 255]], np.uint8))
    Traceback (most recent call last):
    ValueError: trimap has 127; expected 0, 128, 255
    """
    _check_plane("trimap", trimap)
    if shape is not None and trimap.shape != tuple(shape[:2]):
        got, wanted = ("×".join(map(str, size)) for size in (trimap.shape, shape[:2]))
        raise ValueError(f"trimap is {got} pixels; expected {wanted}, as the image")
    check_trimap_values(trimap)


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


def _check_plane(name: str, array: NDArray[np.uint8]) -> None:
    if array.ndim != 2 or array.dtype != np.uint8 or array.size == 0:
        got = "×".join(str(side) for side in array.shape)
        raise ValueError(f"{name} is {got} {array.dtype}; expected H×W uint8")
