"""A flipped bit in a stored result is detected or harmless; no number changes in silence.

A sample of the bits always, all of them in the slow part.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.results import result_table
from benchmark.results.matte_store import Prediction, load, save
from benchmark.results.run_card import check_card, read_card, write_card

SAMPLE = 250
ALPHA = np.random.default_rng(3).integers(0, 256, (9, 11), np.uint8)


def rows() -> list[dict[str, Any]]:
    return [
        {
            "dataset": "mini",
            "dataset_root": "ab" * 32,
            "method": "knn",
            "method_hash": "0123456789ab",
            "image_id": f"image-{image}",
            "foreground": f"cat-{image}.png",
            "metric": f"{metric}/whole/v1",
            "region": "whole",
            "trimap_rule": "dilate-25/v1",
            "value": image + 0.125,
            "status": "ok",
            "notes": "{}",
            "seconds": 0.5,
        }
        for image in range(3)
        for metric in ("sad", "mse")
    ]


def flipped(path: Path, bits: int | None) -> Iterator[int]:
    """Write a file with one bit flipped after the other; yield the number of the bit."""
    whole = path.read_bytes()
    numbers = range(8 * len(whole))
    for bit in numbers if bits is None else sorted(random.Random(0).sample(numbers, bits)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        yield bit
    path.write_bytes(whole)


def silent(path: Path, bits: int | None, read: Callable[[], bool]) -> list[int]:
    """Return the bits after whose flip `read` finds something else without an error."""
    wrong = []
    for bit in flipped(path, bits):
        try:
            same = read()
        except ValueError:
            continue
        if not same:
            wrong.append(bit)
    return wrong


@pytest.mark.parametrize("bits", [SAMPLE, pytest.param(None, marks=pytest.mark.slow)])
def test_results(tmp_path: Path, bits: int | None) -> None:
    path = tmp_path / "results.parquet"
    table = result_table.write(path, rows())
    assert silent(path, bits, lambda: result_table.read(path).equals(table)) == []


@pytest.mark.parametrize("bits", [SAMPLE, pytest.param(None, marks=pytest.mark.slow)])
def test_mattes(tmp_path: Path, bits: int | None) -> None:
    path = tmp_path / "a.png"
    save(path, Prediction(ALPHA, "ok", {"levels": 3}, 1.5), "key")

    def same() -> bool:
        found = load(path, "key", ALPHA.shape)
        if found is None:
            raise ValueError("detected")
        facts = (found.status, found.notes, found.seconds)
        return facts == ("ok", {"levels": 3}, 1.5) and np.array_equal(found.alpha_u8, ALPHA)

    assert same()
    assert silent(path, bits, same) == []


@pytest.mark.parametrize("bits", [SAMPLE, pytest.param(None, marks=pytest.mark.slow)])
def test_run_cards(tmp_path: Path, bits: int | None) -> None:
    path = tmp_path / "run.json"
    write_card(path, {"method": "knn", "images": 3, "config": {"limit": None, "metrics": ["sad"]}})
    card = read_card(path)

    def same() -> bool:
        found = read_card(path)
        found.pop("sha256", None)
        return found.items() >= {key: card[key] for key in ("method", "images", "config")}.items()

    assert silent(path, bits, same) == []


def test_a_changed_card_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"run\.json: damaged or changed after it was written"):
        check_card(tmp_path / "run.json", {"method": "knn", "sha256": "0" * 64})
    check_card(tmp_path / "run.json", {"method": "knn"})  # before cards had a hash
