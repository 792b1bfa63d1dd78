"""The torch twins and the torchmetrics object against the numpy functions."""

import math
import re

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmark.metrics import batched, evaluate  # noqa: E402
from benchmark.metrics.torch_metrics import MattingMetrics  # noqa: E402

NAMES = ("sad", "mse", "grad", "conn", "mad")
OPTIONS = [
    {"region": "whole"},
    {"region": "unknown"},
    {"region": "unknown", "fill_known": True},
    {"region": "whole", "fill_known": True},
]


def batch(seed=0, shape=(3, 40, 70)):
    """Two blurred noise mattes and a trimap; the last image has no unknown pixel."""
    rng = np.random.default_rng(seed)
    alpha, alpha_gt = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    alpha[:, 10:30], alpha_gt[:, 8:30] = 255, 255
    alpha[0] = 7
    trimap = rng.choice([0, 128, 255, 127], shape).astype(np.uint8)
    trimap[-1][trimap[-1] == 128] = 0
    return alpha, alpha_gt, trimap


def assert_equals_numpy(values, arrays, options):
    for index, triple in enumerate(zip(*arrays, strict=True)):
        expected = evaluate(*triple, **options, metrics=NAMES, trimap_values="official")
        for name in NAMES:
            value = float(values[name][index])
            if name == "grad":
                assert value == pytest.approx(expected[name], rel=1e-9, abs=1e-12)
            else:
                assert value == expected[name] or (math.isnan(value) and math.isnan(expected[name]))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_each_image_scores_as_with_numpy(options, kind):
    arrays = batch()
    tensors = [torch.from_numpy(array) for array in arrays]
    if kind != "uint8":
        tensors[:2] = [tensor.to(getattr(torch, kind)) / 255 for tensor in tensors[:2]]
    values = batched.evaluate(*tensors, **options, metrics=NAMES)
    assert all(value.shape == (3,) and value.dtype == torch.float64 for value in values.values())
    assert_equals_numpy(values, arrays, options)


@pytest.mark.gpu
@pytest.mark.parametrize("options", OPTIONS)
def test_each_image_scores_on_a_gpu_as_with_numpy(options):
    arrays = batch()
    values = batched.evaluate(
        *(torch.from_numpy(array).cuda() for array in arrays), **options, metrics=NAMES
    )
    assert all(value.is_cuda for value in values.values())
    assert_equals_numpy(values, arrays, options)


def test_the_golden_cases(golden_cases):
    for case in golden_cases.values():
        if case.alpha.size > 100_000:
            continue
        for mode in ("masked", "whole", "filled"):
            arrays, options = case.arguments(mode)
            values = batched.evaluate(*(torch.from_numpy(a)[None] for a in arrays), **options)
            for name, value in values.items():
                assert float(value) == pytest.approx(
                    case.value(mode, name), rel=1e-9, abs=1e-12, nan_ok=True
                ), (case.id, mode, name)


@pytest.mark.parametrize("name", NAMES)
def test_single_functions_are_columns_of_evaluate(name):
    tensors = [torch.from_numpy(array) for array in batch(1)]
    one = getattr(batched, name)(*tensors, region="unknown")
    other = batched.evaluate(*tensors, region="unknown", metrics=(name,))[name]
    assert torch.equal(one.nan_to_num(-1), other.nan_to_num(-1))


def test_tensors_with_gradients_are_scored_and_left_alone():
    alpha = torch.rand(2, 5, 6, requires_grad=True)
    before = alpha.detach().clone()
    values = batched.evaluate(alpha, torch.zeros(2, 5, 6))
    assert not any(value.requires_grad for value in values.values())
    assert torch.equal(alpha, before)


@pytest.mark.parametrize(
    ("tensors", "options", "message"),
    [
        (
            (torch.zeros(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)),
            {},
            "alpha has shape (2, 1, 4, 4); expected (batch, height, width)",
        ),
        (
            (torch.zeros(2, 4, 4), torch.zeros(2, 4, 5)),
            {},
            "alpha_gt has shape (2, 4, 5) on cpu; expected (2, 4, 4) on cpu, as alpha has",
        ),
        (
            (torch.zeros(2, 4, 4).int(), torch.zeros(2, 4, 4)),
            {},
            "alpha has dtype torch.int32; expected torch.uint8 or floating point",
        ),
        (
            (torch.full((1, 2, 2), 2.0), torch.zeros(1, 2, 2)),
            {},
            "alpha has values from 2 to 2; expected 0 to 1",
        ),
        (
            (torch.full((1, 2, 2), math.nan), torch.zeros(1, 2, 2)),
            {},
            "alpha has values from nan to nan; expected 0 to 1",
        ),
        (
            (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)),
            {"region": "unknown"},
            'region "unknown" needs a trimap, none was given',
        ),
        (
            (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)),
            {"region": "unknown"},
            "trimap has dtype torch.float32; expected torch.uint8",
        ),
        (
            (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)),
            {"metrics": ("ssim",)},
            "there is no metric 'ssim'; expected one of sad, mse, grad, conn, mad",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(tensors, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        batched.evaluate(*tensors, **options)


def test_the_metric_object_averages_over_images():
    metric = MattingMetrics(NAMES, region="unknown")
    expected = []
    for seed in range(3):
        arrays = batch(seed)
        metric.update(*(torch.from_numpy(array) for array in arrays))
        for triple in zip(*arrays, strict=True):
            expected.append(
                evaluate(*triple, region="unknown", metrics=NAMES, trimap_values="official")
            )
    for name, value in metric.compute().items():
        mean = np.nanmean([values[name] for values in expected])
        assert float(value) == pytest.approx(mean, rel=1e-9)
    metric.reset()
    metric.update(*(torch.from_numpy(array)[-1:] for array in batch()))
    assert math.isnan(metric.compute()["mse"])
    assert float(metric.compute()["sad"]) == 0


def _score_half(rank, port, folder):
    """Score every second batch in one of two processes, then save the common result."""
    import torch.distributed as dist

    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
    metric = MattingMetrics(NAMES, region="unknown")
    for seed in range(rank, 4, 2):
        metric.update(*(torch.from_numpy(array) for array in batch(seed)))
    torch.save(metric.compute(), f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path):
    import socket
    import subprocess
    import sys

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('twins', {__file__!r})\n"
        "twins = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(twins)\n"
        f"twins._score_half(int(sys.argv[1]), {port}, {str(tmp_path)!r})\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(rank)]) for rank in (0, 1)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    alone = MattingMetrics(NAMES, region="unknown")
    for seed in range(4):
        alone.update(*(torch.from_numpy(array) for array in batch(seed)))
    for rank in (0, 1):
        together = torch.load(tmp_path / f"{rank}.pt")
        for name, value in alone.compute().items():
            assert float(together[name]) == pytest.approx(float(value), rel=1e-12)
