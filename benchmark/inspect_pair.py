"""Show where a matte differs from the truth.

    python -m benchmark.inspect_pair --alpha matte.png --alpha-gt alpha.png --out view.png

Draws the matte, the truth, the signed error, the maps that Grad and Conn sum, and the worst tiles
enlarged, with the scores and their conditions above.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmark.metrics.pairs import Region
from benchmark.scoring.inspection import RANKS, draw, inspect
from benchmark.scoring.options import add_pair_arguments
from benchmark.scoring.pairs import pair_files
from benchmark.scoring.score_files import ScoreSettings, read_matte, read_pair
from distinctions646.images.headers import Exif
from distinctions646.images.mattes import MatteChannel
from distinctions646.images.reading import TrimapValues
from distinctions646.images.rules import ReadingRules
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes


@dataclass(frozen=True)
class InspectConfig:
    """Which files are compared, under which conditions, and where the picture goes."""

    alpha: Path
    alpha_gt: Path
    trimap: Path | None
    region: Region
    fill_known: bool
    exif: Exif
    matte_channel: MatteChannel | None
    trimap_values: TrimapValues
    rank_by: str
    tile: int
    out: Path


def parse_args(arguments: list[str] | None = None) -> InspectConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.inspect_pair", __doc__)
    add_pair_arguments(parser)
    parser.add_argument(
        "--rank-by", choices=RANKS, default="sad", help="metric whose worst tiles are enlarged"
    )
    parser.add_argument("--tile", type=int, default=128, help="side of a tile in pixels")
    parser.add_argument("--out", type=Path, default=Path("view.png"), help="picture to write")
    return InspectConfig(**vars(parser.parse_args(arguments)))


def run(config: InspectConfig) -> None:
    """Read a pair, draw it and write the picture.

    Raises
    ------
    ValueError
        If an option or a file is not what was expected.
    """
    if config.tile < 1:
        raise ValueError(f"--tile is {config.tile}; expected 1 or more")
    if config.out.suffix.lower() != ".png":
        raise ValueError(f"--out {config.out}: expected a name ending in .png")
    if config.alpha.is_dir():
        raise ValueError(f"--alpha {config.alpha}: is a folder; expected a file")
    inputs = [path.resolve() for path in (config.alpha, config.alpha_gt, config.trimap) if path]
    if config.out.resolve() in inputs:
        raise ValueError(f"--out {config.out}: is one of the pictures to inspect")
    (pair,) = pair_files(config.alpha, config.alpha_gt, config.trimap, exif=config.exif)
    settings = ScoreSettings(
        trimap_values=config.trimap_values,
        reading=ReadingRules(config.exif, config.matte_channel),
    )
    alpha_gt = read_matte(pair.alpha_gt, settings.reading)
    alpha, trimap = read_pair(pair, alpha_gt, settings)
    inspection = inspect(
        alpha,
        alpha_gt,
        trimap,
        region=config.region,
        fill_known=config.fill_known,
    )
    where = "unknown region" if config.region == "unknown" else "whole image"
    filled = ", known pixels set by the trimap" if config.fill_known else ""
    title = f"{pair.alpha.name} against {pair.alpha_gt.name}, {where}{filled}"
    figure = draw(inspection, title, rank_by=config.rank_by, tile=config.tile)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    write_bytes(config.out, picture.getvalue())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        run(config)
        sys.stdout.write(f"{config.out}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
