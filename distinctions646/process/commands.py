"""The commands by name, and the command line that the user typed.

Every command is a module for ``python -m``; ``matting NAME`` starts the same module. To add one,
give it a line in `COMMANDS`: the console, the shell completion and the reference in the documents
take it from there. Help, errors and hints name commands as ``python -m MODULE``, which `as_typed`
turns into ``matting NAME`` where that was typed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

CONSOLE = "matting"


@dataclass(frozen=True)
class Command:
    """A command of the console.

    Attributes
    ----------
    module
        The module for ``python -m``; it has ``main(arguments) -> int``.
    purpose
        What it is for, in a few words.
    goal
        The heading that it stands under in the list of commands.
    """

    module: str
    purpose: str
    goal: str


_DATASETS, _NUMBERS = "build datasets", "measure methods and publish tables"
_CUTOUTS, _TRAINING = "cut out pictures", "train"
COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "run": Command("benchmark.run", "run methods on a dataset, and score them", _NUMBERS),
        "score": Command("benchmark.score", "score ready-made mattes; LaTeX table", _NUMBERS),
        "leaderboard": Command("benchmark.leaderboard", "rank, compare, publish", _NUMBERS),
        "inspect": Command("benchmark.inspect_pair", "see where a matte goes wrong", _NUMBERS),
        "sensitivity": Command("benchmark.sensitivity", "vary the trimaps of methods", _NUMBERS),
        "verify-results": Command("benchmark.verify", "check that results are whole", _NUMBERS),
        "figure": Command("benchmark.figure", "draw comparison grids", _NUMBERS),
        "build": Command("distinctions646.build", "build a dataset of composites", _DATASETS),
        "doctor": Command("distinctions646.doctor", "check your copy of a dataset", _DATASETS),
        "verify": Command("distinctions646.verify", "prove that a build is exact", _DATASETS),
        "audit": Command("distinctions646.audit", "find near-duplicates and leaks", _DATASETS),
        "publish": Command("distinctions646.publish", "card, Croissant file, Hub", _DATASETS),
        "cutout": Command("hattmatting.predict", "cut subjects out of photographs", _CUTOUTS),
        "trimap": Command("benchmark.trimap", "make trimaps of masks or photographs", _CUTOUTS),
        "demo": Command("benchmark.demo", "try methods in a browser", _CUTOUTS),
        "onnx": Command("baselines.onnx", "describe an ONNX network as a method", _CUTOUTS),
        "generate": Command("distinctions646.generate", "draw foregrounds to train on", _TRAINING),
        "train-method": Command("baselines.train", "train any method's network", _TRAINING),
        "train": Command("hattmatting.train", "train HAttMatting", _TRAINING),
        "ablate": Command("hattmatting.ablate", "train the paper's ablation", _TRAINING),
        "export": Command("hattmatting.export", "write a checkpoint as ONNX", _TRAINING),
        "attention": Command("hattmatting.inspect_attention", "see the attention", _TRAINING),
    }
)
_NAMES = {command.module: name for name, command in COMMANDS.items()}
_MODULE_FORM = re.compile(rf"python -m\s+({'|'.join(map(re.escape, _NAMES))})(?![\w.]*\w)")
_typed: ContextVar[str | None] = ContextVar("typed", default=None)


@contextmanager
def typed(name: str) -> Iterator[None]:
    """Name commands as ``matting NAME`` meanwhile, for the command `name` was typed so."""
    token = _typed.set(name)
    try:
        yield
    finally:
        _typed.reset(token)


def as_typed(text: str) -> str:
    """Return a text with its commands in the form that the user typed.

    Examples
    --------
    >>> as_typed("see python -m benchmark.run --list")
    'see python -m benchmark.run --list'
    >>> with typed("score"):
    ...     as_typed("see python -m benchmark.run --list")
    'see matting run --list'
    """
    if _typed.get() is None:
        return text
    return _MODULE_FORM.sub(lambda match: f"{CONSOLE} {_NAMES[match[1]]}", text)


def typed_command() -> str | None:
    """Return the command that this process was started as; None where Python code calls us.

    Returns
    -------
    str or None
        ``"matting run"``, ``"python -m benchmark.run"``.
    """
    name = _typed.get()
    if name is not None:
        return f"{CONSOLE} {name}"
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    module = spec.name.removesuffix(".__main__") if spec is not None else None
    return f"python -m {module}" if module in _NAMES else None
