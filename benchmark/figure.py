"""Draw a contact sheet: input, trimap, truth and each method's matte, one row an image.

python -m benchmark.figure --dataset mini --runs runs --out contact-sheet.png
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from distinctions646.commandline import make_parser, run_command

if TYPE_CHECKING:
    from PIL import Image

    from distinctions646.loading import Sample, Split

ImageU8 = npt.NDArray[np.uint8]
Column = tuple[str, dict[str, Path]]  # a method's name, and its mattes by image name

GAP = 4
TITLE = 22
PAPER = (255, 255, 255)
INK = (30, 30, 30)


def find_runs(runs: Path, split: Split, methods: Sequence[str] | None = None) -> list[Column]:
    """Find the mattes that `benchmark.run` left for a split.

    Parameters
    ----------
    runs
        The ``--out`` of `benchmark.run`.
    split
        An opened dataset.
    methods
        Names to show, in order; None for all, in alphabetical order.

    Returns
    -------
    list of tuple
        One a method: the newest of its runs.

    Raises
    ------
    ValueError
        If there is none, or not one of the asked ones.
    """
    import json

    from benchmark.splits import split_folder

    found: dict[str, tuple[float, dict[str, Path]]] = {}
    for card in sorted(runs.glob(f"{split_folder(split)}/*/run.json")):
        try:
            name = json.loads(card.read_text())["method"]
        except (ValueError, KeyError) as error:
            raise ValueError(f"{card}: no run card ({error!r}); run the method again") from None
        mattes = {path.stem: path for path in (card.parent / "alpha").glob("*.png")}
        newest = max(found.get(name, (0.0, {})), (card.stat().st_mtime, mattes),
                     key=lambda pair: pair[0])  # fmt: skip
        found[name] = newest
    missing = [name for name in methods or () if name not in found]
    if missing or not found:
        raise ValueError(
            f"{runs}: no mattes of {', '.join(missing) or 'any method'} for this dataset; "
            "run python -m benchmark.run first"
        )
    return [(name, found[name][1]) for name in methods or sorted(found)]


def contact_sheet(samples: Sequence[Sample], columns: Sequence[Column], tile: int) -> Image.Image:
    """Lay out one row a sample.

    Parameters
    ----------
    samples
        What to show.
    columns
        Methods and their mattes; a missing matte leaves an empty tile.
    tile
        Long side of a tile in pixels.
    """
    from PIL import Image, ImageDraw

    titles = ["input", "trimap", "truth", *(name for name, _ in columns)]
    width = GAP + len(titles) * (tile + GAP)
    height = TITLE + len(samples) * (tile + TITLE + GAP) + GAP
    sheet = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    for place, title in enumerate(titles):
        pen.text((GAP + place * (tile + GAP) + 2, 4), title, INK, font_size=14)
    for row, sample in enumerate(samples):
        top = TITLE + row * (tile + TITLE + GAP)
        pen.text((GAP + 2, top + 3), sample.name, INK, font_size=13)
        for place, picture in enumerate(_row(sample, columns)):
            if picture is not None:
                left = GAP + place * (tile + GAP)
                sheet.paste(_fit(picture, tile), (left, top + TITLE))
    return sheet


def _row(sample: Sample, columns: Sequence[Column]) -> list[ImageU8 | None]:
    from distinctions646.images import read_alpha

    mattes = [mattes.get(sample.name) for _, mattes in columns]
    shown = [None if path is None else read_alpha(path) for path in mattes]
    return [sample.image(), sample.trimap(), sample.alpha_u8(), *shown]


def _fit(picture: ImageU8, tile: int) -> Image.Image:
    from PIL import Image

    image = Image.fromarray(picture)
    scale = tile / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m benchmark.figure", __doc__)
    parser.add_argument("--dataset", type=Path, default=Path("mini"), help="what was run on")
    parser.add_argument("--split", default="test", help="which split")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="--out of benchmark.run")
    parser.add_argument("--method", nargs="+", help="these, in this order; all if left out")
    parser.add_argument("--images", nargs="+", help="these image names; the first --rows otherwise")
    parser.add_argument("--rows", type=int, default=24, help="at most so many images")
    parser.add_argument("--tile", type=int, default=192, help="long side of a picture in pixels")
    parser.add_argument("--out", type=Path, required=True, help="the PNG to write")
    options = parser.parse_args(arguments)

    def command() -> None:
        from distinctions646.images import write_png
        from distinctions646.loading import open_split

        split = open_split(options.dataset, options.split)
        columns = find_runs(options.runs, split, options.method)
        samples = _choose(split, options.images, options.rows)
        sheet = contact_sheet(samples, columns, options.tile)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_png(options.out, np.asarray(sheet))
        sys.stdout.write(f"{options.out}\n")

    return run_command(command)


def _choose(split: Split, names: list[str] | None, rows: int) -> list[Sample]:
    if not names:
        return list(split.samples[:rows])
    known = {sample.name: sample for sample in split.samples}
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"{split.folder}: no image named {', '.join(missing)}")
    return [known[name] for name in names]


if __name__ == "__main__":
    sys.exit(main())
