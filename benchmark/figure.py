"""Draw comparison figures: a contact sheet, or the grids that papers print.

    python -m benchmark.figure --dataset mini --runs runs --out contact-sheet.png
    python -m benchmark.figure --style methods --choose spread --rows 5 --scores --out figure-4

--style sheet       input, trimap, truth and every matte, as one PNG
        methods     methods side by side (the paper's Fig. 4)
        trimaps     the same methods with larger trimaps (Fig. 5), run with --trimap-rule before
        components  a model's parts added one by one (Fig. 6)
        photographs mattes and composites of photographs without truth (Fig. 7)
A grid is written as PDF and PNG, or as one of them if --out ends in .pdf or .png.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmark.figures.choosing import CHOICES
from benchmark.figures.drawing import STYLES, FigureConfig, draw
from distinctions646.process.commandline import make_parser, run_command


def parse_args(arguments: list[str] | None = None) -> FigureConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.figure", __doc__)
    _add_arguments(parser)
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


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--style", choices=STYLES, default="sheet", help="what to draw")
    add("--dataset", type=Path, default=Path("mini"), help="the dataset of the runs")
    add("--split", default="test", help="split of the dataset")
    add(
        "--runs",
        type=Path,
        default=Path("runs"),
        help="the --out of benchmark.run",
    )
    add("--method", nargs="+", help="methods, in this order (default: all)")
    add("--title", nargs="+", default=(), metavar="METHOD=TEXT", help="names to print")
    add("--images", nargs="+", help="names of images (default: by --choose and --rows)")
    add(
        "--choose",
        choices=CHOICES,
        default="first",
        help="which images, of those that every method has: the first, or by the methods' median "
        "error; spread takes some of each kind",
    )
    add("--metric", default="sad/whole/v1", help="the error that --choose sorts by")
    add("--rows", type=int, default=24, help="largest number of images")
    add("--tile", type=int, default=192, help="long side of a contact sheet's picture in pixels")
    add("--scores", action="store_true", help="print each matte's SAD below it")
    add("--zoom", action="store_true", help="enlarge the hardest part of each image")
    add("--names", action="store_true", help="print the images' names at the left")
    add(
        "--larger",
        default="radius-50/v1",
        metavar="RULE",
        help="trimaps of the style trimaps; run the methods with this --trimap-rule first",
    )
    add("--photographs", type=Path, metavar="DIR", help="pictures for the style photographs")
    add("--mattes", nargs="+", default=(), metavar="NAME=DIR", help="mattes of the photographs")
    add(
        "--colour",
        type=int,
        nargs=3,
        default=(255, 255, 255),
        metavar=("R", "G", "B"),
        help="background of the photographs' composites",
    )
    add(
        "--out",
        type=Path,
        required=True,
        help="the file to write; a grid without .pdf or .png at its end is written as both",
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
