"""A picture of where a matte differs from the truth, drawn with matplotlib."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.metrics import evaluate, metric_id
from benchmark.metrics.conn import conn_map
from benchmark.metrics.grad import grad_map
from benchmark.metrics.pairs import Region, prepare_pair
from benchmark.metrics.registry import UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

MapU8 = npt.NDArray[np.uint8]
FloatMap = npt.NDArray[np.float64]
RANKS = ("sad", "mse", "grad", "conn")
LONGEST_SIDE = 1000
"""Panels are reduced to at most so many pixels; error maps keep the largest value of each block."""


@dataclass(frozen=True)
class Inspection:
    """A pair of mattes, the region that counts, and the error of each metric per pixel.

    Attributes
    ----------
    alpha, alpha_gt
        8-bit mattes, H x W.
    region
        Bool, H x W: the pixels that are summed.
    maps
        For each metric its error per pixel, 0 outside the region.
    scores
        For each metric its value by id.
    """

    alpha: MapU8
    alpha_gt: MapU8
    region: npt.NDArray[np.bool_]
    maps: dict[str, FloatMap]
    scores: dict[str, float]


def inspect(
    alpha: MapU8,
    alpha_gt: MapU8,
    trimap: MapU8 | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> Inspection:
    """Compute the error maps and scores of a pair; arguments as in `benchmark.metrics.evaluate`.

    A trimap's values other than 0, 128 and 255 count as known; who reads it refuses them.
    """
    values = evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, trimap_values="official"
    )
    pair = prepare_pair(alpha, alpha_gt, trimap, region=region, fill_known=fill_known)
    inside = pair.trimap == UNKNOWN if pair.trimap.size else np.ones(pair.alpha.shape, bool)
    error = (pair.alpha.astype(float) - pair.alpha_gt) / 255
    maps = {
        "sad": np.abs(error),
        "mse": error**2,
        "grad": grad_map(pair.alpha, pair.alpha_gt),
        "conn": conn_map(pair.alpha, pair.alpha_gt),
    }
    return Inspection(
        pair.alpha,
        pair.alpha_gt,
        inside,
        {name: np.where(inside, values_at, 0.0) for name, values_at in maps.items()},
        {metric_id(name, region): value for name, value in values.items()},
    )


def worst_tiles(error: FloatMap, tile: int, count: int) -> list[tuple[int, int, float]]:
    """Find the tiles of a grid with the largest sums.

    Parameters
    ----------
    error
        Error per pixel, H x W.
    tile
        Side of a tile in pixels; those at the right and lower border may be smaller.
    count
        Number of tiles at most; tiles without error are left out.

    Returns
    -------
    list of tuple
        Top, left and share of the whole error, largest first.

    Examples
    --------
    >>> worst_tiles(np.diag([1.0, 0.0, 3.0]), tile=2, count=5)
    [(2, 2, 0.75), (0, 0, 0.25)]
    """
    total = error.sum()
    rows = np.add.reduceat(error, np.arange(0, error.shape[0], tile), axis=0)
    sums = np.add.reduceat(rows, np.arange(0, error.shape[1], tile), axis=1)
    order = np.argsort(-sums, axis=None, kind="stable")[:count]
    tiles = [np.unravel_index(index, sums.shape) for index in order]
    return [
        (int(i) * tile, int(j) * tile, float(sums[i, j] / total))
        for i, j in tiles
        if sums[i, j] > 0
    ]


def draw(inspection: Inspection, title: str, *, rank_by: str = "sad", tile: int = 128) -> Figure:
    """Draw an inspection.

    Parameters
    ----------
    inspection
        The result of `inspect`.
    title
        First line of the heading.
    rank_by
        Metric whose worst tiles are enlarged: ``sad``, ``mse``, ``grad`` or ``conn``.
    tile
        Side of a tile in pixels.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with its ``savefig``.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    height, width = inspection.alpha.shape
    panel = 4.6 * min(max(height / width, 0.3), 1.6)
    tiles = worst_tiles(inspection.maps[rank_by], tile, 4)
    figure = Figure(figsize=(15, 2 * panel + 6.2), dpi=110, layout="constrained")
    top: SubFigure
    bottom: SubFigure
    top, bottom = figure.subfigures(2, 1, height_ratios=[2 * panel, 5.4], squeeze=False)[:, 0]
    scores = "    ".join(f"{name}  {value:.6g}" for name, value in inspection.scores.items())
    figure.suptitle(f"{title}\n{scores}", fontsize=12)
    axes = top.subplots(2, 3)
    signed = (inspection.alpha.astype(float) - inspection.alpha_gt) / 255
    _show_matte(axes[0, 0], inspection.alpha, "matte")
    _show_matte(axes[0, 1], inspection.alpha_gt, "ground truth")
    _show_signed(axes[0, 2], _reduced(np.where(inspection.region, signed, 0)), top)
    _show_error(axes[1, 0], inspection.maps["sad"], "absolute error (SAD)", top)
    _show_error(axes[1, 1], inspection.maps["grad"], "squared gradient difference (Grad)", top)
    _show_error(axes[1, 2], inspection.maps["conn"], "connectivity difference (Conn)", top)
    scale = _reduction(inspection.alpha)
    for number, (row, column, _) in enumerate(tiles, start=1):
        for axis in axes.flat:
            corner = column / scale - 0.5, row / scale - 0.5
            axis.add_patch(
                Rectangle(corner, tile / scale, tile / scale, fill=False, edgecolor="#00c000", lw=1)
            )
        axes[0, 2].text(
            column / scale, row / scale, f" {number}", color="#008000", va="top", fontsize=10
        )
    _draw_tiles(bottom, inspection, signed, tiles, tile, rank_by)
    return figure


