"""One varied training sample: placement, colour, clutter and a camera's faults.

What is varied, and how much each part matters for a small network trained from nothing, was
measured; see ``docs/training.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.images.opencv import load_cv2

ImageU8 = npt.NDArray[np.uint8]
ImageF32 = npt.NDArray[np.float32]

cv2 = load_cv2()

# Probabilities that a sample has each of these; ours.
SECOND_OBJECT, SECOND_OBJECT_FRAMED = 0.08, 0.15
BLURRED_BACKGROUND = 0.4
CLOSE_UP, CLOSE_UP_FRAMED = 0.15, 0.3  # the frame cuts the object off
PAINTED = 0.2  # an opaque body may look like anything, inside
CUT_SCENE = 0.15  # an edge in the background is not yet an object
SHADOW = 0.2
DECAL = 0.3  # of framed samples: another object or scene shows on the body, as print and parts do


def augment(
    main: ImageU8,
    others: list[ImageU8],
    backgrounds: list[ImageU8],
    size: int | tuple[int, int],
    distractors: float,
    rng: np.random.Generator,
    tight: float = 0.0,
) -> tuple[ImageU8, ImageU8]:
    """Return image uint8 H×W×3 and alpha uint8 H×W.

    Parameters
    ----------
    main, others
        Foregrounds, uint8 H×W×4 with straight alpha: the object, and two others of which a second
        object or a distractor may be made.
    backgrounds
        Two, uint8 H×W×3: the scene, and one that may paint the object or a part of the scene.
    size
        Height and width in pixels; one number for a square.
    distractors
        Probability that the background gets an object of its own, small, off-centre and as blurred
        as the background.
    rng
        The only source of chance.
    tight
        Probability that the object fills the frame, as in a cut-out's own picture. More than 0
        also puts decals on bodies, now and then: things in photographs have parts.
    """
    size = (size, size) if isinstance(size, int) else size
    close_up, second_object = (
        (CLOSE_UP_FRAMED, SECOND_OBJECT_FRAMED) if tight else (CLOSE_UP, SECOND_OBJECT)
    )
    scene = _background(backgrounds[0], size, rng)
    if rng.random() < CUT_SCENE:
        _, part = place(others[1], size, rng, rng.uniform(2, 5), rng.uniform(0, 1, 2), 0.0)
        scene = scene + part[..., None] * (_background(backgrounds[1], size, rng) - scene)
    if rng.random() < distractors:
        corner = rng.uniform(0.1, 0.9, 2)
        corner[rng.integers(2)] = rng.choice([0.06, 0.94])
        extent = rng.uniform(0.12, 0.42)
        colour, alpha = place(others[1], size, rng, extent, corner, rng.normal(0, 30))
        scene = _vary_colour(colour, rng) + (1 - alpha[..., None]) * scene
    if rng.random() < BLURRED_BACKGROUND:
        scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.4, 3.5) * max(size) / 256)
    extent, centre, degrees = rng.uniform(0.5, 1.25), rng.normal(0.5, 0.07, 2), rng.normal(0, 12)
    if rng.random() < close_up:
        extent = rng.uniform(1.2, 1.9)
    elif rng.random() < tight:
        extent, centre, degrees = rng.uniform(0.9, 1.02), rng.normal(0.5, 0.01, 2), 0.0
    if (main[-1, :, 3] > 128).mean() > 0.15:  # a bust, cut off below: let the frame do the cutting
        height, degrees = extent * _height_of_frame(main, size), rng.normal(0, 3)
        centre[1] = 1.02 - 0.5 * height
        if tight and height > 1:  # too tall for the frame: the head stays in it, or nearly so
            centre[1] = rng.uniform(-0.15, 0.1) + 0.5 * height
    colour, alpha = place(main, size, rng, extent, centre, degrees)
    if tight and rng.random() < DECAL:
        colour = _with_decal(colour, alpha, others[0], backgrounds[1], extent, rng)
    if rng.random() < PAINTED:
        paint = alpha[..., None] * _background(backgrounds[1], size, rng)
        colour = colour + np.float32(rng.uniform(0.2, 0.9)) * (paint - colour)
    colour = np.minimum(_vary_colour(colour, rng), alpha[..., None])
    if rng.random() < SHADOW:
        scene = scene * (1 - _shadow(alpha, size, rng)[..., None])
    if rng.random() < second_object:
        beside = rng.uniform(0.2, 0.8, 2)
        second, cover = place(others[0], size, rng, 0.7 * extent, beside, rng.normal(0, 12))
        colour = colour + (1 - alpha[..., None]) * _vary_colour(second, rng)
        alpha = alpha + (1 - alpha) * cover
    image = _camera(colour + (1 - alpha[..., None]) * scene, rng)
    return image, np.floor(255 * np.clip(alpha, 0, 1) + 0.5).astype(np.uint8)


def place(
    rgba: ImageU8,
    size: tuple[int, int],
    rng: np.random.Generator,
    extent: float,
    centre: npt.NDArray[np.float64],
    degrees: float,
) -> tuple[ImageF32, ImageF32]:
    """Put an object on an empty H×W canvas.

    Parameters
    ----------
    size
        Height and width.
    extent
        Of the object's bounding box, against the largest that the canvas holds.
    centre
        Where the middle of the box goes, (x, y) in canvases.
    degrees
        Rotation. Flip and a slight stretch are drawn besides.

    Returns
    -------
    tuple of numpy.ndarray
        Premultiplied colour float32 H×W×3 and alpha float32 H×W, in [0, 1].
    """
    left, top, width, height = cv2.boundingRect((rgba[..., 3] > 8).astype(np.uint8))
    width, height = max(width, 2), max(height, 2)
    canvas = np.array(size[::-1])
    scale = extent * float(min(canvas / (width, height)))
    layer = rgba.astype(np.float32) / 255
    layer[..., :3] *= layer[..., 3:]
    shrink = min(1.0, 2 ** np.ceil(np.log2(max(scale, 1e-3)) + 0.2))
    if shrink < 1:  # sampling sparser than this would drop thin strands
        layer = cv2.resize(layer, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    stretch = np.exp(rng.normal(0, 0.07))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    radians = np.deg2rad(degrees)
    turn = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    linear = turn @ np.diag([flip * scale * stretch, scale / stretch]) / shrink
    middle = np.array([left + width / 2, top + height / 2]) * shrink
    matrix = np.column_stack([linear, centre * canvas - linear @ middle])
    placed = cv2.warpAffine(layer, matrix, size[::-1], flags=cv2.INTER_LINEAR)
    return placed[..., :3], placed[..., 3]


def _with_decal(
    colour: ImageF32,
    alpha: ImageF32,
    other: ImageU8,
    scene: ImageU8,
    extent: float,
    rng: np.random.Generator,
) -> ImageF32:
    """Draw another object, or a scene in its outline, onto the body; its alpha stays."""
    size = (alpha.shape[0], alpha.shape[1])
    scale, centre = extent * rng.uniform(0.3, 1.1), rng.uniform(0.2, 0.8, 2)
    drawn, cover = place(other, size, rng, scale, centre, rng.uniform(-180, 180))
    if rng.random() < 0.5:
        drawn = cover[..., None] * _background(scene, size, rng)
    drawn, cover = alpha[..., None] * drawn, cover[..., None]
    mixed: ImageF32 = drawn + (1 - cover) * colour
    return mixed


def _shadow(alpha: ImageF32, size: tuple[int, int], rng: np.random.Generator) -> ImageF32:
    """Throw the object's shadow onto what is behind it: shifted, sheared, more or less blurred."""
    canvas = np.array(size[::-1])
    shift = rng.normal(0, 0.12, 2) * canvas
    matrix = np.array([[1, rng.normal(0, 0.3), shift[0]], [0, rng.uniform(0.6, 1.1), shift[1]]])
    matrix[:, 2] += canvas / 2 - matrix[:, :2] @ (canvas / 2)
    cast = cv2.warpAffine(alpha, matrix, size[::-1], flags=cv2.INTER_LINEAR)
    blurred = cv2.GaussianBlur(cast, (0, 0), rng.uniform(0.5, 6) * max(size) / 256)
    shadow: ImageF32 = np.float32(rng.uniform(0.2, 0.6)) * blurred
    return shadow


