"""Time the first cut-out of a fresh process, and a warm matte, on a 12-megapixel photograph.

    python -m perf.checkpoint.cutout_times --u2netp u2netp.onnx --document docs/running.md

A cold run is `python -m hattmatting.predict` in a process of its own, with an empty folder for
compiled code. Processor seconds of all threads are counted, user and system. The photograph is one
of mini's, enlarged to 4000×3000 and stored as JPEG. Without --document the table is only printed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from distinctions646.mini.photographs import read_photograph
from distinctions646.process.commandline import make_parser, run_command
from perf.documents import fill
from perf.machine import conditions

PHOTOGRAPH, SIZE = "bee.webp", (4000, 3000)
MARKER = "cutout-times"
PACKAGES = ("torch", "timm", "numpy", "opencv-python-headless", "onnxruntime")
LIBRARIES = "import torch"


@dataclass(frozen=True)
class Inputs:
    """Which rival is timed, how often each, and where the table goes."""

    u2netp: Path | None
    repeats: int
    document: Path | None


def cold(command: Sequence[str]) -> float:
    """Return the processor seconds of a Python command in a process of its own."""
    with tempfile.TemporaryDirectory() as cache:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *command],
            check=True,
            capture_output=True,
            env={**os.environ, "NUMBA_CACHE_DIR": cache},
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def warm(run: Any, image: npt.NDArray[np.uint8], repeats: int) -> float:
    """Return the least processor seconds of a call, after one that does not count."""
    run(image)
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        run(image)
        seconds.append(time.process_time() - started)
    return min(seconds)


def measure(inputs: Inputs) -> dict[str, float]:
    """Return processor seconds by what was timed; the least of the repeats, which load spoils."""
    from benchmark.methods.finding import call, load_method
    from hattmatting.inference.cutout import cut_out, estimate_foreground
    from hattmatting.inference.predictors import DEFAULT_WEIGHTS, checkpoint_predictor

    image = np.array(Image.fromarray(read_photograph(PHOTOGRAPH)).resize(SIZE))
    matte = checkpoint_predictor(DEFAULT_WEIGHTS, "cpu", "trained", None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        Image.fromarray(image).save(path, quality=92)
        predict = ("-m", "hattmatting.predict", str(path), "--out", folder)
        runs = {
            "cold: importing torch alone": ("-c", LIBRARIES),
            "cold: matte of the photograph (`--alpha-only`)": (*predict, "--alpha-only"),
            "cold: matte and cut-out": predict,
        }
        seconds = {
            name: min(cold(command) for _ in range(inputs.repeats))
            for name, command in runs.items()
        }
    seconds["warm: matte"] = warm(lambda one: matte(one, None), image, inputs.repeats)
    alpha, _ = matte(image, None)
    seconds["warm: foreground colours and RGBA"] = warm(
        lambda one: cut_out(estimate_foreground(one, alpha), alpha), image, inputs.repeats
    )
    if inputs.u2netp is not None:
        rival = load_method("u2netp", str(inputs.u2netp))
        name = "warm: U2-Net-p's matte of the same photograph"
        seconds[name] = warm(lambda one: call(rival, one, None), image, inputs.repeats)
    return seconds


def to_markdown(seconds: Mapping[str, float], facts: Mapping[str, Any]) -> str:
    """Lay out processor seconds, their ratio to the warm matte's, and the conditions."""
    unit = seconds["warm: matte"]
    lines = ["| what | CPU seconds | ratio |", "|---|--:|--:|"]
    lines += [f"| {name} | {one:.2f} | {one / unit:.2f} |" for name, one in seconds.items()]
    packages = ", ".join(f"{name} {one}" for name, one in facts["packages"].items() if one)
    lines.append(
        f"\n{facts['processor']}, {facts['cores']} cores, load {facts['load']} (other work ran "
        f"beside), Python {facts['python']}, {packages}."
    )
    return "\n".join(lines) + "\n"


def report(inputs: Inputs) -> None:
    """Measure; print the table, and write it into the document where one is given."""
    table = to_markdown(measure(inputs), conditions("cutout", PACKAGES))
    sys.stdout.write(table)
    if inputs.document is not None:
        fill(inputs.document, {MARKER: table})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.cutout_times", __doc__)
    parser.add_argument("--u2netp", type=Path, help="u2netp.onnx, the rival in the same run")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; the least counts")
    parser.add_argument("--document", type=Path, help="Markdown file to write the table into")
    inputs = Inputs(**vars(parser.parse_args(arguments)))
    return run_command(lambda: report(inputs))


if __name__ == "__main__":
    sys.exit(main())
