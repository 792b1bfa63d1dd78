"""One cell of `perf.baselines.growth`: one method on one picture, in this very process.

    python perf/baselines/growth_cell.py METHOD MEGAPIXELS BORDER LIMIT

prints JSON: processor seconds, peak memory, what was solved. It measures the packages that
``PYTHONPATH`` finds, so it imports nothing of ``perf``. With METHOD alone it prints the method's
hash.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOREGROUND, BACKGROUND = "animal_03.webp", "meadow.webp"  # of mini's: fur, and grass with sky
GRAIN = 1.5  # standard deviation of 8-bit greys, as of a photograph; enlarging leaves none
WARM = 0.05  # megapixels of the picture before the one that counts
REPEATS, ENOUGH = 5, 10.0  # most runs of a cell, and processor seconds after which none is added

ImageU8 = npt.NDArray[np.uint8]


def make_scene(megapixels: float, border: float) -> tuple[ImageU8, ImageU8]:
    """Return a furry animal over a meadow, uint8 H×W×3 at 4:3, and its trimap.

    Both pictures are enlarged and get grain. The trimap is unknown within `border` heights of mixed
    pixels, so its unknown share is the same at every size.
    """
    import cv2

    from distinctions646.mini.pathtraced import list_pathtraced, read_pathtraced
    from distinctions646.mini.photographs import read_photograph

    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    row = next(row for row in list_pathtraced() if row.name == FOREGROUND)
    rgba = read_pathtraced(row)
    size = (round(height * rgba.shape[1] / rgba.shape[0]), height)
    left = (width - size[0]) // 2
    layer = np.zeros((height, width, 4), np.float32)
    layer[:, left : left + size[0]] = cv2.resize(rgba, size, interpolation=cv2.INTER_CUBIC)
    background = read_photograph(BACKGROUND)
    rows = round(background.shape[1] * 3 / 4)
    behind = cv2.resize(background[:rows], (width, height), interpolation=cv2.INTER_CUBIC)
    alpha = layer[..., 3:] / np.float32(255)
    image = alpha * layer[..., :3] + (1 - alpha) * behind
    image += np.random.default_rng(0).normal(0, GRAIN, image.shape).astype(np.float32)
    mixed = ((alpha > 0) & (alpha < 1)).astype(np.uint8)
    side = 2 * round(border * height) + 1
    near = cv2.dilate(mixed, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    trimap = np.where(near > 0, 128, np.where(alpha[..., 0] == 1, 255, 0)).astype(np.uint8)
    return (image.clip(0, 255) + 0.5).astype(np.uint8), trimap


def measure(name: str, megapixels: float, border: float, limit: int) -> dict[str, Any]:
    """Return the least processor seconds of several runs, and the peak memory of the process."""
    from benchmark.methods.finding import call, load_method

    method = load_method(name)
    call(method, *make_scene(WARM, border))  # imports, compiles
    image, trimap = make_scene(megapixels, border)
    idle = resident_mb()
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    seconds: list[float] = []
    while len(seconds) < REPEATS and sum(seconds) < ENOUGH:
        started = time.process_time()
        notes = call(method, image, trimap)[1]
        seconds.append(time.process_time() - started)
    return {
        "cpu_seconds": round(min(seconds), 3),
        "runs": len(seconds),
        "idle_mb": round(idle),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "height": trimap.shape[0],
        "width": trimap.shape[1],
        "unknown": int((trimap == 128).sum()),
        "notes": {key: notes[key] for key in ("solver", "iterations", "converged") if key in notes},
    }


def resident_mb() -> float:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def hash_of(name: str) -> str:
    """Return the hash of a method's code."""
    from benchmark.methods.finding import find_factory, load_method, method_hash

    return method_hash(load_method(name), find_factory(name))


def main() -> int:
    """Measure, print."""
    name, *rest = sys.argv[1:]
    if rest:
        found = measure(name, float(rest[0]), float(rest[1]), int(rest[2]))
        sys.stdout.write(json.dumps(found))
    else:
        sys.stdout.write(hash_of(name))
    return 0


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
