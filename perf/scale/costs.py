"""Measure what one unit of each kind of work costs: processor time, bytes, memory.

    python -m perf.scale.costs --record perf/scale/costs.json

Units are a composite, its joining into Parquet, a crop of one composed on reading, the matte of
each registered method, a scored pair and a leaderboard's page. Each kind runs in a process of its
own on one thread. Bytes are those of read and write calls (``/proc/self/io``), memory is the peak
of the process with its libraries. Composites and pairs have 3 megapixels. Methods get one picture
in two sizes, after a small one that makes their libraries compile; the less of two times counts,
and the two sizes say with which power of the pixels the time grows. Networks whose weights do not
ship have random ones, which take as long. What is recorded and has not changed (by the hash of a
method's code, or of the suite's) is not measured again, so the command can be broken off and gone
on with.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from benchmark.methods.finding import registered
from benchmark.methods.method_source import code_digest
from distinctions646.cluster.fitness import versions
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.build.sources import PER_FOREGROUND, build_config, make_sources
from perf.machine import ROOT, conditions

COSTS = Path(__file__).with_name("costs.json")
PACKAGES = ("numpy", "opencv-python", "scipy", "numba", "torch", "distributed")
FOREGROUNDS = 1
CROPS = 50
MATTE = "matte: "  # before the names of methods
SIDES = {"small": (480, 640), "large": (960, 1280)}  # of the picture that methods get
LIMIT = 300  # seconds for one method
REPEATS, SLOW = 2, 20.0  # of a matte, but one where it takes more processor seconds
SLOWEST = tuple(f"{MATTE}{name}" for name in ("knn-pymatting", "sss", "vitmatte", "vitmatte-raw"))
"""Units that are measured last."""
_NETWORK = "baselines.deep.methods."


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


def joined(folder: Path) -> dict[str, float]:
    """Cost of joining a composite into a Parquet file, of one of all of a foreground."""
    from distinctions646.build.building import build
    from distinctions646.forms.parquet import write_parquet
    from distinctions646.plan.recipe import read_recipe

    out = build(replace(build_config(folder, "to-join", ("folder",)), workers=1)).folder
    rows = read_recipe(out / "recipe" / "test.parquet")
    write_parquet(rows[:1], out / "test", folder / "first")
    return measure(len(rows), lambda: write_parquet(rows, out / "test", folder / "joined"))


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
    from benchmark.metrics.kernels.choosing import CHOICE

    CHOICE.compile()  # as a process does that has much to score
    score_folder(folder / "alpha", folder / "alpha")
    return measure(FOREGROUNDS, lambda: score_folder(folder / "alpha", folder / "alpha"))


def page(folder: Path) -> dict[str, float]:
    """Cost of a page of the results in this repository."""
    from benchmark import leaderboard

    return measure(1, lambda: leaderboard(ROOT / "results", out=folder / "page", formats=["page"]))


def matte(name: str, folder: Path) -> dict[str, Any]:
    """Cost of a method's matte, written as the runner keeps it; loading it is not part of it."""
    from benchmark.methods.finding import load_method
    from benchmark.results.matte_store import MatteStore
    from benchmark.runner.image import _predict

    method, random_weights = _load(name, folder)
    store = MatteStore(folder / "mattes")
    others = {other: load_method(other) for other in getattr(method, "mattes_of", ())}
    found: dict[str, Any] = {"random_weights": random_weights}
    for size, sides in {"warm-up": (96, 128), **SIDES}.items():  # the first compiles
        image, trimap = _picture(sides)
        mattes = {other: _predict(loaded, image, trimap, {}) for other, loaded in others.items()}

        def work(image: Any = image, trimap: Any = trimap, mattes: Any = mattes) -> None:
            store.keep("picture", _predict(method, image, trimap, mattes), "0")

        taken = [measure(1, work)]
        while len(taken) < REPEATS and taken[0]["cpu_seconds"] < SLOW:
            taken.append(measure(1, work))
        found[size] = min(taken, key=lambda each: each["cpu_seconds"])
    del found["warm-up"]
    return found


