r"""Time `python -m benchmark.score` on a test set of the size of Composition-1k.

    python -m perf.metrics.score --images 1000 --workers 1
    python -m perf.metrics.score --rival CHECKOUT

50 truths, 20 mattes each, a trimap a matte, 1080 x 1920 PNG files, reading included. The files are
links to a few distinct pictures, so that the set is quickly made; each is decoded every time. With
--rival, a checkout of an earlier commit, both run in turn, compiled before, and the least processor
time of each goes to perf/points/2-scoring.json.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from perf.machine import ROOT
from perf.points.recording import row, run_in, write_point

CASE = ROOT / "tests" / "golden" / "metrics" / "cases" / "o20_large"
PER_TRUTH = 20
WARM = 50  # images, so many that all is compiled


def make_set(folder: Path, images: int) -> None:
    """Write the pictures and link them under the names of a test set."""
    for name in ("alpha", "alpha_gt", "trimap"):
        with Image.open(CASE / f"{name}.webp") as picture:
            Image.fromarray(np.asarray(picture)[..., 0]).save(folder / f"{name}.png")
        (folder / name).mkdir()
    for index in range(images):
        truth, k = divmod(index, PER_TRUTH)
        os.link(folder / "alpha.png", folder / "alpha" / f"truth{truth:02}_{k}.png")
        os.link(folder / "trimap.png", folder / "trimap" / f"truth{truth:02}_{k}.png")
        if k == 0:
            os.link(folder / "alpha_gt.png", folder / "alpha_gt" / f"truth{truth:02}.png")


def score(checkout: Path, images: int, workers: int) -> tuple[float, float, str]:
    """Score a set by the code of a checkout: processor seconds, seconds, and what it printed."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_set(folder, images)
        command = ["-m", "benchmark.score", "--region", "unknown", "--shared-alpha-gt"]
        for name in ("alpha", "alpha_gt", "trimap"):
            command += [f"--{name.replace('_', '-')}", name]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        printed = run_in(checkout, [*command, "--workers", str(workers)], folder)
        wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return processor, wall, printed


def compare(rival: Path, images: int, rounds: int) -> None:
    """Score by both checkouts in turn, and write the point."""
    checkouts = (rival.resolve(), ROOT)
    for checkout in checkouts:
        score(checkout, WARM, 1)
    times: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
    for _ in range(rounds):
        for checkout in checkouts:
            times[checkout].append(score(checkout, images, 1)[0])
    before, after = (round(min(times[checkout]), 1) for checkout in checkouts)
    command = "python -m perf.metrics.score --rival CHECKOUT"
    what = f"{images:,} pairs scored, 1080 × 1920, from start to end"
    rows = [row(what, "CPU s", (before, after), rival, command, target="1.5 ×")]
    write_point("2-scoring", 2, "decoding", rows)
    sys.stdout.write(f"{images} images: {before} s before, {after} s after\n")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rival", type=Path, help="checkout of an earlier commit")
    parser.add_argument("--rounds", type=int, default=2, help="of both, with --rival")
    given = parser.parse_args()
    if given.rival is not None:
        compare(given.rival, given.images, given.rounds)
        return 0
    processor, wall, printed = score(ROOT, given.images, given.workers)
    sys.stdout.write(
        f"{printed}{given.images} images: {processor:.1f} s of processor time, "
        f"{wall:.1f} s by the clock, {given.workers} workers, load {os.getloadavg()[0]:.1f}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
