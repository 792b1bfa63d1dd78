"""The method: its card, its hash, its trimap, pictures of all shapes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.onnx.method import OnnxMethod
from benchmark.methods.finding import call, load_method, method_hash

Write = Callable[..., str]
Channel = Callable[..., Path]
SHAPES = [(1, 1), (1, 7), (30, 4000), (33, 47)]


def test_a_kind_of_method(channel: Channel, model_file: Write, picture: Any) -> None:
    method = load_method(f"onnx:{model_file('', 'red.toml')}", str(channel()))
    assert (method.name, method.needs_trimap) == ("red", False)
    alpha, notes = call(method, picture, None)
    assert np.allclose(alpha, picture[..., 0] / 255)
    assert notes == {"network_input": "40×60"}
    with pytest.raises(ValueError, match=r"no model file 'isnett'; did you mean isnet\?"):
        load_method("onnx:isnett")


def test_u2netp_has_kept_its_name(channel: Channel) -> None:
    """A network that gives back the red channel: the matte is red, stretched to 0 to 1."""
    weights = str(channel(height=320, width=320, given="input.1", made="1959"))
    image = np.zeros((320, 640, 3), np.uint8)
    image[..., 0] = np.linspace(50, 200, 640).astype(np.uint8)
    for name in ("u2netp", "onnx:u2netp"):
        method = load_method(name, weights)
        assert method.name == "u2netp"
        alpha, notes = call(method, image, None)
        assert notes == {"network_input": "320×320"}
        assert np.allclose(alpha, (image[..., 0] - 50.0) / 150, atol=0.02)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "text",
    [
        "[input]\nsize = 64",
        '[input]\nsize = 64\nfit = "pad"',
        "[input]\nmultiple = 32",
        '[input]\nmultiple = 32\nfit = "pad"\npad = "reflect"',
        '[input]\nsize = "long"\nside = 100',
        '[input]\nsize = "short"\nside = 64\nwhen = "outside"\nmultiple = 32\nround = "down"',
    ],
)
def test_pictures_of_all_shapes(
    shape: tuple[int, int], text: str, channel: Channel, model_file: Write
) -> None:
    """A plain picture stays plain, whatever is done to its size."""
    method = OnnxMethod(model_file(text), str(channel()))
    alpha, _ = call(method, np.full((*shape, 3), 51, np.uint8), None)
    assert alpha.shape == shape
    assert np.allclose(alpha, 0.2, atol=1e-6)


def test_a_trimap_is_shown_and_pasted(
    channel: Channel, model_file: Write, picture: Any, trimap: Any
) -> None:
    weights = str(channel(3, channels=4))
    shown = OnnxMethod(model_file('[trimap]\nencode = "scalar"\n[output]\npaste = false'), weights)
    assert shown.needs_trimap
    assert np.allclose(shown(picture, trimap)[0], np.where(trimap == 128, 0.5, trimap / 255))
    red = str(channel(0, channels=4, name="red.onnx"))
    pasted, _ = OnnxMethod(model_file('[trimap]\nencode = "scalar"'), red)(picture, trimap)
    expected = np.where(trimap == 128, picture[..., 0] / 255, trimap / 255)
    assert np.allclose(pasted, expected)


def test_odd_trimaps(channel: Channel, model_file: Write, picture: Any, trimap: Any) -> None:
    """The suite's policy: without an unknown pixel the trimap is the matte."""
    method = OnnxMethod(model_file('[trimap]\nencode = "scalar"'), str(channel(3, channels=4)))
    known = np.where(trimap == 128, 0, trimap).astype(np.uint8)
    alpha, notes = call(method, picture, known)
    assert np.array_equal(alpha, known / np.float32(255))
    assert notes == {"solver": "none: no unknown pixel"}
    assert np.all(call(method, picture, np.full_like(trimap, 128))[0] == 0.5)
    with pytest.raises(ValueError, match="net needs a trimap; got None"):
        method(picture)
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        method(picture, np.full_like(trimap, 127))
    with pytest.raises(ValueError, match="trimap is 40×59 pixels; expected 40×60"):
        method(picture, trimap[:, :59])
    with pytest.raises(ValueError, match="image is 40×60×4 uint8; expected H×W×3 uint8"):
        method(np.dstack([picture, trimap]), trimap)


