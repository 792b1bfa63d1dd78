"""Check that this machine generates the pictures that others do, within a tolerance.

    python -m distinctions646.mini.digests

renders the generated foregrounds of test and validation and the backgrounds of test-small, and
compares each with the digest that the package has of it: mean colour and alpha, the share of soft
pixels, and a thumbnail of 32 pixels. On one installed stack the pixels are equal to the byte;
another processor or OpenCV may round a blur differently. What ships as a file is checked by SHA-256
when it is read.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.images.png import write_png
from distinctions646.mini.pictures import Picture, render_picture
from distinctions646.mini.plans import chosen_foregrounds, plan_backgrounds
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes

TABLE = Path(__file__).with_name("digests.csv")
THUMBNAILS = Path(__file__).with_name("digests.png")
SIDE = 32  # of a thumbnail
SIZE = 192
COLUMNS = ("red", "green", "blue", "alpha", "soft")
# In 255ths, but for `soft`, a share of the picture. A blur that rounds otherwise moves none of them
# by a tenth of this; another draw of the random numbers moves all of them by far more.
TOLERANCES = {"red": 1.0, "green": 1.0, "blue": 1.0, "alpha": 1.0, "soft": 0.005}
THUMBNAIL_TOLERANCE = 8


@dataclass(frozen=True)
class Digest:
    """Numbers that tell pictures apart within a tolerance.

    Attributes
    ----------
    numbers
        `COLUMNS`: means of premultiplied colour and of alpha, in 255ths, and the soft share.
    thumbnail
        uint8 32 x 32 x 4, premultiplied.
    """

    numbers: Mapping[str, float]
    thumbnail: NDArray[np.uint8]


def digest(pixels: NDArray[np.uint8]) -> Digest:
    """Return the digest of a picture.

    Parameters
    ----------
    pixels
        uint8 height x width x 4, straight; or x 3.

    Returns
    -------
    Digest
        Means over all pixels, and the thumbnail.
    """
    if pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    stack = pixels.astype(np.float32)
    stack[..., :3] *= stack[..., 3:] / 255
    soft = (pixels[..., 3] > 5) & (pixels[..., 3] < 250)
    means = [float(mean) for mean in stack.mean(axis=(0, 1))]
    small = cv2.resize(stack, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    numbers = dict(zip(COLUMNS, (*means, float(soft.mean())), strict=True))
    return Digest(numbers, np.floor(small + 0.5).astype(np.uint8))


def recorded_pictures() -> list[Picture]:
    """List the generated pictures that are recorded, by name."""
    planned = [*chosen_foregrounds("test", SIZE), *chosen_foregrounds("validation", SIZE)]
    planned += plan_backgrounds("test", SIZE, 50)
    return sorted(
        (picture for picture in planned if picture.vendored is None),
        key=lambda picture: picture.name,
    )


def read_digests() -> dict[str, Digest]:
    """Read what the package recorded, by name of the picture."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with Image.open(THUMBNAILS) as picture:
        sheet = np.array(picture)
    if sheet.shape != (SIDE * len(rows), SIDE, 4):
        raise ValueError(f"{THUMBNAILS}: expected {len(rows)} thumbnails of {SIDE} pixels, RGBA")
    thumbnails = sheet.reshape(len(rows), SIDE, SIDE, 4)
    return {
        row["name"]: Digest({column: float(row[column]) for column in COLUMNS}, thumbnail)
        for row, thumbnail in zip(rows, thumbnails, strict=True)
    }


def difference(rendered: Digest, expected: Digest) -> str | None:
    """Compare the digest of a picture with the recorded one.

    Returns
    -------
    str or None
        The first difference, in words; None within the tolerances.
    """
    for column, tolerance in TOLERANCES.items():
        got, wanted = rendered.numbers[column], expected.numbers[column]
        if abs(got - wanted) > tolerance:
            return f"{column} is {got:.3f}; expected {wanted:.3f}"
    apart = np.abs(rendered.thumbnail.astype(int) - expected.thumbnail.astype(int)).max()
    if apart > THUMBNAIL_TOLERANCE:
        return f"its thumbnail is up to {apart} of 255 off"
    return None


def check_digests() -> int:
    """Render what is recorded and compare.

    Returns
    -------
    int
        How many pictures were compared.

    Raises
    ------
    ValueError
        Naming the first picture that differs, or one that was not recorded.
    """
    recorded = read_digests()
    number = 0
    for picture, rendered in _rendered():
        if picture.name not in recorded:
            raise ValueError(f"{TABLE}: has no line for {picture.name}")
        differs = difference(rendered, recorded[picture.name])
        if differs is not None:
            raise ValueError(f"{picture.name}: {differs}")
        number += 1
    return number


def write_digests() -> int:
    """Record the pictures as this machine renders them; for maintainers."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("name", *COLUMNS))
    thumbnails = []
    for picture, rendered in _rendered():
        table.writerow((picture.name, *(f"{rendered.numbers[column]:.4f}" for column in COLUMNS)))
        thumbnails.append(rendered.thumbnail)
    write_bytes(TABLE, text.getvalue().encode())
    write_png(THUMBNAILS, np.concatenate(thumbnails))
    return len(thumbnails)


def _rendered() -> Iterator[tuple[Picture, Digest]]:
    from tqdm import tqdm

    for picture in tqdm(recorded_pictures(), unit="picture", disable=None):
        yield picture, digest(render_picture(picture))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m distinctions646.mini.digests", __doc__)
    parser.add_argument("--write", action="store_true", help="record instead of comparing")
    write = parser.parse_args(arguments).write

    def command() -> None:
        number = write_digests() if write else check_digests()
        verb = "recorded" if write else "equal to those recorded, within the tolerances"
        sys.stdout.write(f"{number} generated pictures {verb}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
