"""What mini's alphas look like, beside those of real foregrounds under the same rule.

    python -m perf.mini.statistics --real DIR --out perf/mini/statistics.csv

Shares of the picture: unknown under dilate-25/v1, foreground (mean alpha), opaque; of the object
(alpha over 5 of 255): soft (alpha 6 to 249), wide (soft and more than 1.8 pixels inside a soft
zone, as an anti-aliased edge never is); of the soft pixels: how alpha spreads over ten equal bins.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.images.folders import list_images
from distinctions646.images.reading import read_foreground_with_alpha
from distinctions646.loading.opening import open_split
from distinctions646.mini.pictures import reduce_rgba
from distinctions646.process.whole_files import write_bytes
from distinctions646.trimap.making import make_trimap
from distinctions646.trimap.rules import DEFAULT_RULE

BINS = 10
SIDE = 512
COLUMNS = ("pictures", "unknown", "foreground", "soft", "wide", "opaque")
REAL = {"ld": "real: photo-like (ld)", "tux": "real: photographs (tux)", "wes": "paintings (wes)"}


def describe(alpha_u8: NDArray[np.uint8], trimap: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Give unknown, foreground, soft, wide, opaque, and the histogram of soft alphas."""
    soft = (alpha_u8 > 5) & (alpha_u8 < 250)
    depth = cv2.distanceTransform(soft.astype(np.uint8), cv2.DIST_L2, 5)
    area = max(int((alpha_u8 > 5).sum()), 1)
    counts = np.histogram(alpha_u8[soft], bins=BINS, range=(6, 250))[0]
    shares = (
        (trimap == 128).mean(),
        alpha_u8.mean() / 255,
        soft.sum() / area,
        (depth > 1.8).sum() / area,
        (alpha_u8 == 255).mean(),
    )
    return np.array([*shares, *(counts / max(counts.sum(), 1))])


def of_dataset(folder: Path) -> Iterator[tuple[list[str], NDArray[np.float64]]]:
    """Describe every picture of a built mini: the rows it counts in, and its numbers."""
    with (folder / "foregrounds.csv").open(newline="", encoding="utf-8") as file:
        facts = {row["name"]: row for row in csv.DictReader(file)}
    for sample in open_split(folder).samples:
        trimap = sample.trimap()
        if trimap is None:
            raise ValueError(f"{folder}: has no trimaps; expected those of {DEFAULT_RULE}")
        row = facts[sample.foreground]
        rows = ["all of mini", f"group {row['group']}", row["source"]]
        if row["opaque_part"] == "false":
            rows.append("without an opaque part")
        yield rows, describe(sample.alpha_u8(), trimap)


def of_real(folder: Path) -> Iterator[tuple[list[str], NDArray[np.float64]]]:
    """Describe real foregrounds, brought down to mini's size where they are larger."""
    for path in list_images(folder / "fg"):
        family = path.name.split("_")[0]
        if family in REAL:
            colour, alpha_u8 = read_foreground_with_alpha(path)
            alpha_u8 = np.ascontiguousarray(
                reduce_rgba(np.dstack([colour, alpha_u8]), SIDE)[..., 3]
            )
            trimap = make_trimap(alpha_u8, DEFAULT_RULE, image_id=path.stem, seed=0)
            yield [REAL[family]], describe(alpha_u8, trimap)


def measure(dataset: Path, real: Path | None, out: Path) -> None:
    """Write the means of each row."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    described = [*of_dataset(dataset), *(of_real(real) if real else ())]
    for names, numbers in described:
        for name in names:
            found.setdefault(name, []).append(numbers)
    order = sorted(found, key=lambda name: (name != "all of mini", name in REAL.values(), name))
    lines: list[list[Any]] = [["", *COLUMNS, *(f"bin {index}" for index in range(BINS))]]
    for name in order:
        mean = np.mean(found[name], axis=0)
        lines.append([name, len(found[name]), *(f"{value:.3f}" for value in mean)])
    text = "".join(",".join(map(str, line)) + "\n" for line in lines)
    write_bytes(out, text.encode())
    sys.stdout.write(text)


def main() -> int:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("mini"), help="a built mini")
    parser.add_argument("--real", type=Path, help="folder whose fg/ has real RGBA foregrounds")
    parser.add_argument("--out", type=Path, required=True, help="CSV file")
    given = parser.parse_args()
    measure(given.dataset, given.real, given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
