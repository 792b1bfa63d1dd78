"""Plant copies among foregrounds and see which of them the audit finds.

    python -m perf.audit --foregrounds FOLDER_OF_RGBA --out perf/audit.json

Every foreground gets one copy of each kind: a crop, the mirror image, other colours, another
encoding and size, a later frame. A pair is right when both are of the same foreground.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.audit.duplicates import clusters_of, find_pairs
from distinctions646.audit.features import extract_features
from distinctions646.images.folders import list_images
from distinctions646.images.reading import read_foreground_with_alpha
from distinctions646.process.commandline import HelpFormatter, run_command
from perf.machine import conditions

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Config:
    """Where the foregrounds are and where the result goes."""

    foregrounds: tuple[Path, ...]
    out: Path
    seed: int


def main() -> int:
    """Parse, measure, write."""
    return run_command(lambda: measure(parse_args()))


def parse_args() -> Config:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=__doc__, formatter_class=HelpFormatter
    )
    parser.add_argument(
        "--foregrounds", type=Path, nargs="+", required=True, help="folders of RGBA pictures"
    )
    parser.add_argument("--out", type=Path, default=Path("perf/audit.json"), help="JSON to write")
    parser.add_argument("--seed", type=int, default=7, help="of the copies")
    given = parser.parse_args()
    return Config(tuple(given.foregrounds), given.out, given.seed)


def measure(config: Config) -> int:
    """Plant, search, count."""
    paths = [path for folder in config.foregrounds for path in list_images(folder)]
    random = np.random.default_rng(config.seed)
    owners: list[int] = []
    kinds: list[str] = []
    features = []
    start = time.process_time()
    for owner, path in enumerate(paths):
        rgba = np.dstack(read_foreground_with_alpha(path))
        for kind, plant in {"original": _same, **PLANTS}.items():
            copy = plant(rgba, random)
            features.append(extract_features(copy[..., :3], copy[..., 3]))
            owners.append(owner)
            kinds.append(kind)
    described = time.process_time()
    pairs = find_pairs(features)
    searched = time.process_time()
    wrong = [pair for pair in pairs if owners[pair.first] != owners[pair.second]]
    clusters = clusters_of(len(features), pairs)
    recall = {
        kind: np.mean(
            [
                clusters[i] == clusters[owners.index(owners[i])]
                for i in range(len(kinds))
                if kinds[i] == kind
            ]
        ).round(4)
        for kind in PLANTS
    }
    missed = [
        f"{paths[owners[i]].name}: {kinds[i]}"
        for i in range(len(kinds))
        if clusters[i] != clusters[owners.index(owners[i])]
    ]
    report = {
        **conditions("audit", ("numpy", "opencv-python", "Pillow")),
        "foregrounds": len(paths),
        "copies": len(paths) * len(PLANTS),
        "pairs": len(pairs),
        "precision": round(1 - len(wrong) / max(len(pairs), 1), 4),
        "recall": recall,
        "distinct": len(set(clusters)),
        "wrong": [
            f"{paths[owners[pair.first]].name} ({kinds[pair.first]}) and "
            f"{paths[owners[pair.second]].name} ({kinds[pair.second]}) by {pair.by}: "
            f"{pair.inliers} inliers, mattes {pair.mattes:.2f}, brightness {pair.brightness:.2f}"
            for pair in wrong
        ],
        "missed": missed,
        "cpu_seconds_to_describe_one": round((described - start) / len(features), 3),
        "cpu_seconds_to_search": round(searched - described, 2),
    }
    config.out.write_text(json.dumps(report, indent=1) + "\n")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0


def _same(rgba: Pixels, random: np.random.Generator) -> Pixels:
    return rgba


def crop(rgba: Pixels, random: np.random.Generator) -> Pixels:
    """Cut a window of 60 to 85 % of the object's box in each direction."""
    rows, columns = (np.flatnonzero((rgba[..., 3] > 5).any(axis=axis)) for axis in (1, 0))
    cut = []
    for places in (rows, columns):
        low, length = int(places[0]), int(places[-1] - places[0] + 1)
        kept = max(round(length * random.uniform(0.6, 0.85)), 1)
        first = low + int(random.integers(length - kept + 1))
        cut.append(slice(first, first + kept))
    return np.ascontiguousarray(rgba[cut[0], cut[1]])


def mirror(rgba: Pixels, random: np.random.Generator) -> Pixels:
    """Mirror, and make it a tenth smaller."""
    flipped = np.ascontiguousarray(rgba[:, ::-1])
    return cv2.resize(flipped, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)


def recolour(rgba: Pixels, random: np.random.Generator) -> Pixels:
    """Turn the hue, change saturation and gamma."""
    hsv = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV).astype(np.float32)
    hsv[..., 0] = (hsv[..., 0] + random.uniform(30, 150)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * random.uniform(0.5, 1.5), 0, 255)
    hsv[..., 2] = 255 * (hsv[..., 2] / 255) ** random.uniform(0.7, 1.4)
    colour = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    return np.dstack([colour, rgba[..., 3]])


def encode_again(rgba: Pixels, random: np.random.Generator) -> Pixels:
    """Make it a third smaller, and store colour and matte as JPEG."""
    small = cv2.resize(rgba, None, fx=0.67, fy=0.67, interpolation=cv2.INTER_AREA)
    planes = []
    for plane, quality in ((small[..., :3], 60), (small[..., 3], 80)):
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(plane)).save(buffer, "JPEG", quality=quality)
        planes.append(np.asarray(Image.open(buffer)))
    return np.dstack(planes)


def next_frame(rgba: Pixels, random: np.random.Generator) -> Pixels:
    """Turn, scale and bend a little, as a moving thing some frames later; lighter or darker."""
    height, width = rgba.shape[:2]
    centre = (width / 2, height / 2)
    turn = cv2.getRotationMatrix2D(centre, random.uniform(-5, 5), random.uniform(0.95, 1.05))
    padded = cv2.copyMakeBorder(rgba, *[max(height, width) // 10] * 4, cv2.BORDER_CONSTANT)
    weight = padded[..., 3:].astype(np.float32) / 255
    premultiplied = np.dstack([padded[..., :3] * weight, padded[..., 3].astype(np.float32)])
    height, width = padded.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    for axis in range(2):
        bend = random.normal(size=(4, 4)).astype(np.float32) * 0.012 * max(height, width)
        grid[..., axis] += cv2.resize(bend, (width, height), interpolation=cv2.INTER_CUBIC)
    moved = cv2.remap(premultiplied, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR)
    moved = cv2.warpAffine(moved, turn, (width, height))
    alpha = np.clip(moved[..., 3:], 0, 255)
    gain = random.uniform(0.85, 1.15)
    colour = np.clip(moved[..., :3] / np.maximum(alpha / 255, 1 / 255) * gain, 0, 255)
    return np.dstack([colour, alpha]).astype(np.uint8)


PLANTS: dict[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "crop": crop,
    "mirrored": mirror,
    "recoloured": recolour,
    "encoded again": encode_again,
    "later frame": next_frame,
}

if __name__ == "__main__":
    sys.exit(main())
