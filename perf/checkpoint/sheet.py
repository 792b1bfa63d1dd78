"""Draw photographs beside the mattes of a checkpoint, U2-Net-p and IS-Net, to look at.

    python -m perf.checkpoint.sheet PHOTOGRAPHS --weights hattmatting/checkpoints/hatt-lite \
        --u2netp u2netp.onnx --isnet isnet.onnx --out sheet.webp

PHOTOGRAPHS are files, or folders of them; `--own` adds those of mini that show an object. The sheet
shows the photographs themselves, so it may be passed on only as far as each of their licences goes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.inference.photographs import read_photograph
from hattmatting.inference.targets import expand
from perf.checkpoint.layout import lay_out
from perf.checkpoint.pictures import (
    ImageU8,
    credit,
    encode,
    load_methods,
    one_thread_of_torch,
    own_photographs,
    photograph_rows,
    photograph_titles,
)


@dataclass(frozen=True)
class Inputs:
    """What to show, by which methods, and where to write."""

    photographs: tuple[Path, ...]
    own: bool
    weights: Path
    u2netp: Path | None
    isnet: Path | None
    out: Path


def draw(inputs: Inputs) -> None:
    """Write the sheet."""
    named: list[tuple[str, ImageU8]] = []
    if inputs.photographs:
        files, _ = expand(inputs.photographs)
        named += [(path.name, read_photograph(path).pixels) for path in files]
    if inputs.own:
        named += [(credit(photograph), image) for photograph, image in own_photographs()]
    if not named:
        raise ValueError("no photographs; give files or folders, or --own")
    methods = load_methods(inputs.weights, inputs.u2netp, inputs.isnet)
    foot = ", ".join(method.card["weights"] for method in methods.values())
    with one_thread_of_torch():
        rows = photograph_rows(named, methods)
    write_bytes(inputs.out, encode(lay_out(photograph_titles(methods), rows, foot)))
    sys.stdout.write(f"{inputs.out}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.sheet", __doc__)
    add = parser.add_argument
    add("photographs", type=Path, nargs="*", help="photographs, or folders of them")
    add("--own", action="store_true", help="also those of mini that show an object")
    add("--weights", type=Path, required=True, help="folder of the checkpoint")
    add("--u2netp", type=Path, help="u2netp.onnx, to show its mattes beside")
    add("--isnet", type=Path, help="IS-Net for general use as ONNX, to show its mattes beside")
    add("--out", type=Path, required=True, help="WebP file to write")
    options = vars(parser.parse_args(arguments))
    options["photographs"] = tuple(options["photographs"])
    return run_command(lambda: draw(Inputs(**options)))


if __name__ == "__main__":
    sys.exit(main())
