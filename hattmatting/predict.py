"""Cut out photographs: full-size alpha mattes, cut-outs and composites from a checkpoint.

    python -m hattmatting.predict photo.jpg --out mattes --background white

writes mattes/photo.png, 8-bit grey of the photograph's size as it is stored (an EXIF orientation is
ignored), mattes/cutout/photo.png, RGBA with the object's own estimated colour, and
mattes/composite/photo.png over the asked colour. A folder stands for the pictures in it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.images.png import write_png
from distinctions646.images.reading import alpha_to_u8, read_image
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.compiling import tell_compiling
from hattmatting.inference.cutout import (
    Colour,
    cut_out,
    estimate_foreground,
    over_colour,
    parse_colour,
)
from hattmatting.inference.predicting import LongSide, working_side
from hattmatting.inference.predicting import predict as predict
from hattmatting.inference.targets import expand, refuse_collisions

if TYPE_CHECKING:
    from hattmatting.model.network import HAttMatting


@dataclass(frozen=True)
class PredictConfig:
    """What to predict, how, and what to write."""

    images: tuple[Path, ...]
    out: Path
    weights: str
    device: str
    long_side: LongSide
    tile: int | None
    background: Colour | None
    alpha_only: bool


def predict_files(config: PredictConfig) -> None:
    """Write the mattes, cut-outs and composites of files and folders.

    Raises
    ------
    ValueError
        If a picture is missing or cannot be read (checked before any is written), two results would
        share a name, or the checkpoint, device, tile or long side cannot be used.
    OSError
        If a file cannot be written.
    """
    from tqdm import tqdm

    images = expand(config.images)
    folders = [config.out]
    if not config.alpha_only:
        folders.append(config.out / "cutout")
    if config.background is not None:
        folders.append(config.out / "composite")
    refuse_collisions(images, folders)
    for path in images:
        read_image(path)
    if folders[1:]:
        tell_compiling()  # pymatting compiles when it is imported

    from hattmatting.inference.device import find_device
    from hattmatting.model.network import HAttMatting

    model = HAttMatting.from_pretrained(config.weights).to(find_device(config.device))
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    resized = set()
    for path in tqdm(images, unit="image", disable=len(images) == 1):
        resized.add(write_results(config, model, path))
    for side in sorted(side for side in resized if side is not None):
        sys.stderr.write(f"predicted at {side} pixels of long side, then enlarged or reduced\n")


def write_results(config: PredictConfig, model: HAttMatting, path: Path) -> int | None:
    """Write one picture's results; return the long side that it was resized to, or None.

    The paths of its files are printed once all of them are written.
    """
    image = read_image(path)
    alpha = predict(model, image, long_side=config.long_side, tile=config.tile)
    name = f"{path.stem}.png"
    pictures = {config.out / name: alpha_to_u8(alpha)}
    if not config.alpha_only or config.background is not None:
        foreground = estimate_foreground(image, alpha)
        if not config.alpha_only:
            pictures[config.out / "cutout" / name] = cut_out(foreground, alpha)
        if config.background is not None:
            composite = over_colour(foreground, alpha, config.background)
            pictures[config.out / "composite" / name] = composite
    for target, picture in pictures.items():
        write_png(target, picture)
    sys.stdout.writelines(f"{target}\n" for target in pictures)
    return working_side(model, image.shape[:2], config.long_side)


def parse_args(arguments: list[str] | None = None) -> PredictConfig:
    """Read the command line."""
    parser = make_parser("python -m hattmatting.predict", __doc__)
    parser.add_argument("images", type=Path, nargs="+", help="photographs, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="folder for the mattes")
    parser.add_argument(
        "--weights",
        default="hatt-mini",
        help="checkpoint folder, shipped name, or OWNER/NAME of the Hub",
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1")
    parser.add_argument(
        "--long-side",
        default="trained",
        help="long side in pixels at which the network sees the image; full: nothing is resized; "
        "trained: the checkpoint's working size, if it has one (hatt-mini: 320)",
    )
    parser.add_argument(
        "--tile", type=int, help="predict in squares of this side in pixels, to save memory"
    )
    parser.add_argument(
        "--background", type=_colour, help="also write a composite over white, black, #rrggbb, …"
    )
    parser.add_argument("--alpha-only", action="store_true", help="write no cut-outs")
    options = vars(parser.parse_args(arguments))
    options["long_side"] = _long_side(options["long_side"])
    options["images"] = tuple(options["images"])
    return PredictConfig(**options)


def _colour(text: str) -> Colour:
    import argparse

    try:
        return parse_colour(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _long_side(text: str) -> LongSide:
    if text in ("trained", "full"):
        return "trained" if text == "trained" else None
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"--long-side is {text!r}; expected pixels, full or trained")
    return int(text)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    return run_command(lambda: predict_files(parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