def _height_of_frame(rgba: ImageU8, size: tuple[int, int]) -> float:
    """Return the object's height against the frame's, when it is as large as the frame holds."""
    _, _, width, height = cv2.boundingRect((rgba[..., 3] > 8).astype(np.uint8))
    return float(height * min(size[0] / max(height, 1), size[1] / max(width, 1)) / size[0])


def _background(background: ImageU8, size: tuple[int, int], rng: np.random.Generator) -> ImageF32:
    height, width = background.shape[:2]
    scale = min(height / size[0], width / size[1]) * rng.uniform(0.5, 1.0)
    rows, columns = max(int(scale * size[0]), 1), max(int(scale * size[1]), 1)
    top = int(rng.integers(height - rows + 1))
    left = int(rng.integers(width - columns + 1))
    window = background[top : top + rows, left : left + columns]
    if rng.random() < 0.5:
        window = window[:, ::-1]
    method = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(window), size[::-1], interpolation=method)
    return np.clip(_vary_colour(resized.astype(np.float32) / 255, rng), 0, 1)


def _vary_colour(colour: npt.NDArray[np.floating[Any]], rng: np.random.Generator) -> ImageF32:
    """Return the colours with hue, saturation and gain changed by one matrix.

    A matrix without offset may be applied to premultiplied colour.
    """
    angle = rng.uniform(-np.pi, np.pi) if rng.random() < 0.4 else rng.normal(0, 0.15)
    axis = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    hue = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * axis
    saturation = np.clip(rng.normal(1, 0.25), 0, 1.6)
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.07, 3))
    matrix = np.diag(gain) @ (saturation * np.eye(3) + (1 - saturation) * axis) @ hue
    varied: ImageF32 = np.maximum(cv2.transform(colour, matrix.astype(np.float32)), 0)
    return varied


def _camera(image: ImageF32, rng: np.random.Generator) -> ImageU8:
    """Return the image as a camera might have it: exposure, blur, noise, JPEG; each at random."""
    image = np.clip(image, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.12)))
    if rng.random() < 0.15:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.0))
    if rng.random() < 0.5:
        noise = rng.standard_normal(image.shape, dtype=np.float32)
        image = image + noise * np.float32(rng.uniform(0, 0.025))
    image_u8: ImageU8 = np.floor(255 * np.clip(image, 0, 1) + 0.5).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(50, 96))]
        _, coded = cv2.imencode(".jpg", image_u8[..., ::-1], quality)
        image_u8 = np.array(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)
    return image_u8
