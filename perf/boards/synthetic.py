"""Results of made-up methods, in the layout that `benchmark.run` writes: numbers, no mattes.

Errors are log-normal: an image has its difficulty, a method its factor, and each pair its own part.
Foregrounds have 20 images each, as those of Composition-1k. Nothing here was measured.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmark.metrics.registry import region_of
from benchmark.results.finished_runs import RESULTS, RUN_CARD
from benchmark.results.result_table import write

METRICS = {
    "sad/whole/v1": 30.0,
    "mse/whole/v1": 0.02,
    "grad/whole/v1": 20.0,
    "conn/whole/v1": 28.0,
    "sad/unknown/v1": 25.0,
    "mse/unknown/v1": 0.05,
    "grad/unknown/v1": 18.0,
    "conn/unknown/v1": 24.0,
}
"""Middle of each metric's values."""
PER_FOREGROUND = 20
ROOT = "0" * 64  # of the pixels that these results have none of


def make_results(folder: Path, methods: int, images: int, seed: int = 646) -> Path:
    """Write the results of some methods on as many images.

    Parameters
    ----------
    folder
        Created; what `benchmark.leaderboard --results` takes.
    methods, images
        How many.
    seed
        Of the numbers.

    Returns
    -------
    Path
        The folder.
    """
    generator = np.random.default_rng(seed)
    names = np.array(
        [f"object{i // PER_FOREGROUND:03}_{i % PER_FOREGROUND}" for i in range(images)]
    )
    difficulty = generator.normal(0, 0.6, images)
    for number in range(methods):
        errors = difficulty + 0.015 * number + generator.normal(0, 0.25, images)
        name = f"made-up-{number:03}"
        run = folder / "made-up-test-000000" / f"{name}-{number:012x}"
        run.mkdir(parents=True)
        _write_table(run / RESULTS, name, f"{number:064x}", names, np.exp(errors))
        card = {
            "split": "test",
            "images_in_split": images,
            "needs_trimap": number % 2 == 0,
            "kind": "measured",
            "method_card": {"paper": f"Made-up et al. {1990 + number % 30}", "licence": "MIT"},
        }
        (run / RUN_CARD).write_text(json.dumps(card), encoding="utf-8")
    return folder


def _write_table(
    path: Path, method: str, digest: str, names: np.ndarray, errors: np.ndarray
) -> None:
    rows = [
        {
            "dataset": "made-up",
            "dataset_root": ROOT,
            "method": method,
            "method_hash": digest,
            "image_id": str(name),
            "foreground": str(name).rpartition("_")[0],
            "metric": metric,
            "region": region_of(metric),
            "trimap_rule": "dilate-25/v1",
            "value": middle * float(error),
            "status": "ok",
            "notes": "{}",
            "seconds": 0.5,
        }
        for metric, middle in METRICS.items()
        for name, error in zip(names, errors, strict=True)
    ]
    write(path, rows)
