"""Measure what one unit of each kind of work costs: processor time, bytes, memory.

    python -m perf.scale.costs --record perf/scale/costs.json

Units are a composite, a crop of one composed on reading, the matte of each registered method, a
scored pair and a leaderboard's page. Each kind runs in a process of its own on one thread. Bytes
are those of read and write calls (``/proc/self/io``), memory is the peak of the process with its
libraries. Methods get one picture of 0.3 megapixels, composites and pairs have 3 megapixels.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.build.sources import PER_FOREGROUND, build_config, make_sources
from perf.machine import ROOT, conditions

COSTS = Path(__file__).with_name("costs.json")
PACKAGES = ("numpy", "opencv-python", "scipy", "numba", "torch", "distributed")
FOREGROUNDS = 1
CROPS = 50
SIDE = (480, 640)  # of the picture that methods get
LIMIT = 300  # seconds for one method


def measure(units: int, work: Callable[[], Any]) -> dict[str, float]:
    """Return what one of some units costs, in this process."""
    before, start = _traffic(), time.process_time()
    work()
    seconds, after = time.process_time() - start, _traffic()
    return {
        "cpu_seconds": round(seconds / units, 4),
        "bytes_read": round((after[0] - before[0]) / units),
        "bytes_written": round((after[1] - before[1]) / units),
        "peak_mb": round(_peak_mb()),
    }


def _traffic() -> tuple[int, int]:
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counts["rchar"]), int(counts["wchar"])


def _peak_mb() -> float:
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak[1]) / 1024 if peak else float("nan")


def composite(folder: Path) -> dict[str, float]:
    """Cost of a composite, of those of one foreground."""
    import distinctions646.build.render  # noqa: F401 - what is done once is not a unit's
    from distinctions646.build.building import build

    config = replace(build_config(folder, "built", ("folder",)), workers=1)
    return measure(FOREGROUNDS * PER_FOREGROUND, lambda: build(config))


def crop(folder: Path) -> dict[str, float]:
    """Cost of a crop of 512 pixels, composed on reading."""
    from distinctions646.build.building import build
    from distinctions646.loading.opening import open_split
    from distinctions646.torch_data import CropDataset

    out = build(replace(build_config(folder, "virtual", ("virtual",)), workers=1)).folder
    crops = CropDataset(open_split(out, "test", backgrounds=folder / "bg"), 512, seed=0)
    crops[0]
    number = len(crops)
    return measure(CROPS, lambda: [crops[index % number] for index in range(CROPS)])


def pair(folder: Path) -> dict[str, float]:
    """Cost of scoring a pair of files: the four metrics over the whole image."""
    from benchmark import score_folder

    score_folder(folder / "alpha", folder / "alpha")
    return measure(FOREGROUNDS, lambda: score_folder(folder / "alpha", folder / "alpha"))


def page(folder: Path) -> dict[str, float]:
    """Cost of a page of the results in this repository."""
    from benchmark import leaderboard

    return measure(1, lambda: leaderboard(ROOT / "results", out=folder / "page", formats=["page"]))


def matte(name: str, folder: Path) -> dict[str, float]:
    """Cost of a method's matte, written as the runner keeps it; loading it is not part of it."""
    from benchmark.methods.description import describe_method
    from benchmark.methods.finding import load_method
    from benchmark.results.matte_store import MatteStore
    from benchmark.runner.image import _predict

    image, trimap = _picture()
    method, store = load_method(name), MatteStore(folder / "mattes")
    needed = describe_method(name, None, None).mattes_of
    mattes = {other: _predict(load_method(other), image, trimap, {}) for other in needed}
    small = (slice(0, 96), slice(0, 128))
    with_small = {key: replace(one, alpha_u8=one.alpha_u8[small]) for key, one in mattes.items()}
    _predict(method, image[small], trimap[small], with_small)  # compiles, allocates

    def work() -> None:
        store.keep("picture", _predict(method, image, trimap, mattes), "0")

    return measure(1, work)


def _picture() -> tuple[np.ndarray, np.ndarray]:
    """Return a disc with a soft edge over another texture, and its trimap."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[: SIDE[0], : SIDE[1]]
    alpha = np.clip((150 - np.hypot(y - SIDE[0] / 2, x - SIDE[1] / 2)) / 24 + 0.5, 0, 1)
    alpha[:40, :40] = 1  # a small window of it has every region too
    alpha[:40, 40:64] = 0.5
    noise = random.normal(0, 6, (*SIDE, 3))
    subject = np.array([190, 120, 80]) + 30 * np.sin(x / 17)[..., None] + noise
    behind = np.array([60, 90, 150]) + 30 * np.sin(y / 23)[..., None] + noise
    image = alpha[..., None] * subject + (1 - alpha[..., None]) * behind
    trimap = np.where(alpha == 1, 255, np.where(alpha == 0, 0, 128)).astype(np.uint8)
    return np.clip(image, 0, 255).astype(np.uint8), trimap


def _alone(how: str, function: Callable[[Path], dict[str, float]], folder: Path) -> dict[str, Any]:
    """Run in a process of its own; what fails is recorded with its reason."""
    with multiprocessing.get_context(how).Pool(1) as pool:
        try:
            return pool.apply_async(_told, (function, folder)).get(LIMIT)
        except multiprocessing.TimeoutError:
            return {"left_out": f"took more than {LIMIT} s"}


def _told(function: Callable[[Path], dict[str, float]], folder: Path) -> dict[str, Any]:
    try:
        return dict(function(folder))
    except (ValueError, OSError) as error:
        return {"left_out": str(error).splitlines()[0]}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.scale.costs", __doc__)
    parser.add_argument("--record", type=Path, default=COSTS, help="JSON to write")
    parser.add_argument("--method", nargs="+", default=(), help="only these (default: all)")
    given = parser.parse_args(arguments)
    return run_command(lambda: _measure_all(given))


def _measure_all(given: argparse.Namespace) -> None:
    from benchmark.methods.finding import registered

    names = given.method or sorted(registered())
    costs: dict[str, Any] = {"conditions": conditions("scale", PACKAGES)}
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        make_sources(Path(folder), FOREGROUNDS, seed=0)
        for kind in (composite, crop, pair, page):
            costs[kind.__name__] = _alone("spawn", kind, Path(folder))
            sys.stderr.write(f"{kind.__name__}: {costs[kind.__name__]}\n")
        import torch  # noqa: F401 - once, for the processes of all methods

        costs["mattes"] = {"megapixels": SIDE[0] * SIDE[1] / 1e6, "methods": {}}
        for name in names:
            row = _alone("fork", partial(matte, name), Path(folder))
            costs["mattes"]["methods"][name] = row
            sys.stderr.write(f"{name}: {costs['mattes']['methods'][name]}\n")
            write_bytes(given.record, (json.dumps(costs, indent=1) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
