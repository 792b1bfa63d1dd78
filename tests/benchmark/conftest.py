"""A tiny dataset of plain pictures: two discs on noise, one without known foreground."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmark.results import result_table as results
from benchmark.run import main
from distinctions646.images.png import write_png


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Return image/, alpha/ and trimap/ of 24×30 pixels: names a, b, glass."""
    folder = tmp_path / "discs"
    for kind in ("image", "alpha", "trimap"):
        (folder / kind).mkdir(parents=True)
    rng = np.random.RandomState(2)
    y, x = np.mgrid[:24, :30]
    for name, radius, opacity in (("a", 8, 1.0), ("b", 6, 1.0), ("glass", 7, 0.5)):
        alpha = opacity * np.clip(radius - np.hypot(y - 12, x - 15), 0, 1)
        alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
        colour = rng.randint(0, 256, 3) * alpha[..., None]
        noise = rng.randint(0, 256, (24, 30, 3)) * (1 - alpha[..., None])
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128))
        write_png(folder / "image" / f"{name}.png", (colour + noise).astype(np.uint8))
        write_png(folder / "alpha" / f"{name}.png", alpha_u8)
        write_png(folder / "trimap" / f"{name}.png", trimap.astype(np.uint8))
    return folder


@pytest.fixture
def start() -> Callable[..., int]:
    """Return a function that starts the runner on a dataset and returns its exit status."""

    def run(dataset: Path, out: Path, *options: str) -> int:
        return main(["--dataset", str(dataset), "--out", str(out), *options])

    return run


@pytest.fixture
def only() -> Callable[[Path, str], Path]:
    """Return a function that finds the one folder of a method's runs."""

    def find(out: Path, method: str) -> Path:
        (folder,) = out.glob(f"*/{method}-*")
        return folder

    return find


@pytest.fixture
def count_calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], list[int]]:
    """Return a function that hands back a list which grows with every call of a method."""

    def count(method: type) -> list[int]:
        calls: list[int] = []
        original = method.__call__

        def counting(self: object, *arguments: np.ndarray) -> np.ndarray:
            calls.append(1)
            return original(self, *arguments)

        monkeypatch.setattr(method, "__call__", counting)
        return calls

    return count


@pytest.fixture
def make_run() -> Callable[..., Path]:
    """Return a function that writes what a run of one method leaves, with the values asked for."""

    def make(
        out: Path,
        method: str,
        sad: dict[str, list[float]],
        *,
        regions: tuple[str, ...] = ("whole",),
        dataset: str = "pets",
        rule: str | None = "dilate-25/v1",
        needs_trimap: bool | None = True,
        method_hash: str = "0123456789ab",
        not_applicable: tuple[str, ...] = (),
        **card: object,
    ) -> Path:
        """`sad` has for each foreground the values of its images; MSE is a thousandth of them."""
        folder = out / f"{dataset}-test-abababab-cdcdcdcd" / f"{method}-{method_hash[:8]}"
        folder.mkdir(parents=True)
        rows = [
            {
                "dataset": dataset,
                "dataset_root": "ab" * 32,
                "method": method,
                "method_hash": method_hash,
                "image_id": f"{foreground}_{place}",
                "foreground": f"{foreground}.png",
                "metric": f"{metric}/{region}/v1",
                "region": region,
                "trimap_rule": rule,
                "value": value * scale,
                "status": "n/a" if f"{foreground}_{place}" in not_applicable else "ok",
                "notes": "{}",
                "seconds": 0.5,
            }
            for foreground, values in sad.items()
            for place, value in enumerate(values)
            for region in regions
            for metric, scale in (("sad", 1), ("mse", 0.001))
        ]
        results.write(folder / "results.parquet", rows)
        facts = {
            "method": method,
            "needs_trimap": needs_trimap,
            "split": "test",
            "method_card": {"paper": "none"},
            "kind": "measured",
            **card,
        }
        (folder / "run.json").write_text(json.dumps(facts))
        return folder

    return make


@pytest.fixture
def build_options(dataset: Path) -> Callable[[Path, str], list[str]]:
    """Return the command line that builds the images of `dataset` over themselves, in a form."""

    def options(out: Path, form: str) -> list[str]:
        images, alphas = str(dataset / "image"), str(dataset / "alpha")
        sources = ["--foregrounds", images, "--alphas", alphas, "--backgrounds", images]
        wanted = ["--out", str(out), "--per-foreground", "1", "--write", form]
        return ["--dataset", "custom", *sources, *wanted]

    return options
