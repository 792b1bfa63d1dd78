"""A method that starts from other methods' mattes gets them from the runner's cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from baselines.laplacian.closed_form import ClosedForm
from baselines.trivial import Constant, Distance
from benchmark.methods.description import describe_method
from benchmark.methods.finding import load_method, method_hash
from benchmark.results import result_table as results
from benchmark.results.matte_store import load


class Mean(Distance):
    """The mean of two methods' mattes."""

    name = "mean"
    mattes_of = ("distance", "trimap")

    def __call__(
        self,
        image: np.ndarray,
        trimap: np.ndarray | None = None,
        mattes: Mapping[str, np.ndarray] | None = None,
    ) -> np.ndarray:
        if mattes is None:
            raise ValueError("mean got no mattes")
        return (mattes["distance"] + mattes["trimap"]) / 2


SPEC = f"{__name__}:Mean"


@pytest.fixture
def count_of_distance(count_calls: Callable[[type], list[int]]) -> list[int]:
    return count_calls(Distance)


def test_mattes_are_made_once_and_found_again(
    dataset: Path,
    tmp_path: Path,
    start: Callable[..., int],
    only: Callable[[Path, str], Path],
    count_of_distance: list[int],
) -> None:
    """`glass` has no known foreground: distance is not applicable there, and so is the mean."""
    out = tmp_path / "runs"
    assert start(dataset, out, "--method", SPEC) == 0
    assert len(count_of_distance) == 3
    assert start(dataset, out, "--method", "distance", "trimap") == 0
    assert len(count_of_distance) == 3  # what the mean has made is in the cache
    table = results.read(only(out, "mean") / "results.parquet")
    status = dict(zip(table["image_id"], table["status"], strict=True))
    assert status == {"a": "ok", "b": "ok", "glass": "n/a"}
    mattes = {}
    for name in ("mean", "distance", "trimap"):
        mattes[name] = _matte(only(out, name) / "alpha" / "a.png")
    expected = mattes["distance"].alpha_u8.astype(float) + mattes["trimap"].alpha_u8
    assert np.abs(mattes["mean"].alpha_u8 - expected / 2).max() <= 0.5
    parts = mattes["distance"].seconds + mattes["trimap"].seconds
    assert mattes["mean"].seconds >= parts - 1e-9  # a sum of decimals


def test_mattes_of_an_earlier_run_are_read(
    dataset: Path, tmp_path: Path, start: Callable[..., int], count_of_distance: list[int]
) -> None:
    out = tmp_path / "runs"
    start(dataset, out, "--method", "distance", "trimap")
    before = len(count_of_distance)
    assert start(dataset, out, "--method", SPEC) == 0
    assert len(count_of_distance) == before


def test_workers_share_them(dataset: Path, tmp_path: Path, start: Callable[..., int]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert start(dataset, one, "--method", SPEC) == 0
    assert start(dataset, two, "--method", SPEC, "--workers", "2") == 0
    values = [
        results.read(path).sort_values(["image_id", "metric"])["value"].tolist()
        for out in (one, two)
        for path in out.glob("*/mean-*/results.parquet")
    ]
    assert values[0] == values[1]
    folders = [{path.name for path in (out / "cache" / "mattes").iterdir()} for out in (one, two)]
    assert folders[0] == folders[1]
    assert {name.rpartition("-")[0] for name in folders[0]} == {"mean", "distance", "trimap"}


def test_the_cache_is_that_of_the_method_itself() -> None:
    description = describe_method(SPEC, None, None)
    assert description.mattes_of["distance"] == method_hash(load_method("distance"))
    assert dict(describe_method("constant", None, None).mattes_of) == {}
    assert ClosedForm.name == "closed-form"
    assert not hasattr(Constant, "mattes_of")


def _matte(path: Path):
    import json

    from PIL import Image

    with Image.open(path) as picture:
        key = json.loads(picture.info["matting-prediction"])["input"]
    found = load(path, key)
    assert found is not None
    return found
