"""Measure how fast composites are built, materialised and virtual, compared with other programs.

    python -m perf.build docs/virtual.md --rival CHECKOUT --earlier CHECKOUT

CPU seconds of one thread, 3-megapixel foregrounds over COCO-sized JPEGs, image PNG only, each
foreground decoded once for 8 composites. The rivals run in the same minutes: a plain OpenCV loop
with OpenCV's default PNG, and with --rival a checkout of github.com/yuhaoliu7456/
CVPR2020-HAttMatting (the Distinctions-646 generator; it writes four PNGs a composite, and is
counted as it is and, with its other three left out, for the same file). The gain of a second
process is in seconds of the clock, serial and with two in the same run: it says something of an
idle machine only, so the load is recorded with it. With --earlier, a checkout of an earlier commit
of this suite, its composites, builds and crops run in turn with these, for perf/points.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.build.building import build
from distinctions646.loading.opening import open_split
from distinctions646.process.commandline import HelpFormatter, run_command
from perf.build.ours import crop_virtual, materialise, render, whole_virtual
from perf.build.rivals import Earlier, Generator, crop_pngs, opencv_loop
from perf.build.sources import PER_FOREGROUND, SIZES, build_config, make_sources
from perf.build.timing import Measured, alone, summary
from perf.documents import fill
from perf.machine import conditions
from perf.points.recording import row, write_point

BEFORE = "earlier: "
EARLIER = {  # of what is timed, the function of `perf.build.ours` that does it
    "materialised": "materialise",
    "materialised, with alphas, trimaps, hashes and markers": "render",
    "virtual crops": "crop_virtual",
}
POINTS = {
    "materialised": ("a composite, image PNG alone", "50 ms"),
    "materialised, with alphas, trimaps, hashes and markers": ("a composite of a whole build", ""),
    "virtual crops": ("a crop of 512 pixels, composed on reading", "5 ms"),
}
LIBRARIES = ("numpy", "numba", "Pillow", "opencv-python", "isal", "torch")


@dataclass(frozen=True)
class Config:
    """What to measure, and where the result goes."""

    document: Path
    out: Path
    rival: Path | None
    earlier: Path | None
    foregrounds: int
    repeats: int
    seed: int


def main() -> int:
    """Parse, measure, write."""
    return run_command(lambda: measure(parse_args()))


def parse_args() -> Config:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=__doc__, formatter_class=HelpFormatter
    )
    parser.add_argument("document", type=Path, help="Markdown file to fill")
    parser.add_argument(
        "--out", type=Path, default=Path("perf/build/build.json"), help="JSON to write"
    )
    parser.add_argument("--rival", type=Path, help="checkout of the Distinctions-646 generator")
    parser.add_argument("--earlier", type=Path, help="checkout of an earlier commit of this suite")
    parser.add_argument("--foregrounds", type=int, default=4, help="of 3 megapixels each")
    parser.add_argument("--repeats", type=int, default=3, help="of everything")
    parser.add_argument("--seed", type=int, default=646, help="of the generated pictures")
    given = parser.parse_args()
    if given.rival is not None and not (given.rival / "utils" / "gen_dataset.py").is_file():
        raise ValueError(f"{given.rival}: has no utils/gen_dataset.py; expected a checkout")
    return Config(**vars(given))


def measure(config: Config) -> int:
    """Run everything in turn, and write the JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_sources(folder, config.foregrounds, config.seed)
        build(build_config(folder, "files", ("folder",)))
        build(build_config(folder, "virtual", ("virtual",)))
        runs: dict[str, Callable[[Path], Measured]] = {
            "materialised": materialise,
            "materialised, with alphas, trimaps, hashes and markers": render,
            "plain OpenCV loop": opencv_loop,
            "materialised PNGs decoded and cropped (OpenCV)": crop_pngs,
            "virtual crops": crop_virtual,
            "virtual whole images": whole_virtual,
        }
        if config.rival is not None:
            source = (config.rival / "utils" / "gen_dataset.py").read_text()
            runs["Distinctions-646 generator"] = Generator(source, all_files=True)
            runs["Distinctions-646 generator, merged PNG only"] = Generator(source, all_files=False)
        if config.earlier is not None:
            for name, function in EARLIER.items():
                runs[f"{BEFORE}{name}"] = Earlier(config.earlier.resolve(), function)
        rows = {name: [] for name in runs}
        for _ in range(config.repeats):  # in turn, so that all meet the same load
            for name, run in runs.items():
                is_apart = isinstance(run, Earlier)  # it starts a process of its own
                rows[name].append(run(folder) if is_apart else alone(run, folder))
        results = {name: summary(measured) for name, measured in rows.items()}
        report = {
            "about": _about(config),
            "results": results,
            "ratios": ratios(results),
            "two processes": two_processes(folder),
            "disk": disk(folder),
        }
    config.out.write_text(json.dumps(report, indent=1) + "\n")
    fill(config.document, {"building": table(report)})
    if config.earlier is not None:
        write_point("3-building", 3, "building, 3 MP", points(results, config.earlier))
    for name, rates in results.items():
        sys.stdout.write(f"{rates['per_cpu_second']:8.2f} /s {rates['peak_mb']:6.0f} MB  {name}\n")
    for part in ("ratios", "two processes", "disk"):
        sys.stdout.write(f"{part}: {json.dumps(report[part])}\n")
    return 0


