"""One image's work: predict (or find the cached matte), score, give the rows."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark import predictions
from benchmark.folder_method import PREFIX, FolderMattes
from benchmark.methods import Method, call, load_method, method_hash
from benchmark.splits import check_pixels
from distinctions646.images import alpha_to_u8
from distinctions646.trimap import NotApplicable, check_trimap, trimap_as_alpha

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from benchmark.metrics.pairs import Region
    from benchmark.splits import Hashes
    from distinctions646.loading import Sample

METRICS = ("sad", "mse", "grad", "conn")


@dataclass(frozen=True)
class Task:
    """What is to be run on every image of a split; small enough to send to a process."""

    method: str
    weights: str | None
    device: str | None
    dataset: str
    dataset_root: str
    trimap_rule: str | None
    folder: Path


@lru_cache(maxsize=1)
def load(name: str, weights: str | None, device: str | None) -> tuple[Method | FolderMattes, str]:
    """Return a method and its hash, once a process."""
    if name.startswith(PREFIX):
        mattes = FolderMattes(name)
        return mattes, mattes.hash()
    method = load_method(name, weights, device)
    return method, method_hash(method)


def run_one(task: Task, sample: Sample, known: Hashes | None = None) -> list[dict[str, Any]]:
    """Predict and score one image; return its result rows.

    `known` are the recipe's hashes of its pixels, where the dataset was built.

    Raises
    ------
    ValueError
        If a file is bad, or holds other pixels than the dataset was built with.
    """
    method, identity = load(task.method, task.weights, task.device)
    image, alpha_gt, trimap = sample.image(), sample.alpha_u8(), sample.trimap()
    if known is not None:
        check_pixels(sample, image, alpha_gt, known)
    if trimap is not None:
        check_trimap(trimap, image.shape[:2])
    if isinstance(method, FolderMattes):
        matte = method.matte(sample.name, image.shape[:2])
        prediction = predictions.Prediction(matte, "ok", {}, 0.0)
    else:
        prediction = _predict(method, task.folder / f"{sample.name}.png", image, trimap)
    facts = {
        "dataset": task.dataset,
        "dataset_root": task.dataset_root,
        "method": method.name,
        "method_hash": identity,
        "image_id": sample.id,
        "foreground": sample.foreground,
        "trimap_rule": task.trimap_rule,
        "status": prediction.status,
        "notes": json.dumps(prediction.notes, sort_keys=True),
        "seconds": prediction.seconds,
    }
    return [facts | score for score in _scores(prediction.alpha_u8, alpha_gt, trimap)]


def _scores(
    alpha_u8: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
) -> list[dict[str, Any]]:
    from benchmark.metrics import evaluate

    rows = []
    regions: tuple[Region, ...] = ("whole",) if trimap is None else ("whole", "unknown")
    for region in regions:
        values = evaluate(alpha_u8, alpha_gt, trimap, region=region)
        rows += [
            {"metric": f"{name}/{region}/v1", "region": region, "value": values[name]}
            for name in METRICS
        ]
    return rows


def _predict(
    method: Method,
    path: Path,
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
) -> predictions.Prediction:
    key = predictions.input_hash(image, trimap if method.needs_trimap else None)
    cached = predictions.load(path, key)
    if cached is not None:
        return cached
    start = time.process_time()
    try:
        alpha, notes = call(method, image, trimap)
        status = "ok"
    except NotApplicable as reason:
        if trimap is None:
            raise ValueError(f"{method.name}: {reason}, and there is no trimap to score") from None
        alpha, notes, status = trimap_as_alpha(trimap), {"reason": str(reason)}, "n/a"
    seconds = round(time.process_time() - start, 4)
    prediction = predictions.Prediction(alpha_to_u8(alpha), status, notes, seconds)
    predictions.save(path, prediction, key)
    return prediction
