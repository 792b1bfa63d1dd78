"""Every learned method, from a reduced random checkpoint: sizes, trimaps, cards, errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from baselines.deep.checkpoints import shipped_checkpoint
from baselines.deep.network_method import NetworkMethod
from benchmark.methods.finding import call, load_method
from distinctions646.images.reading import alpha_to_u8
from distinctions646.trimap.values import NotApplicable

from .synthetic import METHODS, make_scene, save_small

NAMES = sorted(METHODS)
WITH_TRIMAP = [name for name in NAMES if METHODS[name].needs_trimap]
every = pytest.mark.parametrize("name", NAMES)
with_trimap = pytest.mark.parametrize("name", WITH_TRIMAP)
Build = Callable[[str], NetworkMethod]


def test_nobody_is_missing() -> None:
    assert NAMES == [
        "alphagan",
        "context-aware",
        "dcnn",
        "dim",
        "dim-skip",
        "fba",
        "gca",
        "indexnet",
        "late-fusion",
        "samplenet",
        "vitmatte",
        "vitmatte-half",
        "vitmatte-raw",
    ]


@pytest.mark.parametrize("name", [name for name in METHODS if shipped_checkpoint(name) is None])
def test_without_weights_one_error_says_which(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: its weights do not ship; expected --weights"):
        load_method(name)


@every
@pytest.mark.parametrize("size", [(33, 47), (64, 32)])
def test_odd_sizes(name: str, size: tuple[int, int], small_method: Build) -> None:
    image, trimap = make_scene(*size)
    alpha, _ = call(small_method(name), image, trimap)
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    given = trimap if METHODS[name].needs_trimap else None
    raw, _ = small_method(name).predict(image, given)  # a linear output may leave 0 to 1
    assert raw[trimap == 128].std() > 0  # the network was asked


@every
def test_one_pixel(name: str, small_method: Build) -> None:
    """All unknown, without any neighbour; the classical solvers under dcnn want known ones."""
    image, trimap = np.full((1, 1, 3), 90, np.uint8), np.full((1, 1), 128, np.uint8)
    if name == "dcnn":
        with pytest.raises(NotApplicable):
            call(small_method(name), image, trimap)
        return
    alpha, _ = call(small_method(name), image, trimap)
    assert alpha.shape == (1, 1)


@every
def test_a_long_strip(name: str, small_method: Build) -> None:
    image, trimap = make_scene(30, 1000)
    trimap[:, 260:] = 255
    alpha, _ = call(small_method(name), image, trimap)
    assert alpha.shape == (30, 1000)


@pytest.mark.slow
@every
def test_a_longer_strip(name: str, small_method: Build) -> None:
    image, trimap = make_scene(30, 4000)
    trimap[:, 1100:] = 255
    alpha, _ = call(small_method(name), image, trimap)
    assert alpha.shape == (30, 4000)


@with_trimap
def test_without_an_unknown_pixel_the_trimap_is_the_matte(name: str, small_method: Build) -> None:
    image, trimap = make_scene(20, 24)
    trimap[trimap == 128] = 255
    alpha, notes = call(small_method(name), image, trimap)
    assert np.array_equal(alpha, trimap / np.float32(255))
    assert notes == {"network": "not run: no unknown pixel"}


@with_trimap
def test_known_pixels_keep_their_value(name: str, small_method: Build) -> None:
    image, trimap = make_scene(40, 40)
    alpha, _ = call(small_method(name), image, trimap)
    assert (alpha[trimap == 0] == 0).all()
    assert (alpha[trimap == 255] == 1).all()


@pytest.mark.parametrize("name", sorted(set(WITH_TRIMAP) - {"dcnn"}))
def test_a_trimap_that_knows_nothing(name: str, small_method: Build) -> None:
    image, _ = make_scene(33, 40)
    alpha, _ = call(small_method(name), image, np.full((33, 40), 128, np.uint8))
    assert np.isfinite(alpha).all()


@with_trimap
def test_bad_trimaps(name: str, small_method: Build) -> None:
    image, trimap = make_scene(20, 24)
    method = small_method(name)
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        call(method, image, np.where(trimap == 128, 127, trimap).astype(np.uint8))
    with pytest.raises(ValueError, match="trimap is 20×23 pixels; expected 20×24"):
        call(method, image, trimap[:, :23])
    with pytest.raises(ValueError, match="needs a trimap; got None"):
        method(image, None)


@every
def test_bad_images(name: str, small_method: Build) -> None:
    image, trimap = make_scene(20, 24)
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        call(small_method(name), image / 255, trimap)
    with pytest.raises(ValueError, match="image is 20×24 uint8; expected H×W×3 uint8"):
        call(small_method(name), image[..., 0], trimap)


@every
def test_the_same_twice(name: str, small_method: Build) -> None:
    image, trimap = make_scene(33, 47)
    first, second = (call(small_method(name), image, trimap)[0] for _ in range(2))
    assert np.array_equal(first, second)


@every
def test_cards(name: str, small_method: Build) -> None:
    card = small_method(name).card
    assert set(card) >= {
        "paper",
        "year",
        "fidelity",
        "implementation",
        "licence",
        "weights",
        "trained_on",
        "parameters",
        "gmac_512",
        "variant",
        "inference",
        "layout",
    }
    assert all(isinstance(value, str) and value for value in card.values())
    assert card["weights"].count("sha256:") == 1
    bare = METHODS[name].card  # of the class, without weights
    assert set(bare) - {"leak"} <= set(card)
    assert "leak" not in card  # the released files' says nothing of this checkpoint
    assert "--weights takes" in bare["weights"]


def test_another_device() -> None:
    with pytest.raises(ValueError, match="its weights do not ship"):
        load_method("fba", device="nowhere")


def test_an_unusable_device(tmp_path: Path) -> None:
    save_small(METHODS["dim"], tmp_path)
    with pytest.raises(ValueError, match="device 'nowhere' cannot be used here"):
        load_method("dim", str(tmp_path), "nowhere")


def test_skips_of_our_own_checkpoints_are_told_apart(tmp_path: Path) -> None:
    save_small(METHODS["dim-skip"], tmp_path)
    with pytest.raises(ValueError, match="is a checkpoint of dim-skip"):
        METHODS["dim"](str(tmp_path))


class Spy:
    """A network that returns the trimap and keeps the sizes that it saw."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []
        self.weight = torch.zeros(1)

    def parameters(self) -> Any:
        return iter([self.weight])

    def __call__(self, image: torch.Tensor, trimap: torch.Tensor) -> dict[str, torch.Tensor]:
        self.sizes.append((image.shape[-2], image.shape[-1]))
        return {"alpha": image.mean(1, keepdim=True)}


