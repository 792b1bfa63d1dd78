"""The command line of a training run, the same for every network, and the recipes it finds.

A package registers a mapping of recipes by preset as an entry point in the group
``matting.recipes``::

    my-method = "package.module:PRESETS"

One preset is called ``paper``; it is the default.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import types
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from distinctions646.process.commandline import make_parser, tell_next
from hattmatting.training.loop import train
from hattmatting.training.recipe import Recipe
from hattmatting.training.run import Run

R = TypeVar("R", bound=Recipe)

GROUP = "matting.recipes"
DEFAULT = "paper"


def registered() -> dict[str, EntryPoint]:
    """Return the registered methods by name, without importing any."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


def load_presets(method: str) -> Mapping[str, Recipe]:
    """Return a method's recipes by preset.

    Raises
    ------
    ValueError
        If the method has none.
    """
    known = registered()
    if method not in known:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(known)}")
    presets: Mapping[str, Recipe] = known[method].load()
    return presets


def make_training_parser(prog: str, doc: str | None, recipe: type[Recipe]) -> Any:
    """Return a parser with the options of a run, and one for every setting of a recipe.

    Parameters
    ----------
    prog, doc
        The command, and its module's docstring.
    recipe
        Whose settings can be replaced.
    """
    parser = make_parser(prog, doc)
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument("--sources", type=Path, help="folder with foregrounds/ and backgrounds/")
    data.add_argument("--dataset", type=Path, help="built dataset with a virtual split")
    parser.add_argument("--split", default=Run.split, help="split of the dataset")
    parser.add_argument(
        "--backgrounds",
        type=Path,
        help="folder of the dataset's backgrounds, where they are not inside it",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints, log and the result"
    )
    parser.add_argument(
        "--validation", type=Path, help="built dataset, or RGBA cut-outs, to score at checkpoints"
    )
    parser.add_argument(
        "--validation-backgrounds", type=Path, help="what the cut-outs of --validation lie over"
    )
    parser.add_argument(
        "--validation-split", default=Run.validation_split, help="split of it to score"
    )
    parser.add_argument("--validation-limit", type=int, help="score only so many pictures of it")
    parser.add_argument("--device", default=Run.device, help="auto, cpu, cuda, cuda:1")
    parser.add_argument(
        "--workers", type=int, default=Run.workers, help="processes that make samples"
    )
    parser.add_argument(
        "--checkpoint-every",
        type=int,
        default=Run.checkpoint_every,
        help="steps between checkpoints",
    )
    _add_settings(parser.add_argument_group("instead of the preset's"), recipe)
    return parser


def _add_settings(group: Any, recipe: type[Recipe]) -> None:
    hints = get_type_hints(recipe)
    missing = argparse.SUPPRESS
    for field in dataclasses.fields(recipe):
        flag, text = "--" + field.name.replace("_", "-"), field.metadata["text"]
        kind = _scalar(hints[field.name]) if field.metadata["is_option"] else None
        if kind is bool:
            action = argparse.BooleanOptionalAction
            group.add_argument(flag, action=action, default=missing, help=text)
        elif kind is not None:
            words = ", ".join(field.metadata["choices"])
            text = f"{text}: {words}" if words and words.split(", ")[0] + ":" not in text else text
            group.add_argument(flag, type=kind, default=missing, help=text.replace("%", "%%"))
    group.add_argument("--crop", type=int, default=missing, help="side of the samples in pixels")
    group.add_argument(
        "--loss",
        dest="extra_losses",
        type=_named_weight,
        action="append",
        default=missing,
        metavar="NAME=WEIGHT",
        help="another part of the loss, from the first step on; may be given several times",
    )


def _scalar(hint: Any) -> type | None:
    """Return the type of a setting with one word on the command line; None for any other."""
    if isinstance(hint, types.UnionType):
        hint = next(kind for kind in get_args(hint) if kind is not types.NoneType)
    return hint if hint in (str, int, float, bool) else None


def _named_weight(text: str) -> tuple[str, float]:
    name, equals, weight = text.partition("=")
    try:
        if equals:
            return name, float(weight)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r}; expected NAME=WEIGHT, such as l1=0.3")


def read_training(options: Mapping[str, Any], preset: R) -> tuple[R, Run]:
    """Return the recipe and the run that parsed options ask for.

    Parameters
    ----------
    options
        What :func:`make_training_parser`'s parser gave, without the command's own options.
    preset
        The recipe whose settings the options replace.
    """
    left = dict(options)
    if "crop" in left:
        left["stages"] = ((1.0, left.pop("crop")),)
    if "extra_losses" in left:
        left["extra_losses"] = tuple(left["extra_losses"])
    run = Run(**{field.name: left.pop(field.name) for field in dataclasses.fields(Run)})
    return dataclasses.replace(preset, **left), run


def train_and_report(recipe: Recipe, run: Run) -> None:
    """Train, then print where the checkpoints are and how to score them."""
    final = train(recipe, run)
    from accelerate import PartialState

    if not PartialState().is_main_process:
        return
    if (run.out / "best").is_dir():
        sys.stdout.write(f"best by validation: {run.out / 'best'}\n")
    sys.stdout.write(f"checkpoint: {final}\n")
    command = recipe.next_command(final)
    if command:
        tell_next(command)
