r"""Time the metrics, side by side with a port from a checkout outside this repository.

    python -m perf.metrics --rival mmediting --checkout ~/src/mmediting --out timings.json

One thread, arrays in memory (reading files is timed by perf/metrics/score.py), warm kernels; median
and spread of the repeats in seconds of processor time. How a rival is called is in
perf/metrics/ports.toml.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmark.metrics import evaluate, evaluate_regions
from benchmark.metrics.kernels.choosing import CHOICE
from benchmark.metrics.registry import REGIONS
from perf.machine import ROOT, conditions
from perf.metrics.outside import restore_numpy_names
from perf.metrics.ports import HERE, Port

CASE = ROOT / "tests" / "golden" / "metrics" / "cases" / "o20_large"
SIZES = ((1080, 1920), (2048, 3072))
METRICS = ("sad", "mse", "grad", "conn")
Arrays = dict[str, np.ndarray]


def natural(height: int, width: int) -> Arrays:
    """Return the large golden case, enlarged where needed, its known pixels filled."""
    arrays = {}
    for name in ("alpha", "alpha_gt", "trimap"):
        with Image.open(CASE / f"{name}.webp") as picture:
            array = np.ascontiguousarray(np.asarray(picture)[..., 0])
        scale = max(height / array.shape[0], width / array.shape[1])
        if scale > 1:
            how = cv2.INTER_NEAREST if name == "trimap" else cv2.INTER_CUBIC
            array = cv2.resize(array, None, fx=scale, fy=scale, interpolation=how)
        arrays[name] = np.ascontiguousarray(array[:height, :width])
    alpha, trimap = arrays["alpha"], arrays["trimap"]
    alpha[trimap == 0], alpha[trimap == 255] = 0, 255
    return arrays


def noise(height: int, width: int) -> Arrays:
    """Return uniform noise, the worst case, with every pixel unknown."""
    rng = np.random.default_rng(0)
    alpha, alpha_gt = rng.integers(0, 256, (2, height, width), dtype=np.uint8)
    return {"alpha": alpha, "alpha_gt": alpha_gt, "trimap": np.full_like(alpha, 128)}


def timed(call: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Measure the processor time of a call after one warm-up.

    By the clock, a long call would also count what other programs take on a busy machine.
    """
    call()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return {
        "median": statistics.median(seconds),
        "best": min(seconds),
        "worst": max(seconds),
        "repeats": repeats,
    }


def measure(arrays: Arrays, region: str, rival: Port | None, repeats: int) -> dict[str, Any]:
    """Time each metric and all four together, ours and the rival's, on one input."""
    alpha, alpha_gt, trimap = (arrays[name] for name in ("alpha", "alpha_gt", "trimap"))
    if region == "whole":
        trimap = np.full_like(trimap, 128)
    own = (alpha, alpha_gt, trimap)

    def ours(metrics: tuple[str, ...]) -> Callable[[], Any]:
        return lambda: evaluate(*own, region=region, metrics=metrics)

    def theirs(metric: str) -> Callable[[], Any]:
        case = dict(zip(("alpha", "alpha_gt", "trimap"), own, strict=True))
        call = rival and rival.prepare(metric, "masked", case)
        if call is None:
            raise ValueError(f"the rival has no {metric}; expected one with all four metrics")
        return call

    found: dict[str, Any] = {"ours": {name: timed(ours((name,)), repeats) for name in METRICS}}
    found["ours"]["all"] = timed(ours(METRICS), repeats)
    found["regions"] = {
        "together": timed(lambda: evaluate_regions(alpha, alpha_gt, arrays["trimap"]), repeats),
        "one_by_one": timed(
            lambda: [evaluate(alpha, alpha_gt, arrays["trimap"], region=each) for each in REGIONS],
            repeats,
        ),
    }
    found["read_once"] = timed(lambda: [array.max() for array in own], repeats)
    if rival is not None:
        few = max(3, repeats // 4)
        found["rival"] = {name: timed(theirs(name), few) for name in METRICS}
        found["rival"]["all"] = {
            "median": sum(found["rival"][name]["median"] for name in METRICS),
            "best": sum(found["rival"][name]["best"] for name in METRICS),
        }
        found["times_faster"] = {
            name: found["rival"][name]["median"] / found["ours"][name]["median"]
            for name in (*METRICS, "all")
        }
    return found


def describe(inputs: dict[str, Any]) -> str:
    """Word the timings as a table."""
    lines = [f"{'input':<28}" + "".join(f"{name:>18}" for name in (*METRICS, "all"))]
    for name, found in inputs.items():
        cells = []
        for metric in (*METRICS, "all"):
            cell = f"{1000 * found['ours'][metric]['median']:.2f} ms"
            if "times_faster" in found:
                cell += f" ({found['times_faster'][metric]:.1f}x)"
            cells.append(f"{cell:>18}")
        lines.append(f"{name:<28}" + "".join(cells))
        regions = found["regions"]
        ratio = regions["one_by_one"]["median"] / regions["together"]["median"]
        lines.append(f"{'':<28}both regions together: {ratio:.2f} x one after the other")
    return "\n".join(lines)


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rival", help="port in perf/metrics/ports.toml")
    parser.add_argument("--checkout", type=Path, help="root of the rival's repository")
    parser.add_argument("--repeats", type=int, default=20, help="of ours; a quarter of the rival's")
    parser.add_argument("--out", type=Path, help="JSON file for the timings")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    CHOICE.compile()
    rival = None
    if given.rival:
        restore_numpy_names()
        facts = tomllib.loads((HERE / "ports.toml").read_text())[given.rival]
        rival = Port(given.rival, facts, given.checkout.resolve())
    inputs = {}
    for height, width in SIZES:
        for kind, region in (("natural", "unknown"), ("natural", "whole"), ("noise", "whole")):
            arrays = (natural if kind == "natural" else noise)(height, width)
            name = f"{height}x{width} {kind} {region}"
            inputs[name] = measure(arrays, region, rival, given.repeats)
    sys.stdout.write(describe(inputs) + "\n")
    if given.out:
        document = {
            **conditions("metrics", ("numpy", "numba", "opencv-python", "scipy")),
            "threads": 1,
            "clock": "processor time",
            "rival": given.rival,
            "inputs": inputs,
        }
        given.out.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
