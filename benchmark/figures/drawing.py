"""Drawing of a figure from runs: images chosen, pictures read, file written.

To add a style, write a function in `benchmark.figures.styles` that returns a `Grid`, its line in
`STYLES`, and its branch in `draw` or `_grid`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.figures.choosing import Choice, choose_samples, median_errors, read_scores
from benchmark.figures.runs import FoundRun, find_run_mattes

if TYPE_CHECKING:
    from benchmark.figures.styles import Grid
    from distinctions646.loading.opening import Sample, Split

STYLES = ("sheet", "methods", "trimaps", "components", "photographs")


@dataclass(frozen=True)
class FigureConfig:
    """The pictures, runs and looks of a figure, as the options of `benchmark.figure`.

    Attributes
    ----------
    style
        One of `STYLES`.
    dataset, split
        The dataset's folder and split.
    runs
        ``--out`` of `benchmark.run`.
    method
        Methods to show, in order; None shows all.
    title
        Names to print, by method.
    images
        Names of the images to show; None lets `choose` and `rows` decide.
    choose, metric
        Which images, by the methods' median error in a metric.
    rows
        Largest number of images.
    tile
        Long side of a contact sheet's pictures in pixels.
    scores, zoom, names
        Print SAD below mattes, enlarge the hardest part, print names of images.
    larger
        Trimap rule of the style trimaps.
    photographs, mattes, colour
        Of the style photographs: pictures, folders of mattes by title, colour behind composites.
    out
        The file to write.
    """

    style: str
    dataset: Path
    split: str
    runs: Path
    method: tuple[str, ...] | None
    title: dict[str, str]
    images: tuple[str, ...] | None
    choose: Choice
    metric: str
    rows: int
    tile: int
    scores: bool
    zoom: bool
    names: bool
    larger: str
    photographs: Path | None
    mattes: dict[str, Path]
    colour: tuple[int, int, int]
    out: Path


def draw(config: FigureConfig) -> list[Path]:
    """Draw a figure and return the files written.

    Raises
    ------
    ValueError
        If the dataset, an image, a method's mattes or scores are missing.
    OSError
        If a file cannot be written.
    """
    from benchmark.figures.grid import draw_grid, save_figure

    if config.style == "sheet":
        return [_draw_sheet(config)]
    titles, rows = _photographs(config) if config.style == "photographs" else _grid(config)
    return save_figure(draw_grid(titles, rows, names=config.names), config.out)


def _photographs(config: FigureConfig) -> Grid:
    from benchmark.figures.styles import photographs_grid

    if config.photographs is None or not config.mattes:
        raise ValueError("the style photographs needs --photographs DIR and --mattes NAME=DIR")
    return photographs_grid(
        config.photographs, config.mattes, config.images, config.colour, config.rows
    )


def _draw_sheet(config: FigureConfig) -> Path:
    import numpy as np

    from benchmark.figures.sheet import contact_sheet
    from distinctions646.images.png import write_png

    split, runs = _open(config)
    sheet = contact_sheet(_samples(config, split, runs), runs, config.tile)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    write_png(config.out, np.asarray(sheet))
    return config.out


def _grid(config: FigureConfig) -> Grid:
    from benchmark.figures import styles
    from benchmark.results.trimaps import choose_trimaps

    split, runs = _open(config)
    if config.style == "components" and config.method is None:
        runs = _components(config, runs)
    samples = _samples(config, split, runs)
    scores = read_scores(runs) if config.scores else None
    if config.style == "components":
        return styles.components_grid(samples, runs, config.title, scores=scores, zoom=config.zoom)
    if config.style == "methods":
        return styles.methods_grid(samples, runs, config.title, scores=scores, zoom=config.zoom)
    trimaps = choose_trimaps(split, config.larger)
    larger = find_run_mattes(config.runs, split, _with_trimaps(runs), trimaps)
    both = None if scores is None else (scores, read_scores(larger))
    return styles.trimaps_grid(samples, runs, larger, trimaps, config.title, both)


def _open(config: FigureConfig) -> tuple[Split, list[FoundRun]]:
    from distinctions646.loading.opening import open_split

    split = open_split(config.dataset, config.split)
    return split, find_run_mattes(config.runs, split, config.method)


def _components(config: FigureConfig, runs: list[FoundRun]) -> list[FoundRun]:
    """Return the runs of the ablation's networks, in the order of the paper's tables."""
    from benchmark.figures.styles import COMPONENTS

    by_name = {run.method: run for run in runs}
    components = [by_name[name] for name in COMPONENTS if name in by_name]
    if not components:
        raise ValueError(
            f"{config.runs}: no mattes of {', '.join(COMPONENTS)}; name others by --method"
        )
    return components


def _with_trimaps(runs: list[FoundRun]) -> list[str]:
    """Return the methods that a larger trimap changes."""
    from benchmark.results.finished_runs import read_runs

    return [run.method for run in runs if read_runs(run.folder)[0].track == "trimap-based"]


def _samples(config: FigureConfig, split: Split, runs: list[FoundRun]) -> list[Sample]:
    errors = None
    if config.choose != "first" and not config.images:
        errors = median_errors(read_scores(runs, config.metric))
        if 0 < len(errors) < len(split.samples):
            sys.stderr.write(
                f"{config.choose} of the {len(errors)} images that all {len(runs)} methods have; "
                f"the dataset has {len(split.samples)}\n"
            )
    return choose_samples(split, config.images, config.choose, config.rows, errors)
