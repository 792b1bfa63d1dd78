"""Draw a contact sheet of every baseline: a row a method, a column a picture.

    python -m perf.baselines.sheet --dataset mini --out docs/baselines-contact-sheet.png

--photographs ALPHAMATTING draws the training photographs of alphamatting.com instead; they must not
be passed on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from distinctions646.process.commandline import HelpFormatter, run_command
from perf.baselines.measure import Config as Pictures
from perf.baselines.measure import baseline_names, load

WIDTH, HEIGHT, TITLE = 170, 116, 175
COLOURS = 96  # of the palette; a true-colour PNG would be three times as large
SKIPPED = {"u2netp"}  # wants a file that does not ship


def main() -> int:
    """Parse, run the methods, draw."""
    return run_command(draw)


def draw() -> int:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=HelpFormatter)
    parser.add_argument("--dataset", type=Path, help="a built dataset")
    parser.add_argument("--photographs", type=Path, help="folder of photographs")
    parser.add_argument("--images", nargs="*", default=[], help="names; none means four of them")
    parser.add_argument("--methods", nargs="*", default=[], help="names; none means every one")
    parser.add_argument("--out", type=Path, required=True, help="PNG to write")
    given = parser.parse_args()
    if (given.dataset is None) == (given.photographs is None):
        raise ValueError("expected one of --dataset and --photographs")
    source = given.dataset or given.photographs
    read = of_dataset if given.dataset else of_photographs
    scenes = read(source, given.images)
    rows = [("image", [scene[0] for scene in scenes]), ("trimap", [scene[1] for scene in scenes])]
    rows.append(("true alpha", [scene[2] for scene in scenes]))
    rows += mattes(given.methods or baseline_names(), scenes)
    sheet = Image.new("RGB", (TITLE + WIDTH * len(scenes), HEIGHT * len(rows)), "white")
    for number, (name, pictures) in enumerate(rows):
        place(sheet, number, name, pictures)
    sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(given.out, optimize=True)
    sys.stdout.write(f"{given.out}\n")
    return 0


def mattes(names: Iterable[str], scenes: list[Any]) -> list[tuple[str, list[Any]]]:
    """Run the methods; where one is not applicable its place stays grey."""
    from benchmark.methods.finding import call, load_method
    from distinctions646.images.reading import alpha_to_u8
    from distinctions646.trimap.values import NotApplicable

    rows = []
    for name in names:
        if name in SKIPPED | {"trimap"}:
            continue
        method, row = load_method(name), []
        for image, trimap, _ in scenes:
            try:
                row.append(alpha_to_u8(call(method, image, trimap)[0]))
            except NotApplicable:
                row.append(np.full(trimap.shape, 128, np.uint8))
        rows.append((name, row))
        sys.stderr.write(f"{name}\n")
    return rows


def of_dataset(folder: Path, names: list[str]) -> list[Any]:
    """Return image, trimap and alpha of four samples far apart in a dataset's list, or of some."""
    from distinctions646.loading.opening import open_split

    samples = list(open_split(folder).samples)
    if names:
        chosen = [sample for sample in samples if sample.name in names]
    else:
        chosen = [samples[k * len(samples) // 4] for k in range(4)]
    return [tuple(np.asarray(plane) for plane in _planes(sample)) for sample in chosen]


def _planes(sample: Any) -> tuple[Any, Any, Any]:
    return sample.image(), sample.trimap(), sample.alpha_u8()


def of_photographs(folder: Path, names: list[str]) -> list[Any]:
    """Return image, trimap and alpha of photographs."""
    pictures = Pictures(folder, "Trimap1", (), (), 1.0, False, folder)
    return [load(name, pictures, 1.0) for name in names or ("GT01", "GT13", "GT21", "GT25")]


def place(sheet: Image.Image, row: int, name: str, pictures: list[npt.NDArray[np.uint8]]) -> None:
    """Paste a row of pictures with its name."""
    ink = ImageDraw.Draw(sheet)
    ink.text((6, row * HEIGHT + 8), name, fill="black", font=ImageFont.load_default(13))
    for column, picture in enumerate(pictures):
        tile = Image.fromarray(picture).convert("RGB")
        tile.thumbnail((WIDTH - 6, HEIGHT - 6), Image.Resampling.LANCZOS)
        sheet.paste(tile, (TITLE + column * WIDTH, row * HEIGHT))


if __name__ == "__main__":
    raise SystemExit(main())
