"""Score the border's refinement on photographic cut-outs at their full size.

    python -m perf.checkpoint.border --cutouts CUTOUTS --backgrounds PHOTOGRAPHS \
        --document docs/training.md

lays RGBA cut-outs over photographs, and scores the default checkpoint's mattes as they are enlarged
and as `hattmatting.inference.refining` makes them, where the cut-out is larger than the network's
working size.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmark.metrics import evaluate
from distinctions646.compose.composite import composite, fit_background
from distinctions646.images.reading import alpha_to_u8, read_foreground_with_alpha, read_image
from distinctions646.process.commandline import make_parser, run_command
from hattmatting.inference.predicting import predict, working_side
from hattmatting.inference.predictors import DEFAULT_WEIGHTS, load_checkpoint
from hattmatting.inference.refining import refine_border
from hattmatting.samples.cutouts import cutout_samples
from perf.documents import fill

ImageU8 = npt.NDArray[np.uint8]
MARKER = "border"
METRICS = ("sad", "mse", "grad")


@dataclass(frozen=True)
class Inputs:
    """Which pictures, and where the table goes."""

    cutouts: Path
    backgrounds: Path
    document: Path | None


def composites(inputs: Inputs) -> Iterator[tuple[ImageU8, ImageU8]]:
    """Yield image and true alpha of each cut-out at its own size."""
    for sample in cutout_samples(inputs.cutouts, inputs.backgrounds):
        colour, alpha_u8 = read_foreground_with_alpha(sample.foreground)
        background = fit_background(read_image(sample.background), *alpha_u8.shape)
        yield composite(colour, alpha_u8, background), alpha_u8


def measure(inputs: Inputs) -> str:
    """Return the table: a row with and without refinement.

    Raises
    ------
    ValueError
        If no cut-out is larger than the working size.
    """
    model = load_checkpoint(DEFAULT_WEIGHTS, "cpu")
    errors: dict[str, list[list[float]]] = {"enlarged": [], "refined": []}
    seconds = {"matte": 0.0, "refinement": 0.0}
    for image, alpha_u8 in composites(inputs):
        side = working_side(model, (image.shape[0], image.shape[1]), "trained")
        if side is None or side > max(alpha_u8.shape):
            continue
        started = time.process_time()
        mattes = {"enlarged": predict(model, image)}
        between = time.process_time()
        mattes["refined"] = refine_border(image, mattes["enlarged"], side)
        seconds["matte"] += between - started
        seconds["refinement"] += time.process_time() - between
        for name, alpha in mattes.items():
            scores = evaluate(alpha_to_u8(alpha), alpha_u8, metrics=METRICS)
            errors[name].append([scores[metric] for metric in METRICS])
    if not errors["refined"]:
        raise ValueError(f"{inputs.cutouts}: no cut-out is larger than the working size")
    return to_markdown(errors, seconds["refinement"] / seconds["matte"])


def to_markdown(errors: dict[str, list[list[float]]], share: float) -> str:
    """Lay out mean errors, and what the refinement costs beside the matte."""
    lines = ["| border | SAD | MSE | Grad |", "|---|--:|--:|--:|"]
    for name, rows in errors.items():
        sad, mse, grad = np.mean(rows, axis=0)
        lines.append(f"| {name} | {sad:.2f} | {mse:.4f} | {grad:.2f} |")
    count = len(errors["refined"])
    lines.append(
        f"\n{count} cut-outs at full size, whole image; refining took {share:.0%} of the processor "
        "time of the matte."
    )
    return "\n".join(lines) + "\n"


def report(inputs: Inputs) -> None:
    """Measure; print the table, and write it into the document where one is given."""
    table = measure(inputs)
    sys.stdout.write(table)
    if inputs.document is not None:
        fill(inputs.document, {MARKER: table})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.border", __doc__)
    parser.add_argument("--cutouts", type=Path, required=True, help="folder of RGBA cut-outs")
    parser.add_argument("--backgrounds", type=Path, required=True, help="what they lie over")
    parser.add_argument("--document", type=Path, help="Markdown file to write the table into")
    inputs = Inputs(**vars(parser.parse_args(arguments)))
    return run_command(lambda: report(inputs))


if __name__ == "__main__":
    sys.exit(main())