@pytest.mark.parametrize("name", sorted(set(WITH_TRIMAP) - {"dcnn"}))
def test_six_megapixels_are_seen_in_bounded_parts(
    name: str, small_method: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles bound the memory, cover every unknown pixel and leave out the others."""
    method, spy = small_method(name), Spy()
    monkeypatch.setattr(method, "network", spy)
    image = np.full((2000, 3000, 3), 51, np.uint8)
    trimap = np.zeros((2000, 3000), np.uint8)
    trimap[900:1100, 100:2900] = 128
    alpha, notes = method(image, trimap)
    assert max(height * width for height, width in spy.sizes) <= method.largest_pixels
    assert notes["tiles"] == len(spy.sizes) > 1
    assert np.allclose(alpha[trimap == 128], 0.2, atol=1e-6)
    assert (alpha[trimap == 0] == 0).all()


def test_a_trimap_free_method_reduces_large_images(small_method: Build) -> None:
    image, _ = make_scene(60, 1200)
    alpha, notes = small_method("late-fusion")(image)
    assert alpha.shape == (60, 1200)
    assert notes == {"resized_long_side": 800}


def test_dcnn_in_strips_is_dcnn_whole(small_method: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    method = small_method("dcnn")
    image, trimap = make_scene(40, 30)
    whole, _ = method(image, trimap)
    monkeypatch.setattr(type(method), "largest_pixels", 30 * 7)
    assert np.allclose(whole, method(image, trimap)[0], atol=1e-6)


def test_dcnn_from_given_mattes_is_dcnn_from_its_own(small_method: Build) -> None:
    """Rounded to 8 bits, as the runner's cache keeps them."""
    method = small_method("dcnn")
    image, trimap = make_scene(20, 24)
    mattes = {}
    for name in ("closed-form", "knn"):
        alpha, _ = call(load_method(name), image, trimap)
        mattes[name] = alpha_to_u8(alpha) / np.float32(255)
    given, _ = call(method, image, trimap, mattes)
    assert np.array_equal(given, call(method, image, trimap)[0])
    with pytest.raises(ValueError, match="dcnn got no matte of knn"):
        call(method, image, trimap, {"closed-form": mattes["closed-form"]})


def test_a_small_image_gets_one_thread(
    small_method: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `hatt` has it; afterwards torch has its threads again."""
    threads: list[int] = []

    class Counting(Spy):
        def __call__(self, image: torch.Tensor, trimap: torch.Tensor) -> dict[str, torch.Tensor]:
            threads.append(torch.get_num_threads())
            return super().__call__(image, trimap)

    method = small_method("dim")
    monkeypatch.setattr(method, "network", Counting())
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for size in ((64, 64), (704, 704)):
            method(*make_scene(*size))
        assert threads == [1, 2]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
