"""A day on a GPU in pieces of minutes: tests, metrics, throughput, then two trainings.

    python -m perf.gpu_day --out runs/gpu --sources sources --encoder-lite efficientnet_lite0.whl \
        --encoder-paper resnext101_32x4d.safetensors
    python -m perf.gpu_day --out runs/gpu-toy --toy --device cpu

Runs piece after piece until --minutes have passed, keeps what each printed under --out, and ends
with status 3 while something is left: the same command goes on where it stopped, a training in the
middle. --toy does all of it with tiny networks and pictures, so that the way is known to be free
before a GPU is paid for. To add a piece: a row in `pieces`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.train_throughput import make_sources

UNFINISHED = 3
NO_TESTS = 5  # pytest's status where nothing was selected


@dataclass(frozen=True)
class Piece:
    """One step of the day.

    Attributes
    ----------
    name
        Of its log.
    command
        Arguments of this Python.
    resumes
        Whether it may be stopped at any moment and goes on when run again; another one is begun
        only with the whole time before it.
    """

    name: str
    command: tuple[str, ...]
    resumes: bool = False


def pieces(options: argparse.Namespace, sources: Path) -> list[Piece]:
    """Return the day's pieces in order."""
    device, out = options.device, options.out
    sizes = (
        ("--crop", "64", "--batch", "2", "--steps", "2", "--workers", "0") if options.toy else ()
    )
    presets = ("tiny", "lite") if options.toy else ("paper", "modern", "lite", "tiny")
    compiled = () if options.toy else ("--compiled",)
    throughput = ("-m", "perf.train_throughput", "--device", device, "--presets", *presets)
    pytest = ("-m", "pytest", "-q", "-n", "0")
    tests = (*pytest, "-m", "gpu", "-rs") + (("--collect-only",) if device == "cpu" else ())
    metrics = (*pytest, "tests/benchmark/metrics/test_batched.py")
    measured = (*throughput, *sizes, *compiled, "--out", str(out / "throughput.json"))
    paper = "tiny" if options.toy else "modern"
    return [
        Piece("tests", tests),
        Piece("metrics", metrics if device == "cpu" else (*metrics, "-m", "gpu or not slow")),
        Piece("throughput", measured),
        _training("train-lite", "lite", options.encoder_lite, options, sources),
        _training("train-paper", paper, options.encoder_paper, options, sources),
    ]


def _training(
    name: str, preset: str, encoder: str | None, options: argparse.Namespace, sources: Path
) -> Piece:
    command = [
        "-m",
        "hattmatting.train",
        "--preset",
        preset,
        "--sources",
        str(sources),
        "--device",
        options.device,
        "--out",
        str(options.out / name),
        "--checkpoint-every",
        "2" if options.toy else "100",
    ]
    if encoder:
        command += ["--backbone-weights", encoder]
    if options.toy:
        command += ["--steps", "4", "--batch", "2", "--crop", "64", "--workers", "0"]
        command += ["--shard", "4"] if preset == "lite" else []
    return Piece(name, tuple(command), resumes=True)


def run_day(options: argparse.Namespace) -> int:
    """Run what is left, as far as the time goes; return the exit status.

    Raises
    ------
    ValueError
        If there is nothing to train on, or a piece fails; the message names its log.
    """
    sources = _sources(options)
    options.out.mkdir(parents=True, exist_ok=True)
    record = options.out / "finished.json"
    finished = set(json.loads(record.read_text())) if record.exists() else set()
    end = time.monotonic() + 60 * options.minutes
    for number, piece in enumerate(pieces(options, sources)):
        if piece.name in finished:
            continue
        left = end - time.monotonic()
        if left < 5 or (number and not piece.resumes and left < 30 * options.minutes):
            return _left(piece)
        sys.stderr.write(f"{piece.name}: {left / 60:.1f} minutes left\n")
        if not _run(piece, options.out / f"{piece.name}.txt", left):
            return _left(piece)
        finished.add(piece.name)
        write_bytes(record, json.dumps(sorted(finished)).encode())
        sys.stdout.write(f"{piece.name}: done\n")
    return 0


def _left(piece: Piece) -> int:
    sys.stdout.write(f"{piece.name} is left; run the same command again\n")
    return UNFINISHED


def _run(piece: Piece, log: Path, seconds: float) -> bool:
    """Run a piece for so long; return whether it came to its end."""
    with log.open("ab") as file:
        try:
            status = subprocess.run(
                [sys.executable, *piece.command],
                stdout=file,
                stderr=file,
                timeout=seconds,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return False
    if status not in ({0, NO_TESTS} if piece.name == "tests" else {0}):
        raise ValueError(f"{piece.name} ended with status {status}; see {log}")
    return True


def _sources(options: argparse.Namespace) -> Path:
    if options.sources is not None:
        return Path(options.sources)
    if not options.toy:
        raise ValueError("--sources is missing; expected a folder, or --toy")
    folder: Path = options.out / "sources"
    if not folder.exists():
        folder.mkdir(parents=True)
        make_sources(folder, count=4, side=96)
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.gpu_day", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="logs, measurements, trainings")
    parser.add_argument("--sources", type=Path, help="foregrounds/ and backgrounds/ to train on")
    parser.add_argument("--encoder-lite", help="ImageNet weights of tf_efficientnet_lite0")
    parser.add_argument("--encoder-paper", help="ImageNet weights of resnext101_32x4d")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, cpu")
    parser.add_argument("--minutes", type=float, default=9.0, help="of one call")
    parser.add_argument("--toy", action="store_true", help="tiny sizes throughout")
    return run_command(lambda: run_day(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
