"""The commands that are made to fail, on inputs of a few pixels."""

from __future__ import annotations

import csv
import importlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distinctions646.images.png import write_png

Snapshot = dict[str, bytes]


@dataclass(frozen=True)
class Command:
    """A command line, and what its folder must end as.

    Attributes
    ----------
    module
        Has `main`.
    arguments
        Of the inputs' folder and the working folder.
    before
        Command lines that prepare the working folder.
    compared
        Returns the comparable content of a file that holds times; None leaves it out.
    """

    module: str
    arguments: Callable[[Path, Path], list[str]]
    before: tuple[tuple[str, Callable[[Path, Path], list[str]]], ...] = ()
    compared: Callable[[Path], bytes | None] = Path.read_bytes

    def snapshot(self, folder: Path) -> Snapshot:
        """Return the content of every file below a folder, hidden ones too."""
        found: Snapshot = {}
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            content = self.compared(path) if path.is_file() else b"folder"
            if content is not None:
                found[name] = content
        return found


def main_of(module: str) -> Callable[[list[str]], int]:
    """Return a command's function."""
    names = {
        "distinctions646.build": "distinctions646.build.building",
        "distinctions646.verify": "distinctions646.verify.verifying",
    }
    main: Callable[[list[str]], int] = importlib.import_module(names.get(module, module)).main
    return main


def write_inputs(folder: Path) -> None:
    """Write sources of two foregrounds and three backgrounds, a plain dataset, and mattes."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:32, :40]
    for number in range(2):
        alpha = np.clip(9 + number - np.hypot(y - 16, x - 20), 0, 1)
        alpha_u8 = np.rint(255 * alpha).astype(np.uint8)
        colour = random.integers(0, 256, (32, 40, 3), np.uint8)
        noisy = np.clip(alpha_u8 + random.integers(-9, 9, alpha_u8.shape), 0, 255)
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128))
        for kind, pixels in (
            ("sources/foregrounds", np.dstack([colour, alpha_u8])),
            ("fg", colour),
            ("alpha", alpha_u8),
            ("mattes", noisy),
            ("plain/image", colour),
            ("plain/alpha", alpha_u8),
            ("plain/trimap", trimap),
        ):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            write_png(folder / kind / f"disc_{number}.png", pixels.astype(np.uint8))
    for number in range(3):
        pixels = random.integers(0, 256, (36, 44, 3), np.uint8)
        for kind in ("sources/backgrounds", "bg"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            write_png(folder / kind / f"noise_{number}.png", pixels)


def _build(split: str, *more: str) -> Callable[[Path, Path], list[str]]:
    def arguments(inputs: Path, work: Path) -> list[str]:
        flags = {
            "--dataset": "custom",
            "--split": split,
            "--foregrounds": inputs / "fg",
            "--alphas": inputs / "alpha",
            "--backgrounds": inputs / "bg",
            "--per-foreground": 1,
            "--trimap-rule": "radius-3/v1",
            "--workers": 1,
            "--out": work / "out",
        }
        return [str(word) for pair in flags.items() for word in pair] + list(more)

    return arguments


def _run(*more: str) -> Callable[[Path, Path], list[str]]:
    def arguments(inputs: Path, work: Path) -> list[str]:
        named = ["--dataset", str(inputs / "plain"), "--out", str(work / "runs")]
        return [*named, "--method", "distance", "constant", *more]

    return arguments


def _board(*more: str) -> Callable[[Path, Path], list[str]]:
    return lambda inputs, work: ["--results", str(work / "runs"), *more]


def _train(inputs: Path, work: Path) -> list[str]:
    flags = {
        "--sources": inputs / "sources",
        "--out": work / "out",
        "--preset": "tiny",
        "--model": "small",
        "--steps": 4,
        "--batch": 1,
        "--crop": 32,
        "--warmup": 1,
        "--checkpoint-every": 2,
        "--workers": 0,
        "--device": "cpu",
        "--validation": inputs / "plain",
    }
    return [str(word) for pair in flags.items() for word in pair]


def _without_times(path: Path) -> bytes | None:
    """Return a training's file without how long it took."""
    if path.name == "log.csv":
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        timed = ("images_per_second", "loading_share", "cpu_seconds")
        text = io.StringIO()
        text.writelines(f"{sorted(set(row.items()) - _timed(row, timed))}\n" for row in rows)
        return text.getvalue().encode()
    if path.name == "checkpoint.pt":
        import torch

        parts = torch.load(path, weights_only=True)
        del parts["seconds"]
        return repr(parts).encode()
    return path.read_bytes()


def _timed(row: dict[str, str], names: tuple[str, ...]) -> set[tuple[str, str]]:
    return {(name, row[name]) for name in names if name in row}


def _without_stamps(path: Path) -> bytes | None:
    """Return a build's file; stamps of sources hold the machine's times."""
    return None if path.name.startswith(".seen-") else path.read_bytes()


COMMANDS = {
    "build": Command(
        "distinctions646.build",
        _build("test", "--write", "folder", "parquet", "webdataset", "virtual"),
        compared=_without_stamps,
    ),
    "build of a second split": Command(
        "distinctions646.build",
        _build("train", "--write", "parquet"),
        before=(("distinctions646.build", _build("test", "--write", "parquet")),),
        compared=_without_stamps,
    ),
    "run": Command("benchmark.run", _run()),
    "run of more images": Command(
        "benchmark.run", _run(), before=(("benchmark.run", _run("--limit", "1")),)
    ),
    "score": Command(
        "benchmark.score",
        lambda inputs, work: [
            *("--alpha", str(inputs / "mattes"), "--alpha-gt", str(inputs / "alpha")),
            *("--out", str(work / "scores.csv"), "--workers", "1"),
        ],
    ),
    "leaderboard": Command(
        "benchmark.leaderboard",
        lambda inputs, work: [
            *_board("--out", str(work / "board"), "--keep", str(work / "kept"))(inputs, work),
            *("--dataset", str(inputs / "plain")),
        ],
        before=(("benchmark.run", _run()),),
    ),
    "generate": Command(
        "distinctions646.generate",
        lambda inputs, work: [
            *("--out", str(work / "out"), "--size", "32", "--foregrounds", "1"),
            *("--backgrounds", "1"),
        ],
    ),
    "train": Command("hattmatting.train", _train, compared=_without_times),
}


def prepare(command: Command, inputs: Path, template: Path) -> None:
    """Make the working folder as it is before the command."""
    template.mkdir(parents=True)
    for module, arguments in command.before:
        status = main_of(module)(arguments(inputs, template))
        if status:
            raise RuntimeError(f"{module} ended with {status}")


def fresh(template: Path, work: Path) -> None:
    """Put a copy of the prepared folder in the working folder's place."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(template, work)
