"""Sizes, padding, normalisation, trimap channels and output ranges, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from baselines.onnx.model_file.schema import Also, Input, ModelFile, Output, TrimapInput
from baselines.onnx.pixels.decoding import decode_alpha
from baselines.onnx.pixels.encoding import encode_image, encode_inputs, encode_trimap
from baselines.onnx.pixels.resampling import resize
from baselines.onnx.pixels.sizing import Grid, plan_grid

Bytes = npt.NDArray[np.uint8]
MODNET = Input(size="short", side=512, when="outside", multiple=32, round="down")
POLICIES = [
    (Input(), (30, 4000), (30, 4000), (30, 4000)),
    (Input(size=320), (30, 4000), (320, 320), (320, 320)),
    (Input(size=(480, 640)), (7, 9), (480, 640), (480, 640)),
    (Input(multiple=32), (33, 64), (64, 64), (64, 64)),
    (Input(multiple=32, round="down"), (33, 95), (32, 64), (32, 64)),
    (Input(multiple=32, round="down"), (1, 1), (32, 32), (32, 32)),
    (Input(multiple=32, round="nearest"), (48, 47), (64, 32), (64, 32)),
    (Input(multiple=32, fit="pad"), (33, 64), (33, 64), (64, 64)),
    (Input(size="long", side=512), (300, 1000), (154, 512), (154, 512)),
    (Input(size="long", side=512), (30, 4000), (4, 512), (4, 512)),
    (Input(size="long", side=2048, when="larger"), (800, 600), (800, 600), (800, 600)),
    (Input(size="long", side=2048, when="larger"), (4096, 600), (2048, 300), (2048, 300)),
    (Input(size="short", side=1536, when="larger"), (1600, 3200), (1536, 3072), (1536, 3072)),
    (Input(size="area", side=100), (400, 100), (200, 50), (200, 50)),
    (Input(size="area", side=100, when="larger"), (50, 200), (50, 200), (50, 200)),
    (Input(size="area", side=100, when="larger"), (51, 204), (50, 200), (50, 200)),
    (MODNET, (600, 800), (512, 672), (512, 672)),
    (MODNET, (200, 300), (512, 768), (512, 768)),
    (MODNET, (400, 800), (384, 800), (384, 800)),
    (MODNET, (30, 4000), (32, 4000), (32, 4000)),
    (MODNET, (1, 1), (512, 512), (512, 512)),
    (Input(size=448, fit="pad"), (100, 200), (224, 448), (448, 448)),
    (Input(size=448, fit="pad"), (30, 4000), (3, 448), (448, 448)),
    (Input(size=448, fit="pad"), (4000, 4), (448, 1), (448, 448)),
    (Input(size=448, fit="pad"), (1, 1), (448, 448), (448, 448)),
]


@pytest.mark.parametrize(("settings", "picture", "inner", "outer"), POLICIES)
def test_policies(
    settings: Input, picture: tuple[int, int], inner: tuple[int, int], outer: tuple[int, int]
) -> None:
    grid = plan_grid(settings, picture)
    assert (grid.inner, grid.outer) == (inner, outer)


def test_the_side_that_is_asked_for_comes_out_exactly() -> None:
    """512·(h/512) may fall below 512, and rounding down would then lose a multiple."""
    for height in range(513, 3000, 7):
        assert plan_grid(MODNET, (height, height + 100)).outer[0] == 512


def test_centre() -> None:
    grid = plan_grid(Input(size=9, fit="pad", place="centre"), (4, 8))
    assert (grid.inner, grid.corner, grid.padding) == ((5, 9), (2, 0), ((2, 2), (0, 0)))


def test_an_input_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="30×4000 pixels would become an input of 512×68267; exp"):
        plan_grid(Input(size="short", side=512), (30, 4000))


@pytest.mark.parametrize("name", ["bilinear", "lanczos", "bicubic", "area", "nearest"])
@pytest.mark.parametrize("antialias", [True, False])
def test_filters_keep_a_plain_picture(name: str, antialias: bool) -> None:
    plain = np.full((7, 5, 3), 90, np.uint8)
    assert np.array_equal(resize(plain, (4, 9), name, antialias), np.full((4, 9, 3), 90))  # type: ignore[arg-type]
    plane = np.full((7, 5), 0.25, np.float32)
    assert np.allclose(resize(plane, (4, 9), name, antialias), 0.25)  # type: ignore[arg-type]


def test_antialias_widens() -> None:
    """Every second column is white: averaged when widened, picked when plain."""
    stripes = np.tile(np.array([[0, 255]], np.uint8), (8, 8))
    widened = resize(stripes, (8, 4), "bilinear", True)
    assert 100 < widened.min() <= widened.max() < 155
    assert set(np.unique(resize(stripes, (8, 4), "nearest", False))) <= {0, 255}


def test_normalisation_by_hand(picture: Bytes) -> None:
    settings = Input(divide=256, mean=(0.5, 0.25, 0.125), std=(2, 4, 8), order="bgr")
    divided, whole = encode_image(picture, settings, Grid((40, 60), (40, 60), (40, 60)))
    assert np.allclose(divided[..., ::-1], picture / 256)
    assert np.allclose(whole[..., 2], (picture[..., 0] / 256 - 0.5) / 2)
    assert np.allclose(whole[..., 0], (picture[..., 2] / 256 - 0.125) / 8)


def test_divide_by_the_maximum() -> None:
    dark = np.full((2, 2, 3), 50, np.uint8)
    grid = Grid((2, 2), (2, 2), (2, 2))
    assert encode_image(dark, Input(divide="maximum"), grid)[1].max() == 1
    black = encode_image(dark * 0, Input(divide="maximum"), grid)[1]
    assert not black.any()


PADDINGS = [
    ("zero", [-0.3, 0.5, 0, 0]),  # after normalisation
    (102, [-0.3, 0.5, -0.1, -0.1]),  # before it: 102 / 255 - 0.5
    ("edge", [-0.3, 0.5, 0.5, 0.5]),
    ("reflect", [-0.3, 0.5, -0.3, 0.5]),
]


@pytest.mark.parametrize(("pad", "expected"), PADDINGS)
def test_padding(pad: Any, expected: list[float]) -> None:
    image = np.repeat(np.array([[[51], [255]]], np.uint8), 3, axis=2)
    settings = Input(multiple=4, fit="pad", pad=pad, mean=(0.5, 0.5, 0.5))
    divided, whole = encode_image(image, settings, plan_grid(settings, (1, 2)))
    assert divided.shape == whole.shape == (4, 4, 3)
    assert np.allclose(whole[0, :, 0], expected)


def test_one_pixel_can_be_reflected() -> None:
    settings = Input(multiple=8, fit="pad", pad="reflect")
    whole = encode_image(np.full((1, 1, 3), 255, np.uint8), settings, plan_grid(settings, (1, 1)))
    assert np.array_equal(whole[1], np.ones((8, 8, 3)))


ENCODED = {
    "scalar": [[0], [0.5], [1]],
    "raw": [[0], [128 / 255], [1]],
    "onehot": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "two": [[1, 0], [0, 0], [0, 1]],
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_encodings(encoding: str) -> None:
    trimap = np.array([[0, 128, 255]], np.uint8)
    channels = encode_trimap(trimap, encoding, TrimapInput())
    assert np.allclose(channels[0], ENCODED[encoding])
    scaled = encode_trimap(trimap, encoding, TrimapInput(mean=0.5, std=0.5))
    assert np.allclose(scaled[0], np.array(ENCODED[encoding]) * 2 - 1, atol=1e-6)


def test_distance_maps_by_hand() -> None:
    """exp(-d² / 2σ²), σ = 6.4, 25.6, 51.2: to the background at column 0, then the foreground."""
    trimap = np.array([[0] + [128] * 8 + [255]], np.uint8)
    maps = encode_trimap(trimap, "distances", TrimapInput())
    for place, sigma in enumerate((6.4, 25.6, 51.2)):
        for column in range(10):
            to_background, to_foreground = maps[0, column, place], maps[0, column, 3 + place]
            assert to_background == pytest.approx(np.exp(-(column**2) / (2 * sigma**2)), abs=1e-4)
            assert to_foreground == pytest.approx(
                np.exp(-((9 - column) ** 2) / (2 * sigma**2)), abs=1e-4
            )


def test_distances_to_what_is_absent_are_zero() -> None:
    maps = encode_trimap(np.full((4, 4), 128, np.uint8), "distances", TrimapInput())
    assert maps.shape == (4, 4, 6)
    assert not maps.any()


def test_inputs_go_where_the_model_file_says(picture: Bytes, trimap: Bytes) -> None:
    """The four inputs of an exported FBA: picture, trimap, normalised picture, distances."""
    model = ModelFile(
        input=Input(name="image_n", mean=(0.5, 0.5, 0.5)),
        trimap=TrimapInput(encode=("distances",), name="maps"),
        also=(Also("image", "image"), Also("two", "two")),
    )
    feeds = encode_inputs(model, plan_grid(model.input, (40, 60)), picture, trimap)
    assert {name: feed.shape[-1] for name, feed in feeds.items()} == {
        "image_n": 3,
        "maps": 6,
        "image": 3,
        "two": 2,
    }
    assert np.allclose(feeds["image"] - 0.5, feeds["image_n"])


def test_a_trimaps_channels_follow_the_pictures(picture: Bytes, trimap: Bytes) -> None:
    model = ModelFile(input=Input(multiple=64, fit="pad"), trimap=TrimapInput(encode=("onehot",)))
    (whole,) = encode_inputs(model, plan_grid(model.input, (40, 60)), picture, trimap).values()
    assert whole.shape == (64, 64, 6)
    assert whole[0, [0, 30, 59], 3:].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert not whole[40:, :, 3:].any()  # all three are 0 in the padding


def decode(raw: Any, settings: Output | None = None, **more: Any) -> npt.NDArray[np.float32]:
    raw = np.asarray(raw, np.float32)
    size = raw.shape[-2:]
    grid = more.pop("grid", Grid(size, size, size))
    return decode_alpha(raw, settings or Output(), Input(), grid, **more)


def test_output_ranges() -> None:
    raw = [[[[-1.0, 0.25, 3.0]]]]
    assert decode(raw).tolist() == [[0, 0.25, 1]]
    assert decode(raw, Output(range=(-1, 3)))[0, 1] == pytest.approx(0.3125)
    assert decode(raw, Output(range=(3, -1)))[0].tolist() == pytest.approx([1, 0.6875, 0])
    assert decode(raw, Output(range="stretch"))[0].tolist() == pytest.approx([0, 0.3125, 1])
    assert decode([[[[7.0, 7.0]]]], Output(range="stretch")).tolist() == [[0, 0]]


def test_activations() -> None:
    raw = np.array([[[[0.0, 1000, -1000]], [[1.0, -1000, 1000]]]])
    assert decode(raw, Output(activation="sigmoid")).tolist() == [[0.5, 1, 0]]
    soft = decode(raw, Output(activation="softmax", channel=1))
    assert soft[0].tolist() == pytest.approx([1 / (1 + np.exp(-1)), 0, 1])
    tanh = decode(raw, Output(activation="tanh", range=(-1, 1)))
    assert tanh.tolist() == [[0.5, 1, 0]]


def test_classes_and_channels() -> None:
    raw = np.array([[[[3.0, 0, 0]], [[1, 2, 0]], [[0, 0, 5]]]]) / 10
    assert decode(raw, Output(classes=(1, 2))).tolist() == [[0, 1, 1]]
    assert decode([[[[0.0, 2, 1]]]], Output(classes=(2,))).tolist() == [[0, 1, 0]]  # labels
    assert decode(raw, Output(channel=2))[0].tolist() == pytest.approx([0, 0, 0.5])
    last = np.moveaxis(raw, 1, -1)
    size = (1, 3)
    grid = Grid(size, size, size)
    assert np.array_equal(
        decode(last, Output(channel=2, layout="nhwc"), grid=grid), decode(raw, Output(channel=2))
    )
    with pytest.raises(ValueError, match=r"has 3 channels; expected output\.channel 3 among them"):
        decode(raw, Output(channel=3))


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (1, 1, 2, 3)])
def test_any_number_of_axes(shape: tuple[int, ...]) -> None:
    assert decode(np.full(shape, 0.5)).tolist() == np.full((2, 3), 0.5).tolist()


def test_other_outputs_are_refused() -> None:
    with pytest.raises(ValueError, match="output is 2×1×3×3; expected one picture's 1×C×H×W"):
        decode(np.zeros((2, 1, 3, 3)))
    with pytest.raises(ValueError, match="output is not finite"):
        decode([[np.nan, 1]])


def test_padding_is_cut_off_before_the_range_is_stretched() -> None:
    raw = np.full((1, 1, 4, 4), -9.0)
    raw[0, 0, 1:3] = [[0, 1, 2, 4], [4, 2, 1, 0]]
    grid = Grid((2, 4), (2, 4), (4, 4), (1, 0))
    alpha = decode(raw, Output(range="stretch"), grid=grid)
    assert alpha.tolist() == [[0, 0.25, 0.5, 1], [1, 0.5, 0.25, 0]]


def test_an_output_at_a_quarter_of_the_size() -> None:
    grid = Grid((8, 8), (8, 8), (8, 16))
    raw = np.zeros((1, 1, 2, 4))
    raw[..., :2] = 1
    assert decode(raw, Output(resize="nearest"), grid=grid).tolist() == np.ones((8, 8)).tolist()


def test_truncation_as_rembg() -> None:
    """0.999 · 255 = 254.7 becomes 254, not 255."""
    assert decode([[0.999, 0.5]], Output(truncate=True))[0].tolist() == pytest.approx(
        [254 / 255, 127 / 255]
    )


def test_known_pixels_are_pasted() -> None:
    trimap = np.array([[0, 128, 255]], np.uint8)
    assert decode([[0.4, 0.4, 0.4]], trimap=trimap)[0].tolist() == pytest.approx([0, 0.4, 1])


def test_lanczos_stays_in_range() -> None:
    alpha = decode_alpha(
        np.eye(4, dtype=np.float32), Output(resize="lanczos"), Input(), Grid((9, 9), (4, 4), (4, 4))
    )
    assert alpha.min() >= 0
    assert alpha.max() <= 1
