"""Draw comparison figures: a contact sheet, or the grids that papers print.

    python -m benchmark.figure --dataset mini --runs runs --out contact-sheet.png
    python -m benchmark.figure --style methods --choose spread --rows 5 --scores --out figure-4

--style sheet       input, trimap, truth and every matte, as one PNG
        methods     methods side by side (the paper's Fig. 4)
        trimaps     the same methods with larger trimaps (Fig. 5), run with --trimap-rule before
        components  a model's parts added one by one (Fig. 6)
        photographs mattes and composites of photographs without truth (Fig. 7)
A grid is written as PDF and PNG, or as one of them if --out ends so.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.figures.choosing import CHOICES, Choice
from distinctions646.process.commandline import make_parser, run_command

if TYPE_CHECKING:
    from benchmark.figures.runs import FoundRun
    from benchmark.figures.styles import Grid
    from distinctions646.loading.opening import Sample, Split

STYLES = ("sheet", "methods", "trimaps", "components", "photographs")


@dataclass(frozen=True)
class FigureConfig:
    """What to draw; see the command's ``--help`` for each."""

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
        If the dataset, an image, a method's mattes or scores are not there.
    OSError
        If a file cannot be written.
    """
    from benchmark.figures.grid import draw_grid, save_figure

    if config.style == "sheet":
        return [_draw_sheet(config)]
    if config.style == "photographs":
        titles, rows = _photographs(config)
    else:
        titles, rows = _grid(config)
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

    from benchmark.figures.runs import find_runs
    from benchmark.figures.sheet import contact_sheet
    from distinctions646.images.png import write_png
    from distinctions646.loading.opening import open_split

    split = open_split(config.dataset, config.split)
    runs = find_runs(config.runs, split, config.method)
    sheet = contact_sheet(_samples(config, split, runs), runs, config.tile)
    config.out.parent.mkdir(parents=True, exist_ok=True)
    write_png(config.out, np.asarray(sheet))
    return config.out


def _grid(config: FigureConfig) -> Grid:
    from benchmark.figures import styles
    from benchmark.figures.choosing import read_scores
    from benchmark.figures.runs import find_runs
    from benchmark.results.trimaps import choose_trimaps
    from distinctions646.loading.opening import open_split

    split = open_split(config.dataset, config.split)
    runs = find_runs(config.runs, split, config.method)
    if config.style == "components" and config.method is None:
        by_name = {run.method: run for run in runs}
        runs = [by_name[name] for name in styles.COMPONENTS if name in by_name]
        if not runs:
            raise ValueError(
                f"{config.runs}: no mattes of {', '.join(styles.COMPONENTS)}; name others by "
                "--method"
            )
    samples = _samples(config, split, runs)
    scores = read_scores(runs) if config.scores else None
    if config.style == "components":
        return styles.components_grid(samples, runs, config.title, scores=scores, zoom=config.zoom)
    if config.style == "methods":
        return styles.methods_grid(samples, runs, config.title, scores=scores, zoom=config.zoom)
    trimaps = choose_trimaps(split, config.larger)
    needing = _with_trimaps(runs)
    larger = find_runs(config.runs, split, needing, trimaps)
    both = None if scores is None else (scores, read_scores(larger))
    return styles.trimaps_grid(samples, runs, larger, trimaps, config.title, both)


def _with_trimaps(runs: list[FoundRun]) -> list[str]:
    """Name the methods that a larger trimap changes."""
    from benchmark.results.finished_runs import read_runs

    return [run.method for run in runs if read_runs(run.folder)[0].track == "trimap-based"]


def _samples(config: FigureConfig, split: Split, runs: list[FoundRun]) -> list[Sample]:
    from benchmark.figures.choosing import choose_samples, median_errors, read_scores

    errors = None
    if config.choose != "first" and not config.images:
        errors = median_errors(read_scores(runs, config.metric))
        if 0 < len(errors) < len(split.samples):
            sys.stderr.write(
                f"{config.choose} of the {len(errors)} images that all {len(runs)} methods have; "
                f"the dataset has {len(split.samples)}\n"
            )
    return choose_samples(split, config.images, config.choose, config.rows, errors)


def parse_args(arguments: list[str] | None = None) -> FigureConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.figure", __doc__)
    add = parser.add_argument
    add("--style", choices=STYLES, default="sheet", help="what to draw")
    add("--dataset", type=Path, default=Path("mini"), help="what was run on")
    add("--split", default="test", help="which split")
    add("--runs", type=Path, default=Path("runs"), help="--out of benchmark.run")
    add("--method", nargs="+", help="these, in this order; all if left out")
    add("--title", nargs="+", default=(), metavar="METHOD=TEXT", help="names to print")
    add("--images", nargs="+", help="these image names; --choose and --rows otherwise")
    add("--choose", choices=CHOICES, default="first",
        help="by the methods' median error, of images that all have; or the first")  # fmt: skip
    add("--metric", default="sad/whole/v1", help="the error that --choose goes by")
    add("--rows", type=int, default=24, help="at most so many images")
    add("--tile", type=int, default=192, help="long side of a contact sheet's picture in pixels")
    add("--scores", action="store_true", help="print each matte's SAD below it")
    add("--zoom", action="store_true", help="enlarge the hardest part of each image")
    add("--names", action="store_true", help="print the images' names at the left")
    add("--larger", default="radius-50/v1", metavar="RULE",
        help="of the style trimaps; run the methods with this --trimap-rule first")  # fmt: skip
    add("--photographs", type=Path, metavar="DIR", help="pictures of the style photographs")
    add("--mattes", nargs="+", default=(), metavar="NAME=DIR", help="and their mattes")
    add("--colour", type=int, nargs=3, default=(255, 255, 255), metavar=("R", "G", "B"),
        help="below the photographs' composites")  # fmt: skip
    add("--out", type=Path, required=True, help="the file to write; a grid without .pdf or .png "
        "gives both")  # fmt: skip
    options = vars(parser.parse_args(arguments))
    for name in ("rows", "tile"):
        if options[name] < 1:
            parser.error(f"--{name} is {options[name]}; expected 1 or more")
    if not all(0 <= value <= 255 for value in options["colour"]):
        parser.error(f"--colour is {options['colour']}; expected three numbers from 0 to 255")
    for name in ("title", "mattes"):
        wrong = [pair for pair in options[name] if "=" not in pair]
        if wrong:
            parser.error(f"--{name} {wrong[0]}: expected NAME=VALUE")
    titles = dict(pair.split("=", 1) for pair in options.pop("title"))
    mattes = dict(pair.split("=", 1) for pair in options.pop("mattes"))
    method, images = options.pop("method"), options.pop("images")
    return FigureConfig(
        **{**options, "colour": tuple(options["colour"])},
        method=tuple(method) if method else None,
        images=tuple(images) if images else None,
        title={name: text.replace("\\n", "\n") for name, text in titles.items()},
        mattes={name: Path(folder) for name, folder in mattes.items()},
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        for path in draw(config):
            sys.stdout.write(f"{path}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
