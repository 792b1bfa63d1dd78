"""The paper's four kinds of comparison (Qiao et al., CVPR 2020, Fig. 4 to 7) as rows of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmark.figures.grid import GridRow, ImageU8, Tile, Window
from benchmark.figures.runs import FoundRun

if TYPE_CHECKING:
    from benchmark.results.trimaps import Trimaps
    from distinctions646.loading.opening import Sample

# Rows of the paper's Tables 1 and 2 (§4.3), in their order.
COMPONENTS = {
    "hatt-basic": "Basic",
    "hatt-basic-ssim": "Basic\n+ SSIM",
    "hatt-basic-low": "Basic\n+ Low",
    "hatt-basic-ca": "Basic\n+ CA",
    "hatt-basic-low-ca": "Basic\n+ Low + CA",
    "hatt-basic-low-sa": "Basic\n+ Low + SA",
    "hatt-basic-low-ca-sa": "Basic + Low\n+ CA + SA",
    "hatt": "HAttMatting",
}
_ZOOM = 5  # the enlarged part's share of the shorter side
Scores = Mapping[str, Mapping[str, float]]  # by method, then image id
Grid = tuple[list[str], list[GridRow]]


def methods_grid(
    samples: Sequence[Sample],
    runs: Sequence[FoundRun],
    titles: Mapping[str, str],
    *,
    trimap: bool = True,
    scores: Scores | None = None,
    zoom: bool = False,
) -> Grid:
    """Return methods side by side, as Fig. 4: input, trimap, mattes, truth.

    Parameters
    ----------
    samples
        Images, one per row.
    runs
        Runs, one per column.
    titles
        Titles by method; a method without one is titled by its name.
    trimap
        Add a column of trimaps.
    scores
        Scores to print below the mattes.
    zoom
        Enlarge the hardest part of each image.
    """
    with_trimap = trimap and any("trimap" in sample.contents for sample in samples)
    heads = ["Input", *(["Trimap"] if with_trimap else [])]
    heads += [titles.get(run.method, run.method) for run in runs]
    rows = []
    for sample in samples:
        alpha_gt = sample.alpha_u8()
        tiles = [Tile(sample.image())]
        tiles += [Tile(sample.trimap())] if with_trimap else []
        tiles += [_matte(run, sample, scores) for run in runs]
        window = _window(tiles[len(tiles) - len(runs) :], alpha_gt) if zoom else None
        rows.append(GridRow(sample.name, [*tiles, Tile(alpha_gt)], window))
    return [*heads, "Ground truth"], rows


def components_grid(
    samples: Sequence[Sample],
    runs: Sequence[FoundRun],
    titles: Mapping[str, str],
    *,
    scores: Scores | None = None,
    zoom: bool = False,
) -> Grid:
    """Return a model with its parts added one by one, as Fig. 6, named as in the paper's tables."""
    named = {**COMPONENTS, **titles}
    return methods_grid(samples, runs, named, trimap=False, scores=scores, zoom=zoom)


def trimaps_grid(
    samples: Sequence[Sample],
    own: Sequence[FoundRun],
    larger: Sequence[FoundRun],
    trimaps: Trimaps,
    titles: Mapping[str, str],
    scores: tuple[Scores, Scores] | None = None,
) -> Grid:
    """Return methods with their trimaps and with larger ones, as Fig. 5 does with "DIM+Large".

    Parameters
    ----------
    samples
        Images, one per row.
    own, larger
        Runs of the same methods with the dataset's trimaps and with `trimaps`; a method without
        trimaps is in `own` alone.
    trimaps
        The larger trimaps.
    titles
        Titles by method; a method without one is titled by its name.
    scores
        Scores of `own` and of `larger`, to print below the mattes.
    """

    def title(run: FoundRun) -> str:
        return titles.get(run.method, run.method)

    with_larger = [f"{title(run)}\n+ Large" for run in larger]
    heads = ["Input", "Trimap", *map(title, own), "Large trimap", *with_larger, "Ground truth"]
    first, second = scores or (None, None)
    rows = []
    for sample in samples:
        alpha_gt = sample.alpha_u8()
        tiles = [Tile(sample.image()), Tile(sample.trimap())]
        tiles += [_matte(run, sample, first) for run in own]
        tiles += [Tile(trimaps.of(sample, alpha_gt))]
        tiles += [_matte(run, sample, second) for run in larger]
        rows.append(GridRow(sample.name, [*tiles, Tile(alpha_gt)]))
    return heads, rows


