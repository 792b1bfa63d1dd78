"""The work on one image: predict its matte or find it in the store, and score it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.methods.description import MethodDescription, fault_of, load
from benchmark.methods.finding import Method, call, load_method
from benchmark.methods.memory import NeedsMemory
from benchmark.methods.two_stage import TrimapNotApplicable
from benchmark.metrics.registry import BY_NAME, STANDARD, metric_id
from benchmark.results.matte_store import LACKED, MatteStore, Prediction, input_key, read_matte
from benchmark.results.split_identity import Hashes, check_pixels, slug
from benchmark.results.trimaps import Trimaps
from distinctions646.checks.notes import note
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.mattes import pair_notes, trimap_notes
from distinctions646.images.reading import alpha_to_u8
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.trimap.values import NotApplicable, trimap_as_alpha

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmark.metrics.pairs import Region
    from distinctions646.forms.samples import Sample

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """What is done with every image of a job; small enough to send to a process.

    Attributes
    ----------
    method
        The method to run.
    trimaps
        The method gets each image once with each of these.
    store
        Where its mattes are kept.
    device
        Passed to the method; None leaves the choice to it.
    metrics
        Names, such as ``"sad"``.
    reference
        Trimaps whose unknown region is scored, whatever the method was given; None scores that of
        the trimap it was given.
    reading
        How ready-made mattes are read where there is a choice.
    """

    method: MethodDescription
    trimaps: tuple[Trimaps, ...]
    store: MatteStore
    device: str | None = None
    metrics: tuple[str, ...] = STANDARD
    reference: Trimaps | None = None
    reading: ReadingRules = AS_STORED


@dataclass(frozen=True)
class Item:
    """One image: its sample, the recipe's hashes if it was built, and its ready-made matte."""

    sample: Sample
    known: Hashes | None = None
    matte: Path | None = None


def wanted_metrics(task: Task) -> set[tuple[str | None, str]]:
    """Return the trimap rule and metric id of every row that an image is to have."""
    return {
        (trimaps.rule, _id(name, region))
        for trimaps in task.trimaps
        for region in _regions(task, trimaps)
        for name in task.metrics
    }


@dataclass(frozen=True)
class Pixels:
    """The decoded pictures of an item: image H×W×3 and true alpha H×W, both uint8."""

    image: npt.NDArray[np.uint8]
    alpha_gt: npt.NDArray[np.uint8]


def read_pixels(item: Item) -> Pixels:
    """Decode an item's pictures."""
    return Pixels(item.sample.image(), item.sample.alpha_u8())


def score_image(task: Task, item: Item, pixels: Pixels | None = None) -> list[Row]:
    """Predict and score one image.

    Parameters
    ----------
    task, item
        What is done, with which image.
    pixels
        Its pictures, where they were decoded ahead.

    Returns
    -------
    list of dict
        One per trimap, region and metric: the columns of a result but for those of the dataset and
        the method, which are the same for all images.

    Raises
    ------
    ValueError
        If a file is bad, or holds other pixels than the dataset was built with, or the method
        refuses the image.
    """
    sample = item.sample
    pixels = pixels or read_pixels(item)
    image, alpha_gt = pixels.image, pixels.alpha_gt
    hashes = sample.sha256  # of pictures that are still in memory
    image_sha256 = hashes.get("image") or pixel_sha256(image)
    if item.known is not None:
        alpha_sha256 = hashes.get("alpha") or pixel_sha256(alpha_gt)
        check_pixels(sample.name, (image_sha256, alpha_sha256, None), item.known)
    reference = task.reference.of(sample, alpha_gt) if task.reference else None
    scores: dict[str, list[Row]] = {}  # equal trimaps give equal mattes, scored once
    rows = []
    for trimaps in task.trimaps:
        trimap = trimaps.of(sample, alpha_gt)
        trimap_sha256 = None
        if trimap is not None and (trimaps.own or task.method.needs_trimap):
            trimap_sha256 = (trimaps.own and hashes.get("trimap")) or pixel_sha256(trimap)
        if item.known is not None and trimaps.own:
            check_pixels(sample.name, (None, None, trimap_sha256), item.known)
        given = trimap_sha256 if task.method.needs_trimap else None
        key = input_key(image_sha256, image.shape, given)
        prediction = _matte(task, item, image, reference if trimap is None else trimap, key)
        _note_misfits(item, prediction, alpha_gt, trimap if trimaps.own else None)
        if key not in scores or task.reference is None:
            scored = trimap if task.reference is None else reference
            scores[key] = _scores(task, trimaps, prediction.alpha_u8, alpha_gt, scored)
        columns = {
            "image_id": sample.id,
            "foreground": sample.foreground,
            "trimap_rule": trimaps.rule,
            "status": prediction.status,
            "notes": json.dumps(prediction.notes, sort_keys=True),
            "seconds": prediction.seconds,
        }
        rows += [columns | score for score in scores[key]]
    return rows


def _note_misfits(
    item: Item,
    prediction: Prediction,
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
) -> None:
    """Note where a ready-made matte or a given trimap does not fit the truth."""
    if item.matte is not None:
        for what in pair_notes(prediction.alpha_u8, alpha_gt):
            note(item.matte, what)
    if trimap is not None and "trimap" in item.sample.contents:
        for what in trimap_notes(trimap, alpha_gt):
            note(item.sample.contents["trimap"][0], what)


