"""Measure training: images a second, memory, and fraction of the device's peak, for each preset.

    python -m perf.train_throughput --presets paper modern tiny --out perf/train_throughput.json

On a GPU, by the clock at the presets' own sizes; on a CPU, in processor seconds of one thread,
where --crop and --batch make it bearable. The step is timed alone, the making of samples alone,
and both together; eager, and with --compiled also through torch.compile. Samples in the style
"paper" have two rows, composed by the loader and on the device: there "samples" is what the loader
does, decode and cut, and the step composes, too. The peak is a large matrix product in the same
precision, measured in the same process. Every case has a process of its own, so that its memory is
its own.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from distinctions646.images.png import write_png
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.samples.planes import Batch
from hattmatting.samples.samples import Batches, Samples, Sources
from hattmatting.training.feed import load, unpack
from hattmatting.training.loop import start
from hattmatting.training.state import TrainingState
from hattmatting.training.step import advance
from perf.machine import conditions, processor

HERE = Path(__file__).resolve().parent
PEAK_SIDE = {"cpu": 1536, "cuda": 8192}


def make_sources(folder: Path, count: int = 8, side: int = 1000) -> None:
    """Write discs with soft edges and noisy backgrounds, as large as a usual photograph."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side]
    for name in ("foregrounds", "backgrounds"):
        (folder / name).mkdir()
    for number in range(count):
        distance = np.hypot(y - side / 2, x - side / 2)
        alpha = np.clip((0.3 * side - distance) / 40 + 0.5, 0, 1)
        noise = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        rgba = np.dstack([noise, np.rint(255 * alpha).astype(np.uint8)])
        write_png(folder / "foregrounds" / f"{number}.png", rgba)
        write_png(folder / "backgrounds" / f"{number}.png", noise[::-1])


class Clock:
    """Seconds: by the clock on a GPU, after its work is done; of the processor on a CPU."""

    def __init__(self, device: torch.device) -> None:
        self.gpu = device.type == "cuda"

    def __call__(self) -> float:
        """Return now."""
        if self.gpu:
            torch.cuda.synchronize()
            return time.perf_counter()
        return time.process_time()

    def timed(self, call: Callable[[], Any], warm: int, repeats: int) -> list[float]:
        """Return the seconds of each repeat."""
        for _ in range(warm):
            call()
        seconds = []
        for _ in range(repeats):
            begin = self()
            call()
            seconds.append(self() - begin)
        return seconds


def peak(device: torch.device, precision: str, clock: Clock) -> float:
    """Return the floating-point operations a second of a large matrix product."""
    side = PEAK_SIDE[device.type]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    a, b = torch.randn(2, side, side, device=device, dtype=dtype)
    seconds = clock.timed(lambda: a @ b, warm=2, repeats=5)
    return 2 * side**3 / statistics.median(seconds)


def count_operations(state: TrainingState, batch: Batch) -> int:
    """Return the floating-point operations of one step, forward and backward, both networks."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        advance(state, batch)
    return int(counter.get_total_flops())


def measure(config: HAttRecipe, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one recipe in this process."""
    accelerator = start(options.device)
    device = accelerator.device
    clock = Clock(device)
    if device.type == "cpu":
        torch.set_num_threads(1)
    side = config.stages[-1][1]
    with tempfile.TemporaryDirectory() as name:
        folder = options.sources or Path(name)
        if options.sources is None:
            make_sources(folder)
        sources = Sources(folder)
        sources.decode_all()
        samples = Samples(sources, config.style, seed=0)
        steps = options.steps + 6
        batches = Batches(steps, config.batch, config.stages, 0.0, config.distractors, 0)
        # On a CPU in this very process, whose processor time is what is measured.
        workers = options.workers if device.type == "cuda" else 0

        def loader() -> Any:
            return iter(load(samples, batches, config.compose, workers, device))

        eager = dataclasses.replace(config, compile=False)
        state = TrainingState(eager, accelerator, steps, steps)
        batch = next(loader())
        operations = count_operations(state, unpack(batch, device))
        if config.compile:
            state.network = torch.compile(state.network)

        def step() -> None:
            advance(state, unpack(batch, device))

        alone = clock.timed(step, warm=2, repeats=options.steps)
        feed = loader()
        loading = clock.timed(lambda: next(feed), warm=1, repeats=options.steps)
        feed = loader()

        def both() -> None:
            advance(state, unpack(next(feed), device))

        together = clock.timed(both, warm=1, repeats=options.steps)
    memory = (
        torch.cuda.max_memory_allocated(device)
        if device.type == "cuda"
        else 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    )
    seconds = statistics.median(alone)
    most = peak(device, config.precision, clock)
    return {
        "crop": side,
        "batch": config.batch,
        "precision": config.precision,
        "compiled": config.compile,
        "compose": config.compose,
        "parameters": sum(p.numel() for p in state.model.parameters()),
        "images_per_second_step": config.batch / seconds,
        "images_per_second_samples": config.batch / statistics.median(loading),
        "images_per_second_together": config.batch / statistics.median(together),
        "step_seconds": {"median": seconds, "best": min(alone), "worst": max(alone)},
        "operations_per_step": operations,
        "operations_per_second": operations / seconds,
        "peak_operations_per_second": most,
        "fraction_of_peak": operations / seconds / most,
        "memory_bytes": memory,
    }