def points(results: dict[str, dict[str, float]], earlier: Path) -> list[dict[str, Any]]:
    """Return what the earlier commit and this one took for one picture, in milliseconds."""
    command = "python -m perf.build docs/virtual.md --rival CHECKOUT --earlier CHECKOUT"
    rows = []
    for name, (what, target) in POINTS.items():
        rates = (results[f"{BEFORE}{name}"], results[name])
        before, after = (round(1000 / rate["per_cpu_second"], 2) for rate in rates)
        rows.append(row(what, "CPU ms", (before, after), earlier, command, target=target))
    return rows


def table(report: dict[str, Any]) -> str:
    """Return the table of the rates."""
    about = report["about"]
    lines = ["| | a CPU second | lowest to highest | peak, MB |", "|---|--:|--:|--:|"]
    for name, measured in report["results"].items():
        if not name.startswith(BEFORE):
            range_ = f"{measured['lowest']:g} to {measured['highest']:g}"
            rate, peak = measured["per_cpu_second"], measured["peak_mb"]
            lines.append(f"| {name} | {rate:g} | {range_} | {peak:.0f} |")
    lines += ["", "Times as fast:", ""]
    lines += [f"- {name}: {ratio:g}" for name, ratio in report["ratios"].items()]
    at = f"Commit `{(about['commit'] or '')[:7]}`, {about['date']}, {about['processor']}, load"
    return "\n".join([*lines, "", f"{at} {about['load']} on {about['cores']} cores.\n"])


def ratios(results: dict[str, dict[str, float]]) -> dict[str, float]:
    """Say how many times as fast this suite is as each rival."""
    pairs = {
        "materialised, to the plain OpenCV loop": ("materialised", "plain OpenCV loop"),
        "virtual crops, to materialised PNGs decoded": (
            "virtual crops",
            "materialised PNGs decoded and cropped (OpenCV)",
        ),
        **{
            f"materialised, to the {name}": ("materialised", name)
            for name in results
            if name.startswith("Distinctions-646")
        },
    }
    return {
        name: round(results[ours]["per_cpu_second"] / results[theirs]["per_cpu_second"], 2)
        for name, (ours, theirs) in pairs.items()
    }


def two_processes(folder: Path) -> dict[str, float]:
    """Render the same shards with one process and with two, by the clock."""
    from distinctions646.build.pairing import pair_sources
    from distinctions646.build.work import render_shards
    from distinctions646.plan.build_plan import resolve

    shards = pair_sources(resolve(build_config(folder, "unused", ("folder",)))).shards
    seconds = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory(dir=folder) as out:
            start = time.perf_counter()
            render_shards(shards, Path(out) / "pictures", Path(out) / "markers", workers=workers)
            seconds[workers] = time.perf_counter() - start
    return {
        "composites": sum(len(shard.rows) for shard in shards),
        "seconds of one": round(seconds[1], 1),
        "seconds of two": round(seconds[2], 1),
        "gain": round(seconds[1] / seconds[2], 2),
        "load": round(os.getloadavg()[0], 1),
    }


def disk(folder: Path) -> dict[str, float]:
    """Weigh the same composites in both forms, and a training split of Distinctions-646."""
    split = open_split(folder / "virtual", backgrounds=folder / "bg")
    pixels = {sample.foreground: math.prod(sample.size()) for sample in split.samples}
    weights = {
        form: sum(path.stat().st_size for path in (folder / place).rglob("*") if path.is_file())
        for form, place in (("virtual", "virtual"), ("images", "files/test/image"))
    }
    kept = weights["virtual"] / sum(pixels.values())
    written = weights["images"] / (sum(pixels.values()) * PER_FOREGROUND)
    size = math.prod(SIZES[0])
    return {
        "virtual, bytes a pixel of a foreground": round(kept, 2),
        "materialised images, bytes a pixel of a composite": round(written, 2),
        "596 foregrounds of 3 megapixels, virtual, GB": round(596 * size * kept / 1e9, 1),
        "their 59,600 composites, images alone, GB": round(59_600 * size * written / 1e9, 1),
    }


def _about(config: Config) -> dict[str, Any]:
    return {
        **conditions("build", LIBRARIES),
        "foregrounds": config.foregrounds,
        "per_foreground": PER_FOREGROUND,
        "repeats": config.repeats,
        "seed": config.seed,
    }


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # for the processes that measure, which start afresh
    sys.exit(main())
