"""Cached mattes are used for the same input, and for nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from benchmark.results.matte_store import MatteStore, Prediction, input_key, load, read_cost, save
from distinctions646.images.fingerprint import pixel_sha256

ALPHA = np.arange(12, dtype=np.uint8).reshape(3, 4)


def test_round_trip(tmp_path: Path) -> None:
    made = Prediction(ALPHA, "n/a", {"reason": "no known foreground"}, 1.5)
    save(tmp_path / "a.png", made, "key")
    loaded = load(tmp_path / "a.png", "key")
    assert loaded is not None
    assert np.array_equal(loaded.alpha_u8, ALPHA)
    assert (loaded.status, loaded.notes, loaded.seconds) == (made.status, made.notes, made.seconds)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_misses(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    assert load(path, "key") is None
    save(path, Prediction(ALPHA, "ok", {}, 0.0), "key")
    assert load(path, "other key") is None
    path.write_bytes(path.read_bytes()[:80])
    assert load(path, "key") is None


def test_input_key_sees_every_pixel() -> None:
    image = np.zeros((3, 4, 3), np.uint8)
    changed = image.copy()
    changed[2, 3, 1] = 1
    turned = image.reshape(4, 3, 3)
    keys = {input_key(pixel_sha256(each), each.shape, None) for each in (image, changed, turned)}
    trimap_sha256 = pixel_sha256(np.zeros((3, 4), np.uint8))
    keys.add(input_key(pixel_sha256(image), image.shape, trimap_sha256))
    assert len(keys) == 4


def test_a_store_serves_every_run_of_a_method(tmp_path: Path) -> None:
    """One run's matte is another's where the input is the same, under that run's name for it."""
    first, second = (MatteStore(tmp_path / "cache", tmp_path / name) for name in ("one", "two"))
    assert first.find("a", "key", ALPHA.shape) is None
    first.keep("a", Prediction(ALPHA, "ok", {}, 0.5), "key")
    assert first.keys() == {"key"}
    found = second.find("b", "key", ALPHA.shape)
    assert found is not None
    assert np.array_equal(found.alpha_u8, ALPHA)
    assert (tmp_path / "two" / "b.png").samefile(tmp_path / "cache" / "key.png")
    assert second.find("b", "other key", ALPHA.shape) is None
    second.keep("b", Prediction(255 - ALPHA, "ok", {}, 0.5), "other key")
    assert load(tmp_path / "two" / "b.png", "other key") is not None
    assert load(tmp_path / "one" / "a.png", "key") is not None  # no link was written through
    shutil.rmtree(tmp_path / "cache")
    assert first.find("a", "key", ALPHA.shape) is not None
    assert not [path for path in tmp_path.rglob(".partial*")]


def test_cost_is_in_the_file(tmp_path: Path) -> None:
    save(tmp_path / "a.png", Prediction(ALPHA, "ok", {}, 1.5), "key")
    assert read_cost(tmp_path / "a.png") == (1.5, 12e-6)
    save(tmp_path / "a.png", Prediction(ALPHA, "n/a", {"reason": "none"}, 0.1), "key")
    assert read_cost(tmp_path / "a.png") is None
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert read_cost(tmp_path / "a.png") is None


def test_a_matte_that_pillow_wrote_is_still_read(tmp_path: Path) -> None:
    """Caches of before the suite's own encoder."""
    alpha_u8 = np.arange(200, dtype=np.uint8).reshape(10, 20)
    record = {"input": "k", "pixels": pixel_sha256(alpha_u8), "status": "ok", "notes": {}}
    header = PngInfo()
    header.add_text("matting-prediction", json.dumps(record | {"seconds": 1.5}))
    Image.fromarray(alpha_u8).save(tmp_path / "k.png", pnginfo=header, compress_level=1)
    found = load(tmp_path / "k.png", "k", (10, 20))
    assert found is not None
    np.testing.assert_array_equal(found.alpha_u8, alpha_u8)
    assert (found.status, found.seconds) == ("ok", 1.5)
