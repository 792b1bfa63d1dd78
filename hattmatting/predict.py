"""Cut out photographs: full-size alpha mattes, cut-outs and composites.

    python -m hattmatting.predict photo.jpg --out mattes --background white
    python -m hattmatting.predict photo.jpg --out mattes --method closed-form --trimap trimap.png

writes mattes/photo.png, 8-bit grey of the upright photograph's size, mattes/cutout/photo.png, RGBA
with the object's own estimated colour and the photograph's colour profile, and
mattes/composite/photo.png over the asked colour. A folder stands for the pictures in it.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from distinctions646.images.headers import turn_hint
from distinctions646.images.png import write_png
from distinctions646.images.reading import alpha_to_u8, read_trimap
from distinctions646.process.commandline import make_parser, run_command, tell_next
from hattmatting.inference.cutout import (
    Colour,
    cut_out,
    estimate_foreground,
    over_colour,
    parse_colour,
)
from hattmatting.inference.photographs import Photograph, Photographs, note_files
from hattmatting.inference.predicting import LongSide
from hattmatting.inference.predicting import predict as predict
from hattmatting.inference.predictors import (
    DEFAULT_WEIGHTS,
    ImageU8,
    Predictor,
    checkpoint_predictor,
    find_trimaps,
    method_predictor,
)
from hattmatting.inference.targets import expand, refuse_collisions


@dataclass(frozen=True)
class PredictConfig:
    """What to predict, how, and what to write."""

    images: tuple[Path, ...]
    out: Path
    weights: str | None
    method: str | None
    trimap: Path | None
    device: str | None
    long_side: LongSide
    tile: int | None
    refine: bool
    background: Colour | None
    alpha_only: bool


def predict_files(config: PredictConfig) -> None:
    """Write the mattes, cut-outs and composites of files and folders.

    Raises
    ------
    ValueError
        If a picture is missing or cannot be read (checked before any is written), two would share
        a name, or the checkpoint, method, trimap, device, tile or long side cannot be used.
    OSError
        If a file cannot be written.
    """
    from tqdm import tqdm

    images, left_out = expand(config.images)
    folders = [config.out]
    if not config.alpha_only:
        folders.append(config.out / "cutout")
    if config.background is not None:
        folders.append(config.out / "composite")
    refuse_collisions(images, folders)
    trimaps = {} if config.trimap is None else find_trimaps(images, config.trimap)
    photographs = Photographs(images)
    given = {path: _trimap(path, photographs.size(path), each) for path, each in trimaps.items()}
    predictor = _make_predictor(config)
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    resized = set()
    for path in tqdm(images, unit="image", disable=True if len(images) == 1 else None):
        resized.add(_one(config, predictor, path, photographs.read(path), given.pop(path, None)))
    for side in sorted(side for side in resized if side is not None):
        sys.stderr.write(f"predicted at {side} pixels of long side, then enlarged or reduced\n")
    note_files(left_out)


def _make_predictor(config: PredictConfig) -> Predictor:
    if config.method is None:
        if config.trimap is not None:
            raise ValueError(f"--trimap is {config.trimap}; expected none without --method")
        weights, device = config.weights or DEFAULT_WEIGHTS, config.device or "cpu"
        return checkpoint_predictor(weights, device, config.long_side, config.tile, config.refine)
    if config.tile is not None or config.long_side != "trained" or not config.refine:
        raise ValueError(
            "--tile, --long-side and --no-refine are of HAttMatting alone; leave out --method"
        )
    trimapped = config.trimap is not None
    return method_predictor(config.method, config.weights, config.device, trimapped)


def _trimap(path: Path, size: tuple[int, int], given: Path) -> ImageU8:
    """Read the trimap of a photograph, so that what is wrong shows before anything is written."""
    trimap = read_trimap(given)
    if trimap.shape != size:
        rows, columns = trimap.shape
        turned = turn_hint([given]).partition(":")[0]
        raise ValueError(
            f"{given}: is {rows}×{columns} pixels; expected {size[0]}×{size[1]}, as "
            f"{path} upright{turned}"
        )
    return trimap


def _one(
    config: PredictConfig,
    predictor: Predictor,
    path: Path,
    photograph: Photograph,
    trimap: ImageU8 | None,
) -> int | None:
    """Write what belongs to one picture; return the long side that it was resized to.

    The matte comes first: it is there while the colours are still being estimated.
    """
    image, name = photograph.pixels, f"{path.stem}.png"
    alpha, side = predictor(image, trimap)
    write_png(config.out / name, alpha_to_u8(alpha))
    _print(config.out / name)
    if config.alpha_only and config.background is None:
        return side
    foreground = estimate_foreground(image, alpha)
    pictures = {}
    if not config.alpha_only:
        pictures[config.out / "cutout" / name] = cut_out(foreground, alpha)
    if config.background is not None:
        composite = over_colour(foreground, alpha, config.background)
        pictures[config.out / "composite" / name] = composite
    for target, picture in pictures.items():
        write_png(target, picture, profile=photograph.profile)
        _print(target)
    return side


def _print(path: Path) -> None:
    """Print a written file's path, above the progress bar that there may be."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stdout):
        sys.stdout.write(f"{path}\n")


def _next_commands(config: PredictConfig) -> list[str]:
    """Return how the edges could get better, or where to look at the attention."""
    images = " ".join(shlex.quote(str(path)) for path in config.images)
    if config.method is not None:
        return []
    return [f"python -m benchmark.trimap {images} --method hatt --out trimaps"]


def parse_args(arguments: list[str] | None = None) -> PredictConfig:
    """Read the command line."""
    parser = make_parser("python -m hattmatting.predict", __doc__)
    parser.add_argument("images", type=Path, nargs="+", help="photographs, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="folder for the mattes")
    parser.add_argument(
        "--weights",
        help=f"checkpoint folder, shipped name, or OWNER/NAME of the Hub (default: "
        f"{DEFAULT_WEIGHTS}); with --method, the method's",
    )
    parser.add_argument("--method", help="any method of benchmark.run, instead of HAttMatting")
    parser.add_argument(
        "--trimap", type=Path, help="with --method: a trimap of 0, 128, 255, or a folder of them"
    )
    parser.add_argument("--device", help="cpu, cuda, cuda:1 (default: cpu)")
    parser.add_argument(
        "--long-side",
        default="trained",
        help="long side in pixels at which the network sees the image; full: nothing is resized; "
        "trained: the checkpoint's working sizes, if it has any, as the shipped ones have",
    )
    parser.add_argument(
        "--tile", type=int, help="predict in squares of this side in pixels, to save memory"
    )
    parser.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="take the border of an enlarged matte from the photograph",
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

    def command() -> None:
        config = parse_args(arguments)
        predict_files(config)
        tell_next(*_next_commands(config))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
