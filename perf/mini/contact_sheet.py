"""Draw the contact sheet of mini: test foregrounds on backgrounds, a row for each attribute group.

python -m perf.mini.contact_sheet --dataset mini --out docs/mini-contact-sheet.png
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from distinctions646.loading.opening import open_split
from distinctions646.mini.catalogue import GROUPS

ROW, WIDTH, GAP, TITLE = 150, 1000, 4, 22
PAPER, INK = (255, 255, 255), (60, 60, 60)
COLOURS = 256  # of the palette; a true-colour PNG would be three times as large


def by_group(dataset: Path) -> dict[str, list[Image.Image]]:
    """Read the composites of a built mini, those of a group together, path-traced ones first."""
    with (dataset / "foregrounds.csv").open(newline="", encoding="utf-8") as file:
        facts = {row["name"]: row for row in csv.DictReader(file)}
    found: dict[str, list[tuple[bool, Image.Image]]] = {group: [] for group in GROUPS}
    for sample in open_split(dataset).samples:
        row = facts[sample.foreground]
        picture = Image.fromarray(np.asarray(sample.image()))
        found[row["group"]].append((row["source"] == "procedural", picture))
    return {
        group: [picture for _, picture in sorted(pictures, key=lambda pair: pair[0])]
        for group, pictures in found.items()
    }


def lay_rows(pictures: list[Image.Image]) -> list[Image.Image]:
    """Break pictures into rows of about the same length, each scaled to fill the width."""
    lengths = np.cumsum([one.width / one.height * ROW for one in pictures])
    count = max(1, round(float(lengths[-1]) / WIDTH))
    lines: list[list[Image.Image]] = [[] for _ in range(count)]
    for picture, end in zip(pictures, lengths, strict=True):
        middle = float(end) - picture.width / picture.height * ROW / 2
        lines[min(int(middle / float(lengths[-1]) * count), count - 1)].append(picture)
    return [_row(line) for line in lines if line]


def _row(line: list[Image.Image]) -> Image.Image:
    aspect = sum(one.width / one.height for one in line)
    height = min(int((WIDTH - GAP * (len(line) - 1)) / aspect), int(1.25 * ROW))
    strip = Image.new("RGB", (WIDTH, height), PAPER)
    left = 0
    for number, one in enumerate(line):
        right = round(left + one.width / one.height * height)
        if number == len(line) - 1 and WIDTH - right < 8:
            right = WIDTH
        resized = one.resize((right - left, height), Image.Resampling.LANCZOS)
        strip.paste(resized, (left, 0))
        left = right + GAP
    return strip


def draw(dataset: Path, out: Path) -> None:
    """Write the sheet."""
    font = ImageFont.load_default(15)
    strips: list[Image.Image] = []
    for group, pictures in by_group(dataset).items():
        if pictures:
            title = Image.new("RGB", (WIDTH, TITLE), PAPER)
            ImageDraw.Draw(title).text((1, 3), GROUPS[group], INK, font=font)
            strips += [title, *lay_rows(pictures)]
    sheet = Image.new("RGB", (WIDTH, sum(strip.height + GAP for strip in strips)), PAPER)
    top = 0
    for strip in strips:
        sheet.paste(strip, (0, top))
        top += strip.height + GAP
    palette = sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT)
    sheet.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(out, optimize=True)
    sys.stdout.write(f"{out}: {sheet.width}x{sheet.height}, {out.stat().st_size} bytes\n")


def main() -> int:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("mini"), help="a built mini")
    parser.add_argument("--out", type=Path, required=True, help="PNG file")
    given = parser.parse_args()
    draw(given.dataset, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