def test_a_recurrent_network(network: Callable[..., Path], model_file: Write, picture: Any) -> None:
    """Its state counts the passes; `long_side` scales 40×60 to 30: a ratio of one half."""
    weights = network(
        {"src": [1, 3, "h", "w"], "r1i": [1, "c", "a", "b"], "ratio": [1]},
        {"pha": [1, 1, "h", "w"], "r1o": [1, 1, 1, 1]},
        [
            ("Add", ["r1i", "one"], ["r1o"]),
            ("ReduceMean", ["src", "axes"], ["mean"]),
            ("Mul", ["mean", "zero"], ["none"]),
            ("Add", ["none", "r1o"], ["count"]),
            ("Mul", ["count", "tenth"], ["few"]),
            ("Mul", ["few", "ratio"], ["pha"]),
        ],
        numbers={
            "one": np.ones((1, 1, 1, 1), np.float32),
            "zero": np.float32(0),
            "tenth": np.float32(0.1),
            "axes": np.array([1], np.int64),
        },
    )
    text = """
        [input]
        name = "src"
        [constant]
        ratio = { long_side = 30 }
        [state]
        inputs = ["r1i"]
        outputs = ["r1o"]
        passes = 3
    """
    alpha, _ = OnnxMethod(model_file(text), str(weights))(picture)
    assert np.allclose(alpha, 0.3 * 0.5)


def test_the_card(channel: Channel, model_file: Write) -> None:
    from distinctions646.images.fingerprint import file_sha256

    weights = channel()
    digest = file_sha256(weights)
    card = """
        [card]
        paper = "A 2020"
        year = 2020
        licence = "MIT"
        trained_on = ["X", "Y"]
        leak = ["aim-500"]
        parameters = 12345
    """
    known = OnnxMethod(model_file(f'weights = "net.onnx"\n{card}')).card
    assert known["weights"] == f"net.onnx sha256:{digest[:16]}"
    assert (known["licence"], known["trained_on"], known["parameters"]) == ("MIT", "X, Y", "12,345")
    assert known["inference"] == (
        "native size, bilinear, / 255; no trimap; output as it is, back bilinear"
    )
    assert (known["year"], known["needs_trimap"], known["leak"]) == ("2020", "no", "aim-500")
    pinned = OnnxMethod(model_file(f'sha256 = "{digest}"\n{card}'), str(weights)).card
    assert pinned["licence"] == "MIT"
    entry = f'[[known]]\nfile = "a.onnx"\nsha256 = "{digest}"\nsource = "here"\nlicence = "GPL"'
    listed = OnnxMethod(model_file(f"{card}\n{entry}"), str(weights)).card
    assert (listed["licence"], listed["trained_on"], listed["source"]) == ("GPL", "X, Y", "here")
    assert listed["weights"].startswith("a.onnx sha256:")
    other = OnnxMethod(model_file(card), str(weights)).card
    assert other["licence"] == "not known for this file (others of the network: MIT)"
    assert other["trained_on"] == "not known for this file (others of the network: X, Y)"


def test_a_hash_hangs_on_settings_and_weights(
    channel: Channel, model_file: Write, tmp_path: Path
) -> None:
    red = channel(0)
    first = method_hash(OnnxMethod(model_file("[input]\nsize = 64"), str(red)))
    spaced = "# the same\n[input]\n\nsize    = 64"
    assert method_hash(OnnxMethod(model_file(spaced), str(red))) == first
    (tmp_path / "below").mkdir()
    moved = tmp_path / "below" / "net.onnx"
    moved.write_bytes(red.read_bytes())
    assert method_hash(OnnxMethod(model_file(spaced), str(moved))) == first
    entry = f"[[known]]\nfile='b'\nsha256='{'0' * 64}'\nsource='c'"
    assert (
        method_hash(OnnxMethod(model_file(f"{spaced}\n{entry}"), str(red))) == first
    )  # another file's entry changes nothing
    others = [
        OnnxMethod(model_file("[input]\nsize = 96"), str(red)),
        OnnxMethod(model_file("[input]\nsize = 64\nmean = [0, 0, 0.1]"), str(red)),
        OnnxMethod(model_file("[input]\nsize = 64\n[output]\nname = 'matte'"), str(red)),
        OnnxMethod(model_file("[input]\nsize = 64"), str(channel(1))),
    ]
    hashes = {method_hash(method) for method in others}
    assert first not in hashes
    assert len(hashes) == len(others)
