"""Cached mattes are used for the same input, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.predictions import Prediction, input_hash, load, save

ALPHA = np.arange(12, dtype=np.uint8).reshape(3, 4)


def test_round_trip(tmp_path: Path) -> None:
    made = Prediction(ALPHA, "n/a", {"reason": "no known foreground"}, 1.5)
    save(tmp_path / "a.png", made, "key")
    found = load(tmp_path / "a.png", "key")
    assert found is not None
    assert np.array_equal(found.alpha_u8, ALPHA)
    assert (found.status, found.notes, found.seconds) == (made.status, made.notes, made.seconds)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_misses(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    assert load(path, "key") is None
    save(path, Prediction(ALPHA, "ok", {}, 0.0), "key")
    assert load(path, "other key") is None
    path.write_bytes(path.read_bytes()[:80])
    assert load(path, "key") is None


def test_input_hash_sees_every_pixel() -> None:
    image = np.zeros((3, 4, 3), np.uint8)
    trimap = np.zeros((3, 4), np.uint8)
    changed = image.copy()
    changed[2, 3, 1] = 1
    hashes = {
        input_hash(image, None),
        input_hash(image, trimap),
        input_hash(changed, None),
        input_hash(image.reshape(4, 3, 3), None),
    }
    assert len(hashes) == 4