def _load(name: str, folder: Path) -> tuple[Any, bool]:
    """Return a method, and whether its weights are random: for a network whose own do not ship."""
    from benchmark.methods.finding import load_method, registered
    from hattmatting.model.ablations import ROWS

    try:
        return load_method(name), False
    except (ValueError, OSError):
        if name in ROWS:
            return load_method(name, str(_untrained(name, folder))), True
        if registered()[name].value.startswith(_NETWORK):
            from perf.baselines.networks import build_method

            return build_method(name, "paper"), True
        raise


def _untrained(name: str, folder: Path) -> Path:
    """Return a checkpoint of a row of the paper's ablation, of the default network's size."""
    from hattmatting.model.ablations import ROWS
    from hattmatting.model.network import HAttMatting
    from hattmatting.model.pretrained import find_checkpoint

    config = HAttMatting.from_pretrained(find_checkpoint("hatt-lite")).config
    HAttMatting(ROWS[name].apply(config)).save_pretrained(folder / name)
    return folder / name


def _picture(sides: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return a disc with a soft edge over another texture, and its trimap."""
    height, width = sides
    random, scale = np.random.default_rng(0), height / 480
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - height / 2, x - width / 2)
    alpha = np.clip((150 * scale - distance) / (24 * scale) + 0.5, 0, 1)
    noise = random.normal(0, 6, (height, width, 3))
    subject = np.array([190, 120, 80]) + 30 * np.sin(x / 17)[..., None] + noise
    behind = np.array([60, 90, 150]) + 30 * np.sin(y / 23)[..., None] + noise
    image = alpha[..., None] * subject + (1 - alpha[..., None]) * behind
    trimap = np.where(alpha == 1, 255, np.where(alpha == 0, 0, 128)).astype(np.uint8)
    return np.clip(image, 0, 255).astype(np.uint8), trimap


def _alone(function: Callable[[Path], dict[str, float]], folder: Path) -> dict[str, Any]:
    """Run in a process of its own; what fails is recorded with its reason."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
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
    parser.add_argument("--record", type=Path, default=COSTS, help="JSON to write and go on with")
    parser.add_argument("--method", nargs="+", default=(), help="only these (default: all)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no unit after")
    given = parser.parse_args(arguments)
    return run_command(lambda: _measure_all(given))


def _measure_all(given: argparse.Namespace) -> None:
    end = time.monotonic() + 60 * given.minutes
    before = json.loads(given.record.read_text()) if given.record.exists() else {}
    units = _units(given.method)
    names = set(_units(()))
    costs = {key: row for key, row in before.get("units", {}).items() if key in names}
    left = [key for key in units if costs.get(key, {}).get("hash") != units[key][0]]
    left.sort(key=lambda key: key in SLOWEST)
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        make_sources(Path(folder), FOREGROUNDS, seed=0)
        while left and time.monotonic() < end:
            key = left.pop(0)
            digest, work = units[key]
            row = {"hash": digest, "load": conditions("scale", ())["load"]}
            costs[key] = row | _alone(work, Path(folder))
            sys.stderr.write(f"{key}: {costs[key]}\n")
            record = {"conditions": conditions("scale", PACKAGES), "units": costs}
            write_bytes(
                given.record, (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
            )
    sys.stderr.write(f"{len(left)} units are left\n")


KINDS = (composite, joined, crop, pair, page)
Unit: TypeAlias = tuple[str, Callable[[Path], dict[str, Any]]]
"""A hash of what it depends on, and its work."""


def _units(methods: Sequence[str]) -> dict[str, Unit]:
    """Return every unit by its name: ``"composite"``, ``"matte: knn"`` and so on."""
    code = versions()["the suite's code"]
    units: dict[str, Unit] = {}
    if not methods:
        units |= {kind.__name__: (code, kind) for kind in KINDS}
    for name in methods or sorted(registered()):
        units[f"{MATTE}{name}"] = (_hash_of(name), partial(matte, name))
    return units


def _hash_of(name: str) -> str:
    """Return the hash of a method's code, and of how it is measured."""
    text = f"{code_digest(registered()[name].load())} {SIDES} {REPEATS}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
