"""Measure the baselines beside pymatting's on large pictures: CPU seconds and peak memory.

    python -m perf.baselines.speed --photographs ALPHAMATTING --out results/baselines-speed.json

ALPHAMATTING is the folder that perf/baselines/measure.py takes; its photographs are enlarged to
about three megapixels. Each method runs on one thread in a process of its own, after a warm-up on a
small picture, rivals right after one another. One that is not done after --limit CPU seconds is
stopped and counts as a lower bound. What the JSON holds is measured again only with --again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import HelpFormatter, run_command
from perf.baselines.measure import LIBRARIES, load, peak_mb
from perf.baselines.measure import Config as Pictures
from perf.machine import conditions


@dataclass(frozen=True)
class Case:
    """One enlarged photograph, and the methods that are measured on it."""

    image: str
    trimap: str
    scale: float
    methods: tuple[str, ...]


CASES = {
    "narrow": Case(
        "GT17",
        "Trimap1",
        2.5,
        (
            "closed-form",
            "closed-form-pymatting",
            "information-flow",
            "learning-based",
            "learning-based-pymatting",
            "knn",
            "knn-pymatting",
            "knn-hsv",
            "shared-realtime",
            "shared",
            "global-raw",
            "global-guided",
            "global",
            "sss",
        ),
    ),
    "wide": Case(
        "GT21",
        "Trimap2",
        2.4,
        ("closed-form", "closed-form-pymatting", "information-flow", "global-raw"),
    ),
}


@dataclass(frozen=True)
class Config:
    """What to measure, and where the files are."""

    photographs: Path
    cases: tuple[str, ...]
    methods: tuple[str, ...]
    limit: int
    again: bool
    one: bool
    out: Path


def main() -> int:
    """Parse, measure, write."""
    return run_command(lambda: measure(parse_args()))


def parse_args() -> Config:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=HelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="folder of photographs")
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--methods", nargs="*", default=[], help="names; none means all of a case")
    parser.add_argument("--limit", type=int, default=240, help="CPU seconds for one method")
    parser.add_argument("--again", action="store_true", help="measure again what the JSON holds")
    parser.add_argument("--one", action="store_true", help="(inside) measure in this very process")
    parser.add_argument("--out", type=Path, required=True, help="JSON to write or complete")
    given = parser.parse_args()
    return Config(
        given.photographs,
        tuple(given.cases),
        tuple(given.methods),
        given.limit,
        given.again,
        given.one,
        given.out,
    )


def measure(config: Config) -> int:
    """Run every method of every case in a fresh process; write after each."""
    if config.one:
        sys.stdout.write(json.dumps(run_here(config)))
        return 0
    rows: dict[str, dict[str, Any]] = {}
    if config.out.is_file():
        rows = json.loads(config.out.read_text(encoding="utf-8"))["rows"]
    config.out.parent.mkdir(parents=True, exist_ok=True)
    for case in config.cases:
        for method in config.methods or CASES[case].methods:
            name = f"{case}/{method}"
            if name in rows and not config.again:
                continue
            rows[name] = run_apart(config, case, method)
            sys.stderr.write(f"{name} {rows[name]}\n")
            text = json.dumps(
                {"about": conditions("baselines", LIBRARIES), "rows": rows, "ratios": ratios(rows)},
                indent=1,
            )
            config.out.write_text(text + "\n", encoding="utf-8")
    return 0


def run_apart(config: Config, case: str, method: str) -> dict[str, Any]:
    """Measure one method in a process of its own.

    Raises
    ------
    ValueError
        If the process fails for another reason than the limit.
    """
    command = [
        sys.executable,
        "-m",
        "perf.baselines.speed",
        "--one",
        "--cases",
        case,
        "--methods",
        method,
    ]
    command += ["--photographs", str(config.photographs), "--limit", str(config.limit)]
    load_before = os.getloadavg()[0]
    process = subprocess.Popen([*command, "--out", str(config.out)], stdout=subprocess.PIPE)
    assert process.stdout is not None  # for the type checker: PIPE was asked for
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    row: dict[str, Any] = {"load": round(load_before, 1), "finished": process.returncode == 0}
    if process.returncode == 0:
        return {**json.loads(text), **row}
    cpu = used.ru_utime + used.ru_stime
    if cpu < config.limit:
        raise ValueError(f"{case}/{method}: stopped with {process.returncode} after {cpu:.0f} s")
    return {"cpu_seconds": config.limit, "peak_mb": used.ru_maxrss / 1024, **row}


def run_here(config: Config) -> dict[str, Any]:
    """Warm one method up and measure it on one picture."""
    from benchmark.methods.finding import call, load_method

    case = CASES[config.cases[0]]
    pictures = Pictures(
        config.photographs, case.trimap, (), (case.image,), case.scale, False, config.out
    )
    method = load_method(config.methods[0])
    call(method, *load(case.image, pictures, 0.25)[:2])
    image, trimap, _ = load(case.image, pictures, case.scale)
    idle = peak_mb()
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + config.limit, int(used) + config.limit))
    _, notes = call(method, image, trimap)
    return {
        "cpu_seconds": round(time.process_time() - used, 2),
        "peak_mb": round(peak_mb() - idle, 1),
        "megapixels": round(trimap.size / 1e6, 3),
        "unknown": int((trimap == 128).sum()),
        "notes": {key: notes[key] for key in ("solver", "iterations", "converged") if key in notes},
    }


def ratios(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return time and memory of each rival over those of ours, case by case."""
    found = {}
    for name, rival in rows.items():
        ours = rows.get(name.removesuffix("-pymatting"))
        if ours is not None and ours is not rival:
            found[name] = {
                "times_faster": round(rival["cpu_seconds"] / ours["cpu_seconds"], 2),
                "memory_share": round(ours["peak_mb"] / rival["peak_mb"], 3),
            }
    for name, row in rows.items():
        case, method = name.split("/")
        base = rows.get(f"{case}/closed-form")
        if method == "information-flow" and base is not None:
            found[name] = {"over_closed_form": round(row["cpu_seconds"] / base["cpu_seconds"], 2)}
    return found


if __name__ == "__main__":
    raise SystemExit(main())
