"""The torch metrics on a device without float64, as Apple's MPS is; there is none here, so one is
simulated: its tensors say that they are on ``mps`` and refuse to become float64, as MPS does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from benchmark.metrics import batched, evaluate
from benchmark.metrics.torch_metrics import MattingMetrics

NAMES = ("sad", "mse", "mad", "grad", "conn")
REFUSAL = (
    "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64"
)


class SinglePrecision(torch.Tensor):
    """A tensor of the simulated device; only `cpu` takes it off that device."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return torch.device("mps")

    def cpu(self) -> torch.Tensor:  # type: ignore[override]
        return self.as_subclass(torch.Tensor)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        given = (*args, *(kwargs or {}).values())
        if function is torch.Tensor.double or any(each is torch.float64 for each in given):
            raise TypeError(REFUSAL)
        return super().__torch_function__(function, types, args, kwargs)


def to_device(tensor: torch.Tensor) -> torch.Tensor:
    """Put a tensor on the simulated device."""
    if tensor.dtype == torch.float64:
        raise TypeError(REFUSAL)
    return tensor.as_subclass(SinglePrecision)


def batch() -> list[np.ndarray]:
    """Return mattes, truths and trimaps of two images."""
    random = np.random.default_rng(3)
    mattes = random.integers(0, 256, (2, 2, 20, 24), np.uint8)
    return [*mattes, random.choice(np.array([0, 128, 255], np.uint8), (2, 20, 24))]


def test_the_device_is_as_strict_as_the_real_one() -> None:
    tensor = to_device(torch.ones(3))
    assert tensor.device.type == "mps"
    assert type(tensor.cpu()) is torch.Tensor
    for convert in (tensor.double, lambda: tensor.to(torch.float64)):
        with pytest.raises(TypeError, match="float64"):
            convert()


@pytest.mark.parametrize("region", ["whole", "unknown"])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_numbers_are_those_of_a_processor(region: Any, kind: type) -> None:
    alpha, alpha_gt, trimap = batch()
    if kind is np.float32:
        alpha, alpha_gt = (matte.astype(kind) / np.float32(255) for matte in (alpha, alpha_gt))
    tensors = [to_device(torch.from_numpy(array)) for array in (alpha, alpha_gt, trimap)]
    scores = batched.evaluate(*tensors, region=region, metrics=NAMES)
    for image in range(2):
        expected = evaluate(
            alpha[image], alpha_gt[image], trimap[image], region=region, metrics=NAMES
        )
        for name, value in expected.items():
            assert float(scores[name][image]) == pytest.approx(value, rel=1e-9)
            assert scores[name].dtype == torch.float64


def test_the_metric_object_moves_without_its_sums() -> None:
    alpha, alpha_gt, _ = batch()
    metric = MattingMetrics(NAMES)
    metric._apply(to_device)  # what `metric.to("mps")` does
    assert type(metric.total) is type(metric.images) is torch.Tensor
    metric.update(*(to_device(torch.from_numpy(array)) for array in (alpha, alpha_gt)))
    expected = [evaluate(*pair, metrics=NAMES) for pair in zip(alpha, alpha_gt, strict=True)]
    for name, value in metric.compute().items():
        assert float(value) == pytest.approx(np.mean([each[name] for each in expected]), rel=1e-9)