def metadata(device: str) -> dict[str, Any]:
    """Return what the timings were taken with."""
    gpu = device != "cpu" and torch.cuda.is_available()
    return {
        **conditions("train_throughput", ("torch", "timm", "accelerate")),
        "device": torch.cuda.get_device_name() if gpu else processor(),
        "clock": "by the clock" if gpu else "processor time, one thread",
    }


def describe(cases: dict[str, Any]) -> str:
    """Word the measurements as a table."""
    head = ("case", "crop", "batch", "step img/s", "samples img/s", "both img/s", "of peak", "GiB")
    lines = [("{:<26}" + "{:>14}" * 7).format(*head)]
    for name, case in cases.items():
        cells = [f"{case['crop']}", f"{case['batch']}"]
        cells += [
            f"{case[f'images_per_second_{part}']:.2f}" for part in ("step", "samples", "together")
        ]
        cells += [f"{100 * case['fraction_of_peak']:.0f} %", f"{case['memory_bytes'] / 2**30:.2f}"]
        lines.append(f"{name:<26}" + "".join(f"{cell:>14}" for cell in cells))
    return "\n".join(lines)


def run_case(name: str, compose: str, compiled: bool, arguments: list[str]) -> dict[str, Any]:
    """Measure one recipe in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "perf.train_throughput",
        *arguments,
        "--one",
        name,
        "--compose",
        compose,
    ]
    command += ["--compiled"] if compiled else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    case: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return case


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--presets", nargs="+", default=["paper", "modern", "tiny"])
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda")
    parser.add_argument("--crop", type=int, help="side of the samples, instead of the preset's")
    parser.add_argument("--batch", type=int, help="samples a step, instead of the preset's")
    parser.add_argument("--steps", type=int, default=10, help="timed steps")
    parser.add_argument("--workers", type=int, default=8, help="loader's processes, on a GPU")
    parser.add_argument("--sources", type=Path, help="to compose; discs on noise otherwise")
    parser.add_argument("--compiled", action="store_true", help="also torch.compile")
    parser.add_argument("--out", type=Path, help="JSON file for the measurements")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--compose", default="loader", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        base = PRESETS[options.one]
        stages = ((1.0, options.crop),) if options.crop else base.stages
        config = dataclasses.replace(
            base,
            compile=options.compiled,
            compose=options.compose,
            stages=stages,
            batch=options.batch or base.batch,
        )
        sys.stdout.write(json.dumps(measure(config, options)) + "\n")
        return 0
    shared = ["--device", options.device, "--steps", str(options.steps)]
    shared += ["--workers", str(options.workers)]
    for flag in ("crop", "batch", "sources"):
        if getattr(options, flag) is not None:
            shared += [f"--{flag}", str(getattr(options, flag))]
    cases = {}
    for name in options.presets:
        places = ("loader", "device") if PRESETS[name].style == "paper" else ("loader",)
        for compose, compiled in itertools.product(places, sorted({False, options.compiled})):
            label = f"{name}, {compose}" if len(places) > 1 else name
            label += ", compiled" if compiled else ""
            cases[label] = run_case(name, compose, compiled, shared)
    sys.stdout.write(describe(cases) + "\n")
    if options.out:
        document = {**metadata(options.device), "cases": cases}
        options.out.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
