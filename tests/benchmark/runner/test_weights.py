"""``--weights``: a file for each method by its name, one file alone for a single method."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Constant
from benchmark.run import parse_args
from benchmark.runner.config import RunConfig
from benchmark.runner.weights import assign_weights

METHODS = ["dim", "onnx:isnet", "onnx:nets/a=b.toml", "folder:mattes"]


class Grey(Constant):
    """Alpha of one grey, which its weights are the text of."""

    name = "grey"

    def __init__(self, weights: str | None = None) -> None:
        if weights is None:
            raise ValueError("grey wants weights")
        self.grey = float(Path(weights).read_text())
        self.card = Constant.card | {"weights": f"{self.grey}"}

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        return np.full(image.shape[:2], self.grey, np.float32)


class Dark(Grey):
    """Another method of its own file."""

    name = "dark"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, {}),
        ((), {}),
        (["dim=a.pth"], {"dim": "a.pth"}),
        (["onnx:isnet=x/y=z.onnx", "dim=a"], {"onnx:isnet": "x/y=z.onnx", "dim": "a"}),
        (["onnx:nets/a=b.toml=c.onnx"], {"onnx:nets/a=b.toml": "c.onnx"}),
        ({"dim": "a.pth"}, {"dim": "a.pth"}),
    ],
)
def test_by_name(given, expected):
    assert assign_weights(given, METHODS) == expected


@pytest.mark.parametrize("given", ["runs/lr=1e-4/model", ["hustvl/vitmatte-small-composition-1k"]])
def test_one_method_needs_no_name(given):
    (weights,) = [given] if isinstance(given, str) else given
    assert assign_weights(given, ["vitmatte", "folder:mattes"]) == {"vitmatte": weights}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a.pth"], r"does not say whose it is: there are 3 methods, dim, onnx:isnet, .*dim=FILE"),
        (["dmi=a.pth"], r"names dmi, which is not in --method; did you mean dim\?"),
        (["dim=a", "dim=b"], r"two files for dim: a and b"),
        (["dim="], r"names no file; expected dim=FILE"),
        ({"knn": "a"}, r"names knn, which is not in --method"),
        (["dim=a", "b.pth"], r"b\.pth does not say whose"),
    ],
)
def test_mistakes(given, message):
    with pytest.raises(ValueError, match=message):
        assign_weights(given, METHODS)


def test_a_mistake_is_told_before_anything_is_opened(capsys):
    with pytest.raises(SystemExit) as end:
        parse_args(["--method", "dim", "indexnet", "--weights", "a.pth"])
    assert end.value.code == 2
    assert "expected dim=FILE indexnet=FILE" in capsys.readouterr().err


def test_each_method_gets_its_file(
    dataset: Path, tmp_path: Path, start: Callable[..., int], only: Callable[[Path, str], Path]
) -> None:
    specs = {name: f"{__name__}:{name.title()}" for name in ("grey", "dark")}
    for name, grey in (("grey", "0.75"), ("dark", "0.25")):
        (tmp_path / name).write_text(grey)
    weights = [f"{spec}={tmp_path / name}" for name, spec in specs.items()]
    out = tmp_path / "runs"
    assert start(dataset, out, "--method", *specs.values(), "--weights", *weights) == 0
    cards = {name: json.loads((only(out, name) / "run.json").read_text()) for name in specs}
    assert cards["grey"]["method_card"]["weights"] == "0.75"
    assert cards["dark"]["method_card"]["weights"] == "0.25"
    assert cards["dark"]["config"]["weights"] == {spec: name for name, spec in specs.items()}


def test_the_record_has_no_folders():
    config = RunConfig(("dim",), (Path("mini"),), weights=("dim=/home/me/a.pth",))
    assert config.record()["weights"] == {"dim": "a.pth"}