def photographs_grid(
    photographs: Path,
    mattes: Mapping[str, Path],
    names: Sequence[str] | None = None,
    colour: tuple[int, int, int] = (255, 255, 255),
    count: int = 24,
) -> Grid:
    """Return mattes of photographs, which have no truth, each with its composite, as Fig. 7.

    Parameters
    ----------
    photographs
        A folder of pictures.
    mattes
        By title, a folder of mattes with the photographs' names.
    names
        Pictures to show, in order; the first `count` if left out.
    colour
        Background of the composite, which takes the photograph's own colours times the matte.
    count
        Largest number of pictures.

    Raises
    ------
    ValueError
        If a picture is missing, or a matte has another size than its photograph.
    """
    from distinctions646.images.folders import find_images
    from distinctions646.images.reading import read_alpha, read_image

    pictures = find_images(photographs)
    chosen = list(names or list(pictures)[:count])
    folders = {title: find_images(folder) for title, folder in mattes.items()}
    searched = [(photographs, pictures), *zip(mattes.values(), folders.values(), strict=True)]
    rows = []
    for name in chosen:
        for folder, files in searched:
            if name not in files:
                raise ValueError(f"{folder}: no picture named {name}")
        image = read_image(pictures[name])
        tiles = [Tile(image)]
        for files in folders.values():
            alpha_u8 = read_alpha(files[name])
            if alpha_u8.shape != image.shape[:2]:
                raise ValueError(
                    f"{files[name]}: matte is {alpha_u8.shape[0]}x{alpha_u8.shape[1]}; expected "
                    f"{image.shape[0]}x{image.shape[1]}, as {pictures[name].name}"
                )
            tiles += [Tile(alpha_u8), Tile(over_colour(image, alpha_u8, colour))]
        rows.append(GridRow(name, tiles))
    if len(mattes) == 1:
        return ["Photograph", "Matte", "Composite"], rows
    heads = [head for title in mattes for head in (title, f"{title},\ncomposite")]
    return ["Photograph", *heads], rows


def over_colour(image: ImageU8, alpha_u8: ImageU8, colour: tuple[int, int, int]) -> ImageU8:
    """Composite a picture's own colours on one colour, without estimating the foreground's.

    Examples
    --------
    >>> over_colour(np.full((1, 1, 3), 200, np.uint8), np.full((1, 1), 51, np.uint8), (0, 100, 255))
    array([[[ 40, 120, 244]]], dtype=uint8)
    """
    alpha = alpha_u8[..., None] / 255
    blended: ImageU8 = (alpha * image + (1 - alpha) * np.array(colour)).round().astype(np.uint8)
    return blended


def _matte(run: FoundRun, sample: Sample, scores: Scores | None) -> Tile:
    from distinctions646.images.reading import read_alpha

    path = run.mattes.get(sample.name)
    if path is None:
        return Tile(None)
    words = f"SAD {scores[run.method][sample.id]:.2f}" if scores else ""
    return Tile(read_alpha(path), words)


def _window(tiles: Sequence[Tile], alpha_gt: ImageU8) -> Window:
    from benchmark.scoring.pictures import worst_window

    side = max(min(alpha_gt.shape) // _ZOOM, 8)
    mattes = [tile.picture for tile in tiles if tile.picture is not None]
    return worst_window(mattes or [alpha_gt], alpha_gt, side)