def _regions(task: Task, trimaps: Trimaps) -> tuple[str, ...]:
    if task.reference is not None:
        return ("whole", task.reference.region)
    return ("whole",) if trimaps.rule is None else ("whole", "unknown")


def _id(name: str, region: str) -> str:
    """Return the id of a metric, also over the unknown region of reference trimaps."""
    if region in ("whole", "unknown"):
        return metric_id(name, region)
    return f"{name}/{region}/v{BY_NAME[name].version}"


def _scores(
    task: Task,
    trimaps: Trimaps,
    alpha_u8: npt.NDArray[np.uint8],
    alpha_gt: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
) -> list[Row]:
    from benchmark.metrics import evaluate_regions

    labels = {_summed(region): region for region in _regions(task, trimaps)}
    values = evaluate_regions(
        alpha_u8,
        alpha_gt,
        trimap,
        regions=tuple(labels),
        metrics=task.metrics,
        trimap_values="official",  # the methods refuse others
    )
    return [
        {"metric": _id(name, label), "region": label, "value": values[region][name]}
        for region, label in labels.items()
        for name in task.metrics
    ]


def _summed(region: str) -> Region:
    """Return the region of a metric that stands for a result's: reference trimaps have names."""
    return "whole" if region == "whole" else "unknown"


def _matte(
    task: Task,
    item: Item,
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
    key: str,
) -> Prediction:
    """Read a ready-made matte, find a cached one, or predict.

    `trimap` stands in for the matte where the method is not applicable.
    """
    name = item.sample.name
    if item.matte is not None:
        matte = read_matte(item.matte, image.shape[:2], task.reading)
        ready = Prediction(matte, "ok", {}, 0.0)
        task.store.name(name, ready, key)
        return ready
    prediction = task.store.find(name, key, (image.shape[0], image.shape[1]))
    if prediction is None:
        method = load(task.method.spec, task.method.weights, task.device)
        mattes = _mattes_of(task, name, image, trimap, key)
        with _naming(method.name, name):
            prediction = _predict(method, image, trimap, mattes)
        task.store.keep(name, prediction, key)
    elif prediction.status == "n/a" and not task.method.makes_trimaps:
        # what counts is the trimap of this run
        stand_in = _stand_in(task.method.name, prediction.notes["reason"], trimap)
        return Prediction(alpha_to_u8(stand_in), "n/a", prediction.notes, prediction.seconds)
    return prediction


@contextmanager
def _naming(method: str, image: str) -> Iterator[None]:
    """Raise whatever a method raises as one sentence that names it and the image.

    An error that says nothing about its input is the method's own fault, as is an end of the
    process that it asks for: its class and the line of code that raised it are named, too. Errors
    of files name these.
    """
    try:
        yield
    except OSError:
        raise
    except ValueError as error:
        named = "" if method in str(error) else f"{method}, "
        raise ValueError(f"{named}image {image}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ValueError(f"{method}, image {image}: {fault_of(error)}") from error


def _mattes_of(
    task: Task,
    name: str,
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
    key: str,
) -> dict[str, Prediction]:
    """Return the mattes that a method starts from: cached ones, or made and cached now."""
    predictions = {}
    for other, digest in task.method.mattes_of.items():
        store = MatteStore(task.store.cache.with_name(f"{slug(other)}-{digest}"))
        prediction = store.find(name, key, (image.shape[0], image.shape[1]))
        if prediction is None:
            with _naming(other, name):
                prediction = _predict(load_method(other), image, trimap, {})
            store.keep(name, prediction, key)
        predictions[other] = prediction
    return predictions


def _predict(
    method: Method,
    image: npt.NDArray[np.uint8],
    trimap: npt.NDArray[np.uint8] | None,
    mattes: Mapping[str, Prediction],
) -> Prediction:
    """Call a method; the seconds of the mattes that it starts from count, cached or not."""
    start = time.process_time()
    try:
        for other in mattes.values():
            if other.status == "n/a":
                kind = NeedsMemory if other.lacks_memory else NotApplicable
                raise kind(other.notes["reason"])
        given = {other: one.alpha_u8 / np.float32(255) for other, one in mattes.items()} or None
        alpha, notes = call(method, image, trimap, given)
        status = "ok"
    except NotApplicable as reason:
        made = reason.trimap if isinstance(reason, TrimapNotApplicable) else trimap
        alpha = _stand_in(method.name, str(reason), made)
        notes, status = {"reason": str(reason)}, "n/a"
        if _lacks_memory(reason):
            notes[LACKED] = True
    seconds = time.process_time() - start + sum(other.seconds for other in mattes.values())
    return Prediction(alpha_to_u8(alpha), status, notes, round(seconds, 4))


def _lacks_memory(reason: BaseException | None) -> bool:
    """Return whether a stated reason is too little memory, or was raised of that by a stage."""
    while reason is not None and not isinstance(reason, NeedsMemory):
        reason = reason.__cause__ or reason.__context__
    return reason is not None


def _stand_in(
    method: str, reason: str, trimap: npt.NDArray[np.uint8] | None
) -> npt.NDArray[np.float32]:
    """Return the matte that counts where a method is not applicable."""
    if trimap is None:
        raise ValueError(f"{method}: {reason}, and there is no trimap to score")
    return trimap_as_alpha(trimap)
