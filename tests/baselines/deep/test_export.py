"""A network exported to ONNX and run back through ``onnx:`` gives equal mattes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.deep import export
from baselines.deep.checkpoints import save_network
from baselines.deep.network_method import NetworkMethod
from baselines.onnx.method import OnnxMethod

from .synthetic import METHODS, make_scene, smallest

pytest.importorskip("onnxscript")


def save_fresh(name: str, folder: Path) -> NetworkMethod:
    """Return a method with weights as training starts from, whose alpha is between 0 and 1."""
    torch.manual_seed(1)
    kind = METHODS[name]
    save_network(kind.build(smallest(kind)), kind.network_name, folder, card={"licence": "MIT"})
    return kind(str(folder))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dim", "late-fusion"])
def test_exported_networks_give_equal_mattes(name: str, tmp_path: Path) -> None:
    """At sizes of whole multiples of 32, and at others, which are padded."""
    method = save_fresh(name, tmp_path / "net")
    weights = str(tmp_path / "net")
    options = ["--method", name, "--weights", weights, "--out", str(tmp_path / "net.onnx")]
    assert export.main(options) == 0
    exported = OnnxMethod(str(tmp_path / "net.toml"))
    assert exported.needs_trimap == method.needs_trimap
    assert exported.card["parameters"] == method.card["parameters"]
    for size in ((64, 96), (70, 101), (160, 128)):
        image, trimap = make_scene(*size)
        given = trimap if method.needs_trimap else None
        expected, _ = method(image, given)
        alpha, _ = exported(image, given)
        assert expected[trimap == 128].std() > 0.01
        assert np.allclose(alpha, expected, atol=1e-5)


def test_the_model_file_says_what_the_method_does(
    small_method: Callable[[str], NetworkMethod], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`onnx:` reads it; above the size that the method cuts into tiles, pictures are reduced."""
    from baselines.onnx.model_file.reading import read_model_file

    monkeypatch.setattr(export, "export_onnx", lambda network, path, inputs: path.touch())
    for name, encode in (("dim", ("raw",)), ("fba", ("distances", "two")), ("late-fusion", ())):
        model = read_model_file(export.export_method(small_method(name), tmp_path / f"{name}.onnx"))
        assert model.trimap.encode == encode
        assert model.weights == tmp_path / f"{name}.onnx"
        side = small_method(name).longest or int(small_method(name).largest_pixels ** 0.5)
        assert (model.input.side, model.input.when) == (side, "larger")
    assert model.input.size == "long"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--method", "closed-form", "--out", "a.onnx"), "closed-form is no learned method"),
        (("--method", "dmi", "--out", "a.onnx"), r"did you mean dim\?"),
        (("--method", "dim", "--out", "a.pt"), r"expected a name that ends in \.onnx"),
    ],
)
def test_mistakes(
    options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main([*options, "--weights", "x"]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_a_method_of_other_mattes_cannot_be_exported(
    small_method: Callable[[str], NetworkMethod], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="dcnn: starts from the mattes of closed-form and knn"):
        export.export_method(small_method("dcnn"), tmp_path / "a.onnx")
