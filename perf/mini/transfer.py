"""Does training on mini carry over to photographs? The same small network, on mini and on blobs.

    python -m perf.mini.transfer --real DIR --work DIR --out perf/mini/transfer.json

Both trainings have the same network, steps, samples a step, placements and backgrounds; only the
foregrounds differ: generated ones of mini's training split, or as many hard-edged patterned blobs.
Scored on composites of foregrounds that were cut out of photographs (tux) or made by a diffusion
model (ld), and apart from those on paintings (wes); renders made like mini's own are left out.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.metrics import evaluate
from distinctions646.compose.composite import composite, fit_background
from distinctions646.images.folders import list_images
from distinctions646.images.png import write_png
from distinctions646.images.reading import read_foreground_with_alpha, read_image
from distinctions646.mini.drawing.canvas import straight_rgba
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import blob, box
from distinctions646.mini.drawing.material import any_material
from distinctions646.mini.drawing.sketch import Framing, Sketch
from distinctions646.mini.pictures import picture_seed, reduce_rgba
from distinctions646.mini.sources import write_sources
from distinctions646.process.whole_files import write_bytes

FAMILIES = {"ld": "photo-like (ld)", "tux": "photographs (tux)", "wes": "paintings (wes)"}
SIDE = 320  # of a composite that is scored
BACKGROUNDS_EACH = 2
BATCH = 8

Pixels = NDArray[np.uint8]


def render_blob(size: int, seed: int) -> Pixels:
    """Render a patterned blob, or a few that overlap, with an edge of one pixel and no softer."""
    draws = Draws("hard blob", seed)
    sketch = Sketch(draws)
    for _ in range(draws.integer(1, 4)):
        place = draws.uniforms(-0.5, 0.5, 2)
        radii = draws.uniforms(0.25, 0.7, 2)
        outline = blob(place[0], place[1], radii[0], radii[1], draws, draws.uniform(0.05, 0.25))
        sketch.shape(outline, material=any_material(draws))
    if draws.chance(0.3):
        sketch.shape(box(-0.4, -0.4, 0.4, 0.4), material=any_material(draws))
    return straight_rgba(*sketch.paint(size, Framing(margin=draws.uniform(0, 0.1)), lens=0))


def make_sources(folder: Path, foregrounds: int, size: int) -> dict[str, Path]:
    """Write the foregrounds of both trainings over the same backgrounds."""
    generated = folder / "mini"
    sources = {name: folder / name for name in ("mini", "blobs")}
    if sources["blobs"].is_dir():
        return sources
    write_sources(generated, "train", size=size, seed=0, foregrounds=foregrounds, backgrounds=120)
    unfinished = folder / "blobs.unfinished"
    (unfinished / "foregrounds").mkdir(parents=True, exist_ok=True)
    for index in range(foregrounds):
        pixels = render_blob(size, picture_seed("train", 0, index))
        write_png(unfinished / "foregrounds" / f"blob_{index:04d}.png", pixels)
    shutil.copytree(generated / "backgrounds", unfinished / "backgrounds", dirs_exist_ok=True)
    unfinished.rename(sources["blobs"])
    return sources


def real_composites(real: Path) -> Iterator[tuple[str, Pixels, Pixels]]:
    """Give family, image and alpha of each real foreground over some real backgrounds."""
    backgrounds = [path for path in list_images(real / "bg")]
    paths = [path for path in list_images(real / "fg") if path.name.split("_")[0] in FAMILIES]
    for index, path in enumerate(paths):
        colour, alpha_u8 = read_foreground_with_alpha(path)
        pixels = reduce_rgba(np.dstack([colour, alpha_u8]), SIDE)
        height, width = pixels.shape[:2]
        for k in range(BACKGROUNDS_EACH):
            place = (index + k * (len(backgrounds) // BACKGROUNDS_EACH)) % len(backgrounds)
            background = read_image(backgrounds[place])
            scale = max(height / background.shape[0], width / background.shape[1])
            if scale < 1:
                sides = [round(side * scale + 0.5) for side in background.shape[1::-1]]
                background = np.asarray(
                    cv2.resize(background, sides, interpolation=cv2.INTER_AREA), np.uint8
                )
            fitted = fit_background(background, height, width)
            alpha_u8 = np.ascontiguousarray(pixels[..., 3])
            image = composite(np.ascontiguousarray(pixels[..., :3]), alpha_u8, fitted)
            yield path.name.split("_")[0], image, alpha_u8


def train_on(sources: Path, out: Path, steps: int, seed: int) -> tuple[Path, float]:
    """Train the tiny network; give the folder of its checkpoint and the CPU seconds it took."""
    import torch

    from hattmatting.recipes import PRESETS
    from hattmatting.training.loop import train
    from hattmatting.training.run import Run

    torch.set_num_threads(1)
    # The preset's warm-up and averaging are made for forty times as many steps.
    config = dataclasses.replace(
        PRESETS["tiny"], steps=steps, batch=BATCH, warmup=steps // 6, ema=0.99, seed=seed
    )
    start = time.process_time()
    model = train(config, Run(out=out, sources=sources, device="cpu", workers=0))
    return model, time.process_time() - start


def score(
    predict: Any, composites: list[tuple[str, Pixels, Pixels]]
) -> dict[str, dict[str, float]]:
    """Give mean SAD and MSE over the whole image, of each family and of the photographs."""
    found: dict[str, list[dict[str, float]]] = {}
    for family, image, alpha_u8 in composites:
        alpha = np.floor(255 * np.clip(predict(image), 0, 1) + 0.5).astype(np.uint8)
        numbers = evaluate(alpha, alpha_u8, region="whole")
        found.setdefault(FAMILIES[family], []).append(numbers)
        if family != "wes":
            found.setdefault("ld and tux", []).append(numbers)
    return {
        name: {
            "images": len(rows),
            **{metric: float(np.mean([row[metric] for row in rows])) for metric in ("sad", "mse")},
        }
        for name, rows in found.items()
    }


def measure(real: Path, work: Path, out: Path, steps: int, foregrounds: int, seeds: int) -> None:
    """Train twice for each seed, score, and write the table."""
    from hattmatting.method import Hatt

    composites = list(real_composites(real))
    mean = 0.35
    results: dict[str, Any] = {
        "zero": score(lambda image: np.zeros(image.shape[:2]), composites),
        f"constant {mean}": score(lambda image: np.full(image.shape[:2], mean), composites),
    }
    seconds = {}
    sources = make_sources(work, foregrounds, 192)
    for seed in range(seeds):
        for name, folder in sources.items():
            model, spent = train_on(folder, work / f"{name}-{steps}-{seed}", steps, seed)
            method = Hatt(str(model))
            label = f"trained on {name}" + (f", seed {seed}" if seeds > 1 else "")
            results[label] = score(lambda image, method=method: method(image)[0], composites)
            seconds[label] = round(spent)
            sys.stderr.write(f"{label}: {results[label]}\n")
    table = {
        "steps": steps,
        "batch": BATCH,
        "side": 128,
        "foregrounds": foregrounds,
        "cpu_seconds": seconds,
        "results": results,
    }
    write_bytes(out, (json.dumps(table, indent=1) + "\n").encode())
    write_table(out.with_suffix(".csv"), results)


def write_table(path: Path, results: dict[str, Any]) -> None:
    """Write the same numbers as a CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("training", "images of", "images", "sad", "mse"))
        for name, families in results.items():
            for family, row in families.items():
                sad, mse = f"{row['sad']:.2f}", f"{row['mse']:.4f}"
                table.writerow((name, family, row["images"], sad, mse))


def main() -> int:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--real", type=Path, required=True, help="folder with fg/ and bg/")
    parser.add_argument("--work", type=Path, required=True, help="sources and trainings, kept")
    parser.add_argument("--out", type=Path, required=True, help="JSON file; a CSV beside it")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--foregrounds", type=int, default=600)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    measure(given.real, given.work, given.out, given.steps, given.foregrounds, given.seeds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
