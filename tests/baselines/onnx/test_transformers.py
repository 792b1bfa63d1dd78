"""A ViTMatte of transformers, small and random, exported and run back as its public files are."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.onnx.method import OnnxMethod

pytestmark = pytest.mark.slow
STATISTICS = {
    "vitmatte-xenova": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "vitmatte-xenova-half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
}


@pytest.fixture(scope="module")
def network() -> Any:
    """Return a network with 4 input channels whose mattes are not all alike."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    backbone = transformers.VitDetConfig(
        hidden_size=32,
        num_attention_heads=2,
        num_hidden_layers=2,
        num_channels=4,
        image_size=64,
        pretrain_image_size=64,
        patch_size=16,
        window_size=2,
        window_block_indices=[0],
        residual_block_indices=[1],
        use_relative_position_embeddings=True,
        out_features=["stage2"],
    )
    config = transformers.VitMatteConfig(
        backbone_config=backbone,
        hidden_size=32,
        convstream_hidden_sizes=[8, 12, 16],
        fusion_hidden_sizes=[32, 16, 8, 4],
    )
    model = transformers.VitMatteForImageMatting(config).eval()
    with torch.no_grad():
        for weight in model.decoder.parameters():
            weight.normal_(0, 0.3)
    return model


@pytest.fixture(scope="module")
def exported(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the network as an ONNX file with free height and width."""
    import torch

    for name in ("onnx", "onnxruntime"):
        pytest.importorskip(name)

    class Alphas(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = network

        def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
            alphas: torch.Tensor = self.model(pixel_values=pixel_values).alphas
            return alphas

    path = tmp_path_factory.mktemp("vitmatte") / "model.onnx"
    free = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Alphas().eval(),
            (torch.rand(1, 4, 96, 64),),
            str(path),
            opset_version=17,
            input_names=["pixel_values"],
            output_names=["alphas"],
            dynamo=False,
            dynamic_axes={"pixel_values": free, "alphas": free},
        )
    return path


def test_every_way_of_preparing_pictures(
    network: Any, exported: Path, picture: Any, trimap: Any
) -> None:
    """Equal to torch on a size that was not traced; the three public ways give three mattes."""
    import torch

    mattes = {}
    for name, (mean, std) in STATISTICS.items():
        pixels = (picture / 255 - mean) / std
        channels = np.dstack([pixels, np.where(trimap == 128, 0.5, trimap / 255)])
        padded = np.pad(channels, ((0, 24), (0, 4), (0, 0))).astype(np.float32)
        with torch.inference_mode():
            tensor = torch.from_numpy(padded).permute(2, 0, 1)[None]
            expected = network(pixel_values=tensor).alphas[0, 0, :40, :60].numpy()
        mattes[name], notes = OnnxMethod(name, str(exported))(picture, trimap)
        assert notes == {"network_input": "64×64"}
        assert np.ptp(expected) > 0.01
        assert np.abs(mattes[name] - expected).max() < 1e-5
    first, second = mattes.values()
    assert np.abs(first - second).max() > 1e-3


def test_fixed_to_a_square_as_rembg_has_it(exported: Path, model_file: Any) -> None:
    """The free export runs under rembg's preparation, too, here at 64² for time's sake."""
    path = model_file("base = 'vitmatte-rembg'\n[input]\nsize = 64")
    image = np.random.default_rng(1).integers(0, 256, (30, 400, 3), dtype=np.uint8)
    trimap = np.full((30, 400), 128, np.uint8)
    alpha, notes = OnnxMethod(path, str(exported))(image, trimap)
    assert notes == {"network_input": "64×64"}
    assert alpha.shape == (30, 400)
    assert np.allclose(alpha * 255, np.round(alpha * 255), atol=1e-4)
