"""Measure the baselines on photographs with true mattes: error, CPU seconds, peak memory.

    python -m perf.baselines.measure --photographs ALPHAMATTING --out results/baselines.json

ALPHAMATTING is a folder with input_training_lowres, trimap_training_lowres/Trimap1 and
gt_training_lowres (the training images of alphamatting.com). Each method runs in a process of its
own on one thread. Methods that the JSON already holds are measured again only with --again.
perf/baselines/tables.py writes the documentation's tables from it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import HelpFormatter, run_command
from perf.machine import conditions

LIBRARIES = ("numpy", "scipy", "numba", "pymatting")


@dataclass(frozen=True)
class Config:
    """What to measure, and where the files are."""

    photographs: Path
    trimap: str
    methods: tuple[str, ...]
    images: tuple[str, ...]
    scale: float
    again: bool
    out: Path


@dataclass(frozen=True)
class Row:
    """One method on one image."""

    image: str
    megapixels: float
    unknown: int
    sad: float
    mse: float
    cpu_seconds: float
    peak_mb: float
    solver: str


def main() -> int:
    """Parse, measure, write."""
    return run_command(lambda: measure(parse_args()))


def parse_args() -> Config:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=HelpFormatter)
    parser.add_argument("--photographs", type=Path, required=True, help="folder of photographs")
    parser.add_argument("--trimap", default="Trimap1", help="which of the trimap folders")
    parser.add_argument("--methods", nargs="*", default=[], help="names; none means every one")
    parser.add_argument("--images", nargs="*", default=[], help="names; none means every one")
    parser.add_argument("--scale", type=float, default=1.0, help="enlarge (errors are then nan)")
    parser.add_argument("--again", action="store_true", help="measure again what the JSON holds")
    parser.add_argument("--out", type=Path, required=True, help="JSON to write or complete")
    given = parser.parse_args()
    images = given.images or sorted(
        path.stem for path in (given.photographs / "input_training_lowres").glob("*.png")
    )
    if not images:
        raise ValueError(f"{given.photographs}: no input_training_lowres/*.png")
    return Config(
        given.photographs,
        given.trimap,
        tuple(given.methods or baseline_names()),
        tuple(images),
        given.scale,
        given.again,
        given.out,
    )


def baseline_names() -> list[str]:
    """Return the registered classical methods; perf/baselines/networks.py has the learned ones."""
    from benchmark.methods.finding import registered

    return [
        name
        for name, entry in registered().items()
        if entry.value.startswith("baselines.") and not entry.value.startswith("baselines.deep.")
    ]


def measure(config: Config) -> int:
    """Run every method in a fresh process; write after each, so that a stop loses little."""
    rows: dict[str, list[dict[str, Any]]] = {}
    if config.out.is_file():
        rows = json.loads(config.out.read_text(encoding="utf-8"))["rows"]
    spawn = multiprocessing.get_context("spawn")
    config.out.parent.mkdir(parents=True, exist_ok=True)
    for name in config.methods:
        if name in rows and not config.again:
            continue
        with spawn.Pool(1) as pool:
            rows[name] = pool.apply(run_method, (name, config))
        write(rows, config)
    sys.stdout.write(table(rows))
    return 0


def run_method(name: str, config: Config) -> list[dict[str, Any]]:
    """Run one method on every image."""
    from benchmark.methods.finding import call, load_method
    from distinctions646.images.reading import alpha_to_u8

    method = load_method(name)
    first = load(config.images[0], config, 0.125)
    warm = call(method, first[0], first[1])[0]  # compiles, imports
    _errors(warm, alpha_to_u8(warm), first[1])
    idle = peak_mb()
    rows = []
    for stem in config.images:
        image, trimap, alpha_gt = load(stem, config, config.scale)
        start = time.process_time()
        alpha, notes = call(method, image, trimap)
        seconds = time.process_time() - start
        errors = _errors(alpha, alpha_gt, trimap)
        sizes = (image[..., 0].size / 1e6, int((trimap == 128).sum()))
        solver = str(notes.get("solver", ""))
        rows.append(asdict(Row(stem, *sizes, *errors, round(seconds, 3), peak_mb() - idle, solver)))
        sys.stderr.write(f"{name} {stem} SAD {errors[0]:.3f} {seconds:.2f} s\n")
    return rows


def load(stem: str, config: Config, scale: float) -> tuple[Any, Any, Any]:
    """Return image, trimap and true alpha (None where enlarged)."""
    from distinctions646.images.opencv import load_cv2
    from distinctions646.images.reading import read_alpha, read_image, read_trimap

    cv2 = load_cv2()
    image = read_image(config.photographs / "input_training_lowres" / f"{stem}.png")
    trimap = read_trimap(
        config.photographs / "trimap_training_lowres" / config.trimap / f"{stem}.png"
    )
    if scale == 1:
        return (
            image,
            trimap,
            read_alpha(config.photographs / "gt_training_lowres" / f"{stem}.png"),
        )
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    enlarged = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    return enlarged, cv2.resize(trimap, size, interpolation=cv2.INTER_NEAREST), None


def _errors(alpha: Any, alpha_gt: Any, trimap: Any) -> tuple[float, float]:
    from benchmark.metrics import mse, sad
    from distinctions646.images.reading import alpha_to_u8

    if alpha_gt is None:
        return float("nan"), float("nan")
    alpha_u8 = alpha_to_u8(alpha)
    return (
        round(sad(alpha_u8, alpha_gt, trimap, region="unknown"), 4),
        round(mse(alpha_u8, alpha_gt, trimap, region="unknown"), 6),
    )


def peak_mb() -> float:
    """Return the highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write(rows: dict[str, list[dict[str, Any]]], config: Config) -> None:
    """Write the JSON."""
    options = f"--trimap {config.trimap} --scale {config.scale:g}"
    facts = {
        "command": f"python -m perf.baselines.measure {options}",
        **conditions("baselines", LIBRARIES),
    }
    text = json.dumps({"about": facts, "rows": rows}, indent=1)
    config.out.write_text(text + "\n", encoding="utf-8")


def table(rows: dict[str, list[dict[str, Any]]]) -> str:
    """Return the Markdown table: a method a row, means first, then SAD of every image."""
    stems = [row["image"] for row in next(iter(rows.values()))]
    head = ["method", "SAD", "MSE ×1000", "CPU s", "peak MB", "GB/MP", *stems]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, measured in rows.items():
        mean = {
            key: sum(row[key] for row in measured) / len(measured)
            for key in ("sad", "mse", "cpu_seconds")
        }
        peak = max(row["peak_mb"] for row in measured)
        largest = max(row["megapixels"] for row in measured)
        cells = [
            name,
            f"{mean['sad']:.3f}",
            f"{1000 * mean['mse']:.2f}",
            f"{mean['cpu_seconds']:.2f}",
            f"{peak:.0f}",
            f"{peak / 1024 / largest:.2f}",
            *(f"{row['sad']:.2f}" for row in measured),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
