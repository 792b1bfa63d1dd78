"""Samples made on the device: the official composite, the loader's samples, whatever the batch."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from distinctions646.compose.composite import PRESETS as COMPOSITING
from distinctions646.compose.composite import composite
from distinctions646.images.png import write_png
from hattmatting.model import config as model_config
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.samples.device_compose import blend, compose, pack, resize
from hattmatting.samples.samples import Batches, Request, Samples, Sources, resize_square
from hattmatting.training.feed import load, unpack
from hattmatting.training.loop import train
from hattmatting.training.run import Run

CPU = torch.device("cpu")
Made = tuple[torch.Tensor, torch.Tensor]


@pytest.mark.parametrize("preset", COMPOSITING)
def test_composites_are_equal_to_the_bit(preset: str) -> None:
    """Among them equal layers, where double precision cuts some values off one too low."""
    rng = np.random.RandomState(1)
    rgba, background = (rng.randint(0, 256, (256, 300, n)).astype(np.uint8) for n in (4, 3))
    rgba[:, :, 3] = np.arange(256)[:, None]
    background[:, ::2] = rgba[:, ::2, :3]
    expected = composite(rgba[..., :3], rgba[..., 3], background, preset)
    if preset == "adobe":
        assert (expected[:, ::2] < background[:, ::2]).any()
    found = blend(torch.from_numpy(rgba), torch.from_numpy(background), preset)
    assert np.array_equal(found.numpy(), expected)


@pytest.mark.parametrize(
    ("side", "size", "apart"),
    [
        (800, 512, 0.0),
        (640, 512, 0.0),
        (512, 512, 0.0),
        (700, 512, 1e-4),
        (512, 128, 0.0),
        (333, 96, 1e-3),
        (512, 256, 0.15),
        (300, 512, 0.15),
        (40, 64, 0.15),
    ],
)
def test_resizing_is_opencvs(side: int, size: int, apart: float) -> None:
    """At most a level; none from the paper's crops to its size. Doubled sizes have ties."""
    pixels = np.random.RandomState(side).randint(0, 256, (side, side, 4)).astype(np.uint8)
    found = resize(torch.from_numpy(pixels).permute(2, 0, 1), size).permute(1, 2, 0).numpy()
    expected = np.dstack(
        [
            resize_square(np.ascontiguousarray(pixels[..., :3]), size),
            resize_square(np.ascontiguousarray(pixels[..., 3]), size),
        ]
    )
    difference = np.abs(found.astype(int) - expected)
    assert difference.max() <= 1
    assert (difference > 0).mean() <= apart


def on_device(samples: Samples, requests: list[Request]) -> Made:
    return compose(pack([(samples.window(one.number), one) for one in requests]), CPU)


def by_loader(samples: Samples, requests: list[Request]) -> Made:
    made = [samples[request] for request in requests]
    return torch.stack([image for image, _, _ in made]), torch.stack(
        [alpha for _, alpha, _ in made]
    )


def test_samples_are_the_loaders(sources: Path) -> None:
    """The same pair, window and flip; at the windows' own size, 40 pixels, nothing differs."""
    samples = Samples(Sources(sources), "paper", seed=3)
    for size, most in ((40, 0), (32, 1), (48, 1)):
        requests = [Request(number, size, 0.0) for number in range(12)]
        for found, expected in zip(
            on_device(samples, requests), by_loader(samples, requests), strict=True
        ):
            assert (found.shape, found.dtype) == (expected.shape, torch.uint8)
            assert (found.int() - expected.int()).abs().max() <= most
    assert len({samples.window(number).mirrored for number in range(12)}) == 2


def test_windows_of_several_sizes_in_one_batch(tmp_path: Path) -> None:
    rng = np.random.RandomState(2)
    for name, height, width, channels in (
        ("foregrounds/large", 830, 900, 4),
        ("foregrounds/small", 90, 120, 4),
        ("backgrounds/noise", 200, 300, 3),
    ):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        write_png(path, rng.randint(0, 256, (height, width, channels)).astype(np.uint8))
    samples = Samples(Sources(tmp_path), "paper", seed=1)
    requests = [Request(number, 512, 0.0) for number in range(16)]
    sides = pack([(samples.window(one.number), one) for one in requests]).sides
    assert set(sides) == {90, 512, 640, 800}
    pairs = zip(on_device(samples, requests), by_loader(samples, requests), strict=True)
    for found, expected in pairs:
        apart = (found.int() - expected.int()).abs().flatten(1).max(1).values
        assert all(value <= (side == 90) for value, side in zip(apart, sides, strict=True))


def test_sample_does_not_hang_on_its_batch_or_workers(sources: Path) -> None:
    samples = Samples(Sources(sources), "paper", seed=3)

    def made(workers: int, processes: int = 1) -> dict[int, tuple[torch.Tensor, ...]]:
        found = {}
        for process in range(processes):
            batches = Batches(3, 4, ((0.5, 24), (1.0, 64)), 1.0, 0.0, 0, process, processes)
            for batch in load(samples, batches, "device", workers, CPU):
                image, alpha, numbers, *_ = unpack(batch, CPU)
                found |= {n: (image[k], alpha[k]) for k, n in enumerate(numbers)}
        return found

    alone = made(0)
    assert sorted(alone) == list(range(12))
    for other in (made(2), made(0, processes=2)):
        assert sorted(other) == sorted(alone)
        for number, pair in alone.items():
            assert all(map(torch.equal, pair, other[number]))


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> HAttRecipe:
    small = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
    monkeypatch.setitem(model_config.PRESETS, "small", small)
    return dataclasses.replace(
        PRESETS["paper"], compose="device", model="small", steps=6, batch=2, stages=((1.0, 32),)
    )


def run_in(folder: Path, sources: Path) -> Run:
    return Run(folder, sources, device="cpu", workers=0, checkpoint_every=2)


def test_resume_gives_equal_weights(config: HAttRecipe, sources: Path, tmp_path: Path) -> None:
    whole = train(config, run_in(tmp_path / "whole", sources))
    interrupted = run_in(tmp_path / "interrupted", sources)
    train(config, interrupted, stop_after=3)
    resumed = train(config, interrupted)
    first, second = (load_file(folder / "model.safetensors") for folder in (whole, resumed))
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert len(list((tmp_path / "whole" / "previews").iterdir())) == 3
    with pytest.raises(ValueError, match=r"another configuration .*compose 'device', now 'loader'"):
        train(dataclasses.replace(config, compose="loader"), interrupted)


def test_not_a_number_names_the_sample(
    config: HAttRecipe, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of two predictions is spoilt."""
    forward = HAttMatting.forward
    factor = torch.tensor([1.0, float("nan")]).view(2, 1, 1, 1)
    monkeypatch.setattr(HAttMatting, "forward", lambda self, image: forward(self, image) * factor)
    name = Samples(Sources(sources), "paper", config.seed).describe(1)
    with pytest.raises(ValueError, match=rf"the loss is nan; samples: {name} \(no\. 1\);"):
        train(config, run_in(tmp_path / "out", sources))
