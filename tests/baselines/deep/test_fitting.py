"""Image sizes of the public programs, and the blend of tiles."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.deep.fitting import Fit, resize, tile_weight


@pytest.mark.parametrize(
    ("fit", "size", "expected"),
    [
        (Fit("pad", 32), (33, 64), (64, 64)),
        (Fit("pad", 1), (33, 64), (33, 64)),
        # huochaitiantang: cut down, at most 1600, each side by itself
        (Fit("down", 32, longest=1600), (1000, 2000), (992, 1600)),
        (Fit("down", 32, longest=1600), (30, 4000), (32, 1600)),
        (Fit("up", 32), (1000, 2000), (1024, 2016)),
        (Fit("up", 8), (9, 16), (16, 16)),
        (Fit("down", 32, scale=0.5), (1000, 130), (480, 64)),
        (Fit("down", 32, scale=0.5), (1, 1), (32, 32)),
    ],
)
def test_sizes(fit: Fit, size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit.size(*size) == expected


@pytest.mark.parametrize("size", [(1, 1), (5, 33), (64, 64)])
def test_padding_mirrors_and_crops(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    trimap = image[..., 0]
    fitted, fitted_trimap = Fit("pad", 32).prepare(image, trimap)
    assert np.array_equal(fitted[..., 0], fitted_trimap)
    assert np.array_equal(fitted[: size[0], : size[1]], image)
    back = Fit("pad", 32).restore(fitted_trimap.astype(np.float32), *size)
    assert np.array_equal(back, trimap)
    if size[1] == 33:
        assert np.array_equal(fitted[:5, 33], image[:, 31])  # the edge itself is not repeated


def test_resized_mattes_come_back_at_the_images_size() -> None:
    fit = Fit("up", 32, "bicubic", "nearest", "bicubic")
    image = np.full((50, 70, 3), 200, np.uint8)
    trimap = np.zeros((50, 70), np.uint8)
    trimap[:, 35:] = 128
    fitted, fitted_trimap = fit.prepare(image, trimap)
    assert fitted.shape == (64, 96, 3)
    assert set(np.unique(fitted_trimap)) == {0, 128}
    assert fit.restore(np.ones((64, 96), np.float32), 50, 70).shape == (50, 70)


def test_fits_describe_themselves() -> None:
    assert str(Fit("down", 32, longest=1600)) == "resized down to multiples of 32, at most 1600"
    assert str(Fit("pad", 32)) == "mirrored to multiples of 32"
    assert str(Fit("pad", 1)) == "at its own size"


def test_a_size_that_fits_is_not_touched() -> None:
    picture = np.zeros((4, 5), np.uint8)
    assert resize(picture, (4, 5), "bicubic") is picture


def test_tiles_weigh_least_at_their_border() -> None:
    weight = tile_weight(64, 32, 64)
    assert weight.shape == (64, 32)
    assert weight.max() == 1
    assert weight[0, 0] == weight.min() > 0
    assert np.allclose(weight, weight[::-1, ::-1])
