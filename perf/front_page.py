"""Draw the two pictures of the README: a cut-out, and the leaderboard's page in a browser.

    python -m benchmark.leaderboard --results results --formats page --out leaderboard
    python -m perf.front_page --page leaderboard/index.html --out docs

Writes front-cutout.webp (a photograph that ships with `mini`, public domain, with the matte and
the cut-out of the default checkpoint) and front-leaderboard.webp. Needs Chromium.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import distinctions646
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes

PHOTOGRAPH = Path(distinctions646.__file__).parent / "mini" / "photographs" / "bee.webp"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TILE = 440  # width of a picture of the cut-out, in pixels
GAP = 10
COLOUR = "#f2efe6"  # below the cut-out
WINDOW = (1400, 860)
QUALITY = 82


@dataclass(frozen=True)
class Inputs:
    """The page to show, and the folder for the pictures."""

    page: Path
    out: Path


def draw_cutout() -> Image.Image:
    """Return the photograph, its matte and its cut-out side by side."""
    from hattmatting import matte

    made = matte(PHOTOGRAPH)
    with Image.open(PHOTOGRAPH) as photograph:
        image = np.asarray(photograph.convert("RGB"))
    alpha_u8 = np.floor(255 * made.alpha + 0.5).astype(np.uint8)
    pictures = [_tile(picture) for picture in (image, alpha_u8, made.over(COLOUR))]
    height = max(picture.height for picture in pictures)
    sheet = Image.new("RGB", (len(pictures) * (TILE + GAP) - GAP, height), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (number * (TILE + GAP), 0))
    return sheet


def _tile(picture: npt.NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(picture).convert("RGB")
    return image.resize((TILE, round(image.height * TILE / image.width)), Image.Resampling.LANCZOS)


def show_page(page: Path) -> Image.Image:
    """Return what a browser shows of a page.

    Raises
    ------
    ValueError
        If there is no page, or no browser.
    """
    if not page.is_file():
        raise ValueError(f"{page}: no such file; expected the index.html of a leaderboard")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise ValueError(f"none of {', '.join(BROWSERS)} is installed; expected one")
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "page.png"
        flags = ["headless", "no-sandbox", "disable-gpu", "hide-scrollbars", "window-size={},{}"]
        flags += [f"screenshot={shot}", f"user-data-dir={folder}/profile"]
        command = [browser, *(f"--{flag}".format(*WINDOW) for flag in flags)]
        subprocess.run([*command, page.resolve().as_uri()], check=True, capture_output=True)
        with Image.open(shot) as picture:
            return picture.convert("RGB")


def draw(inputs: Inputs) -> None:
    """Write both pictures."""
    shown = show_page(inputs.page)
    for name, picture in (("front-cutout", draw_cutout()), ("front-leaderboard", shown)):
        buffer = io.BytesIO()
        picture.save(buffer, format="WEBP", quality=QUALITY, method=6)
        write_bytes(inputs.out / f"{name}.webp", buffer.getvalue())
        sys.stdout.write(f"{inputs.out / name}.webp\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.front_page", __doc__)
    parser.add_argument("--page", type=Path, required=True, help="index.html of a leaderboard")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    inputs = parser.parse_args(arguments)
    return run_command(lambda: draw(Inputs(inputs.page, inputs.out)))


if __name__ == "__main__":
    sys.exit(main())
