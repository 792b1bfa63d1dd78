r"""Time `python -m benchmark.score` on a test set of the size of Composition-1k.

    python -m perf.metrics.score --images 1000 --workers 1

50 truths, 20 mattes each, a trimap a matte, 1080 x 1920 PNG files, reading included. The files are
links to a few distinct pictures, so that the set is quickly made; each is decoded every time.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from perf.machine import ROOT

CASE = ROOT / "tests" / "golden" / "metrics" / "cases" / "o20_large"
PER_TRUTH = 20


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


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make_set(folder, given.images)
        command = [sys.executable, "-m", "benchmark.score", "--region", "unknown"]
        for name in ("alpha", "alpha_gt", "trimap"):
            command += [f"--{name.replace('_', '-')}", str(folder / name)]
        command += ["--shared-alpha-gt", "--workers", str(given.workers)]
        start = time.perf_counter()
        subprocess.run(command, check=True)
        wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(
        f"{given.images} images: {used.ru_utime + used.ru_stime:.1f} s of processor time, "
        f"{wall:.1f} s by the clock, {given.workers} workers, load {os.getloadavg()[0]:.1f}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
