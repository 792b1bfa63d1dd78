"""Training from a virtual dataset: its composites, cropped, once an epoch, whatever the workers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from distinctions646.build.building import main as build
from hattmatting.model import config as model_config
from hattmatting.model.config import HAttConfig
from hattmatting.recipes import PRESETS
from hattmatting.samples.device_compose import compose, pack
from hattmatting.samples.samples import Batches, Request
from hattmatting.samples.virtual_data import VirtualSamples
from hattmatting.training.loop import train
from hattmatting.training.run import Run

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


@pytest.fixture
def dataset(sources: Path, tmp_path: Path) -> Path:
    """Twelve composites: six discs over two of six backgrounds each."""
    for number in range(3, 12):
        scene = sources / "backgrounds" / f"noise_{number % 3}.png"
        (sources / "backgrounds" / f"noise_{number}.png").write_bytes(scene.read_bytes())
    out = tmp_path / "virtual"
    assert (
        build(
            [
                "--dataset",
                "custom",
                "--foregrounds",
                str(sources / "foregrounds"),
                "--backgrounds",
                str(sources / "backgrounds"),
                "--per-foreground",
                "2",
                "--split",
                "train",
                "--write",
                "virtual",
                "--out",
                str(out),
            ]
        )
        == 0
    )
    return out


def test_samples_are_windows_of_the_composites(dataset: Path, sources: Path) -> None:
    """The crops are the pictures' shorter side, 40 pixels: at that size nothing is resized."""
    samples = VirtualSamples(dataset, "train", sources / "backgrounds", seed=3)
    assert len(samples) == 12
    seen = set()
    for number in range(12):
        image, alpha, again = samples[Request(number, 40, 0.0)]
        assert again == number
        name = samples.describe(number)
        seen.add(name)
        sample = next(s for s in samples.opened.samples if s.id == name)
        whole, matte = sample.image().transpose(2, 0, 1), sample.alpha_u8()
        windows = [(whole[..., x : x + 40], matte[:, x : x + 40]) for x in range(9)]
        windows += [(one[..., ::-1], two[:, ::-1]) for one, two in windows]
        pair = (image.numpy(), alpha[0].numpy())
        assert any(all(map(np.array_equal, pair, window)) for window in windows)
    assert len(seen) == 12


def test_device_makes_the_loaders_samples(dataset: Path, sources: Path) -> None:
    samples = VirtualSamples(dataset, "train", sources / "backgrounds", seed=3)
    requests = [Request(number, 40, 0.0) for number in range(24)]
    windows = pack([(samples.window(one.number), one) for one in requests])
    image, alpha = compose(windows, torch.device("cpu"))
    for request in requests:
        expected = samples[request]
        assert torch.equal(image[request.number], expected[0])
        assert torch.equal(alpha[request.number], expected[1])


def test_workers_and_epochs_ahead_do_not_matter(dataset: Path, sources: Path) -> None:
    """Workers fetch across the border of two epochs; each sample must be of its own."""
    batches = list(Batches(6, 5, ((1.0, 24),), 1.0, 0.0, 0))
    backgrounds = sources / "backgrounds"
    alone = VirtualSamples(dataset, "train", backgrounds, seed=3)
    expected = [alone[request][0] for batch in reversed(batches) for request in reversed(batch)]
    samples = VirtualSamples(dataset, "train", backgrounds, seed=3)
    loader = DataLoader(samples, batch_sampler=batches, num_workers=2)
    found = torch.cat([image for image, _, _ in loader])
    assert torch.equal(found.flip(0), torch.stack(expected))


@pytest.mark.parametrize("where", ["loader", "device"])
def test_trains_and_knows_its_data(
    where: str, dataset: Path, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(model_config.PRESETS, "small", SMALL)
    config = dataclasses.replace(
        PRESETS["paper"], compose=where, model="small", epochs=1, batch=4, stages=((1.0, 32),)
    )
    run = Run(
        tmp_path / "out",
        dataset=dataset,
        backgrounds=sources / "backgrounds",
        device="cpu",
        workers=0,
    )
    card = (train(config, run) / "README.md").read_text()
    assert "3 of 3 steps of 4 samples" in card
    root = VirtualSamples(dataset, "train", sources / "backgrounds", 0).opened.identity
    assert f"custom train {root}" in card
    with pytest.raises(ValueError, match="samples in the style 'salient' are made from sources"):
        train(dataclasses.replace(config, compose="loader", style="salient"), run)
    with pytest.raises(ValueError, match="sources and dataset: expected one of them"):
        train(config, dataclasses.replace(run, sources=sources))