def _draw_tiles(
    figure: SubFigure,
    inspection: Inspection,
    signed: FloatMap,
    tiles: list[tuple[int, int, float]],
    tile: int,
    rank_by: str,
) -> None:
    if not tiles:
        figure.suptitle("no error in this region", fontsize=11)
        return
    axes = figure.subplots(2, 6).ravel()
    figure.suptitle(
        f"worst tiles by {rank_by.upper() if rank_by in ('sad', 'mse') else rank_by.title()}, "
        f"{tile} x {tile} pixels: matte, truth, error",
        fontsize=11,
    )
    for axis in axes:
        axis.set_axis_off()
    for number, (row, column, share) in enumerate(tiles):
        window = slice(row, row + tile), slice(column, column + tile)
        first, second, third = axes[3 * number : 3 * number + 3]
        first.imshow(inspection.alpha[window], cmap="gray", vmin=0, vmax=255, interpolation="none")
        second.imshow(
            inspection.alpha_gt[window], cmap="gray", vmin=0, vmax=255, interpolation="none"
        )
        third.imshow(
            np.where(inspection.region, signed, 0)[window],
            cmap="RdBu_r",
            vmin=-1,
            vmax=1,
            interpolation="none",
        )
        first.set_title(f"{number + 1}: {100 * share:.1f} % of the error", loc="left", fontsize=10)


def _show_matte(axis: Axes, matte: MapU8, title: str) -> None:
    step = _reduction(matte)
    axis.imshow(matte[::step, ::step], cmap="gray", vmin=0, vmax=255, interpolation="antialiased")
    axis.set_title(title, fontsize=11)
    axis.set_axis_off()


def _show_signed(axis: Axes, error: FloatMap, figure: SubFigure) -> None:
    shown = axis.imshow(error, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none")
    axis.set_title("matte minus truth (red: too opaque)", fontsize=11)
    axis.set_axis_off()
    figure.colorbar(shown, ax=axis, shrink=0.75, pad=0.01)


def _show_error(axis: Axes, error: FloatMap, title: str, figure: SubFigure) -> None:
    reduced = np.sqrt(_reduced(error))  # so that faint errors are seen beside strong ones
    shown = axis.imshow(reduced, cmap="magma", vmin=0, interpolation="none")
    axis.set_title(title, fontsize=11)
    axis.set_axis_off()
    bar = figure.colorbar(shown, ax=axis, shrink=0.75, pad=0.01)
    bar.ax.yaxis.set_major_formatter(lambda root, _: f"{root**2:.2g}")


def _reduction(array: npt.NDArray[Any]) -> int:
    return -(-int(max(array.shape)) // LONGEST_SIDE)


def _reduced(error: FloatMap) -> FloatMap:
    """Reduce a map by keeping the value of largest magnitude of each block."""
    step = _reduction(error)
    if step == 1:
        return error
    pad = [(0, -side % step) for side in error.shape]
    padded = np.pad(error, pad)
    blocks = padded.reshape(padded.shape[0] // step, step, -1, step).swapaxes(1, 2)
    flat = blocks.reshape(*blocks.shape[:2], -1)
    strongest = np.abs(flat).argmax(axis=-1)
    reduced: FloatMap = np.take_along_axis(flat, strongest[..., None], axis=-1)[..., 0]
    return reduced
