"""What the demo computes, without a browser: trimaps of strokes, mattes, cut-outs, scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.methods.finding import call, load_method, registered
from distinctions646.images.reading import alpha_to_u8
from distinctions646.trimap.values import NotApplicable

if TYPE_CHECKING:
    from benchmark.metrics.pairs import Region

ImageU8 = npt.NDArray[np.uint8]
FOREGROUND, BACKGROUND = "#ffffff", "#000000"
"""Colours of the brush; what is not painted is unknown."""
LARGEST = 1600  # long side in pixels to which larger photographs are reduced


@dataclass(frozen=True)
class Choice:
    """A method that runs here, and whether it needs a trimap."""

    name: str
    needs_trimap: bool


def choices() -> list[Choice]:
    """Return the registered methods that need no weights of the user's, those without trimap first.

    Methods that look at no colour are left out.
    """
    found = []
    for name in registered():
        try:
            method = load_method(name)
        except ValueError:  # its weights do not ship
            continue
        if not type(method).__module__.endswith(".trivial"):
            found.append(Choice(name, method.needs_trimap))
    return sorted(found, key=lambda choice: (choice.needs_trimap, choice.name))


def reduced(image: ImageU8) -> ImageU8:
    """Return a photograph at `LARGEST` pixels of long side, or as it is where it is smaller."""
    from PIL import Image

    if max(image.shape[:2]) <= LARGEST:
        return image
    small = Image.fromarray(image)
    small.thumbnail((LARGEST, LARGEST))
    return np.asarray(small)


def trimap_of_strokes(layers: Sequence[ImageU8]) -> ImageU8 | None:
    """Return the trimap that was painted: white is foreground, black background, the rest unknown.

    Parameters
    ----------
    layers
        Strokes, uint8 H×W×4 RGBA; later ones lie above earlier ones.

    Returns
    -------
    ndarray or None
        H×W, uint8, of 0, 128 and 255; None where nothing was painted.
    """
    trimap: ImageU8 | None = None
    for layer in layers:
        painted = layer[..., 3] >= 128
        if trimap is None:
            trimap = np.full(layer.shape[:2], 128, np.uint8)
        bright = layer[..., :3].mean(axis=2) >= 128
        trimap[painted] = np.where(bright, 255, 0)[painted]
    return None if trimap is None or (trimap == 128).all() else trimap


def run_method(name: str, image: ImageU8, trimap: ImageU8 | None) -> npt.NDArray[np.float32]:
    """Return a method's matte: float32 H×W in [0, 1].

    Raises
    ------
    ValueError
        If it needs a trimap and none was painted, or cannot work with this one.
    """
    method = load_method(name)
    if method.needs_trimap and trimap is None:
        raise ValueError(f"{name} needs a trimap: paint some foreground and some background")
    try:
        return call(method, image, trimap)[0]
    except NotApplicable as reason:
        raise ValueError(f"{name} cannot work here: {reason}") from None


def cut_out(image: ImageU8, alpha: npt.NDArray[np.float32]) -> ImageU8:
    """Return the subject's estimated colour and alpha: uint8 H×W×4, straight."""
    from distinctions646.compose.foreground import estimate_colours

    stored = alpha_to_u8(alpha)
    colour, _ = estimate_colours(image, stored.astype(np.float32) / np.float32(255))
    return np.dstack([np.rint(255 * colour).astype(np.uint8), stored])


def composite(rgba: ImageU8, background: str | ImageU8) -> ImageU8:
    """Return a cut-out over a colour, ``#rrggbb``, or over a picture: uint8 H×W×3."""
    from PIL import Image, ImageColor

    height, width = rgba.shape[:2]
    if isinstance(background, str):
        below = Image.new("RGBA", (width, height), (*ImageColor.getrgb(background)[:3], 255))
    else:
        from PIL import ImageOps

        below = ImageOps.fit(Image.fromarray(background), (width, height)).convert("RGBA")
    return np.asarray(Image.alpha_composite(below, Image.fromarray(rgba)).convert("RGB"))


def score(
    matte: Path, truth: Path, trimap: Path | None
) -> tuple[list[tuple[str, str, float]], ImageU8]:
    """Score a matte; return rows of metric, region and value, and a picture of the errors.

    Raises
    ------
    ValueError
        If a file cannot be read, or sizes differ.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from benchmark.metrics import evaluate_regions
    from benchmark.scoring.inspection import draw, inspect
    from benchmark.scoring.pairs import pair_files
    from benchmark.scoring.score_files import ScoreSettings, read_matte, read_pair

    (pair,) = pair_files(matte, truth, trimap)
    settings = ScoreSettings(trimap_values="official")
    alpha_gt = read_matte(pair.alpha_gt, settings.reading)
    alpha, unknown = read_pair(pair, alpha_gt, settings)
    regions: tuple[Region, ...] = ("whole", "unknown") if unknown is not None else ("whole",)
    rows: list[tuple[str, str, float]] = []
    scores = evaluate_regions(
        alpha, alpha_gt, unknown, regions=regions, trimap_values=settings.trimap_values
    )
    for region, values in scores.items():
        rows += [(name, region, value) for name, value in values.items()]
    inspection = inspect(alpha, alpha_gt, unknown, region="whole", fill_known=False)
    canvas: Any = FigureCanvasAgg(draw(inspection, f"{matte.name} against {truth.name}"))
    canvas.draw()
    return rows, np.asarray(canvas.buffer_rgba())[..., :3].copy()
