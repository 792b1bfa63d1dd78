"""Trimaps and layers that samples carry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from distinctions646.trimap import make_trimap
from hattmatting.samples.planes import SamplesWithPlanes, to_batch
from hattmatting.samples.samples import Batches, Request, Samples, Sources
from hattmatting.training.feed import load, unpack

CPU = torch.device("cpu")
RULE = "gca-random/v1"


@pytest.fixture
def samples(sources: Path) -> Samples:
    return Samples(Sources(sources), "paper", seed=3)


def test_every_sample_draws_its_trimap_anew(samples: Samples) -> None:
    """Six foregrounds: samples 0 and 6 to 11 show the same ones, with other trimaps' widths."""
    carrying = SamplesWithPlanes(samples, RULE, layers=False, seed=3)
    widths = set()
    for number in range(12):
        image, alpha, _, planes = carrying[Request(number, 40, 0.0)]
        trimap = planes["trimap"]
        expected = make_trimap(alpha[0].numpy(), RULE, image_id=str(number), seed=3)
        assert np.array_equal(trimap[0].numpy(), expected)
        assert torch.equal(image, samples[Request(number, 40, 0.0)][0])
        widths.add(int((trimap == 128).sum()))
    assert len(widths) > 6


def test_trimaps_do_not_hang_on_batch_or_workers(samples: Samples) -> None:
    carrying = SamplesWithPlanes(samples, RULE, layers=True, seed=3)

    def made(workers: int, process: int = 0, processes: int = 1) -> dict[int, torch.Tensor]:
        batches = Batches(2, 4, ((1.0, 32),), 1.0, 0.0, 0, process, processes)
        found: dict[int, torch.Tensor] = {}
        for loaded in load(carrying, batches, "loader", workers, CPU):
            batch = unpack(loaded, CPU)
            assert batch.trimap is not None
            found |= {number: batch.trimap[k] for k, number in enumerate(batch.numbers)}
        return found

    alone = made(0)
    assert sorted(alone) == list(range(8))
    for other in (made(1), made(0, 0, 2) | made(0, 1, 2)):
        assert all(torch.equal(alone[number], other[number]) for number in alone)


def test_layers_compose_to_the_image(samples: Samples) -> None:
    """At the window's own side nothing is resized: α·F + (1 - α)·B is the image, rounded."""
    carrying = SamplesWithPlanes(samples, None, layers=True, seed=3)
    for number in range(4):
        image, alpha, numbers, planes = carrying[Request(number, 40, 0.0)]
        assert set(planes) == {"foreground", "background"}
        batch = to_batch(
            image[None], alpha[None], [numbers], {n: p[None] for n, p in planes.items()}, CPU
        )
        assert batch.foreground is not None
        assert batch.background is not None
        composed = batch.alpha * batch.foreground + (1 - batch.alpha) * batch.background
        assert float((composed - batch.image).abs().max()) <= 1 / 255 + 1e-6


def test_unknown_is_where_the_trimap_is_grey() -> None:
    planes = {"trimap": torch.tensor([0, 128, 255, 128], dtype=torch.uint8).view(1, 1, 2, 2)}
    zeros = torch.zeros(1, 3, 2, 2, dtype=torch.uint8)
    batch = to_batch(zeros, zeros[:, :1], [0], planes, CPU)
    assert batch.trimap is not None
    assert batch.trimap.flatten().tolist() == [0.0, 0.5, 1.0, 0.5]
    assert batch.unknown.flatten().tolist() == [0.0, 1.0, 0.0, 1.0]
