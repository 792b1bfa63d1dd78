"""Training samples: a function of seed and index, and the official composite where it says so."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from distinctions646.compose.composite import composite, fit_background
from hattmatting.samples.augment import place
from hattmatting.samples.crops import Crops
from hattmatting.samples.device_augment import vary_colour
from hattmatting.samples.samples import Batches, Request, Samples, Sources
from hattmatting.training.feed import load


@pytest.mark.parametrize("style", ["paper", "salient"])
def test_sample_depends_on_seed_and_index_alone(sources: Path, style: str) -> None:
    one, two = (Samples(Sources(sources), style, seed=7) for _ in range(2))
    request = Request(number=4, size=32, distractors=0.5)
    two[Request(9, 32, 0.5)]  # another sample in between must not matter
    for first, second in zip(one[request][:2], two[request][:2], strict=True):
        assert torch.equal(first, second)
    other = Samples(Sources(sources), style, seed=8)[request]
    assert not torch.equal(one[request][0], other[0])


@pytest.mark.parametrize("style", ["paper", "salient"])
def test_sample_shapes(sources: Path, style: str) -> None:
    image, alpha, number = Samples(Sources(sources), style, seed=1)[Request(0, 24, 1.0)]
    assert number == 0
    assert (image.shape, image.dtype) == ((3, 24, 24), torch.uint8)
    assert (alpha.shape, alpha.dtype) == ((1, 24, 24), torch.uint8)
    assert int(alpha.max()) > 200
    assert int(alpha.min()) == 0


def test_every_foreground_once_an_epoch(sources: Path) -> None:
    samples = Samples(Sources(sources), "salient", seed=1)
    for epoch in range(3):
        seen = [samples.describe(6 * epoch + place) for place in range(6)]
        assert len(set(seen)) == 6


def test_paper_style_is_the_official_composite(sources: Path) -> None:
    """At the crop's own size nothing is resampled: the sample is a window of the composite."""
    known = Sources(sources)
    samples = Samples(known, "paper", seed=3)
    image, alpha, _ = samples[Request(2, 40, 0.0)]
    rgba = known.foreground(samples._foreground_of(2))
    found = False
    for path in known.backgrounds:
        background = fit_background(known.background(path), 40, 48)
        whole = composite(np.ascontiguousarray(rgba[..., :3]), rgba[..., 3], background)
        for left in range(9):
            window = whole[:, left : left + 40]
            matte = rgba[:, left : left + 40, 3]
            for candidate, truth in ((window, matte), (window[:, ::-1], matte[:, ::-1])):
                same = np.array_equal(candidate.transpose(2, 0, 1), image.numpy())
                found |= same and np.array_equal(truth, alpha[0].numpy())
    assert found


def test_window_looks_for_an_edge() -> None:
    """A lone opaque corner of a large matte: ten draws find it far oftener than one."""
    rgba = np.zeros((2000, 2000, 4), np.uint8)
    rgba[:700, :700, 3] = 255
    rng = np.random.Generator(np.random.Philox(key=[1, 2]))
    mixed = 0
    for _ in range(20):
        box, part = Crops().draw_window(
            (2000, 2000),
            lambda box: rgba[box[0] : box[0] + box[2], box[1] : box[1] + box[3]],
            None,
            rng,
        )
        assert part.shape[:2] == box[2:]
        assert box[2] in {512, 640, 800}
        mixed += np.ptp(part[..., 3]) > 0
    assert mixed >= 18


def test_place_fills_the_asked_extent() -> None:
    rgba = np.zeros((50, 50, 4), np.uint8)
    rgba[10:40, 20:30] = (200, 100, 50, 255)
    rng = np.random.Generator(np.random.Philox(key=[1, 3]))
    colour, alpha = place(rgba, (100, 100), rng, 0.6, np.array([0.5, 0.5]), 0.0)
    rows = np.flatnonzero(alpha.max(axis=1) > 0.5)
    assert 50 <= len(rows) <= 72  # 60, stretched by a few per cent
    assert np.allclose(colour[50, 50], [200 / 255, 100 / 255, 50 / 255], atol=0.01)


def test_batches_start_anywhere() -> None:
    stages = ((0.5, 16), (1.0, 32))
    whole = list(Batches(8, 2, stages, 0.75, 0.3, first=0))
    rest = list(Batches(8, 2, stages, 0.75, 0.3, first=5))
    assert rest == whole[5:]
    assert [batch[0].size for batch in whole] == [16] * 4 + [32] * 4
    assert [batch[0].distractors for batch in whole] == [0.0] * 6 + [0.3] * 2
    assert [request.number for batch in whole for request in batch] == list(range(16))


def test_workers_start_after_opencv_has_used_its_threads(sources: Path) -> None:
    """As the previews do, drawn before the loader starts; the workers would wait for ever."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    cv2.setNumThreads(2)
    small = np.zeros((300, 300, 3), np.uint8)
    for _ in range(3):
        cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR)
        time.sleep(0.05)
    samples = Samples(Sources(sources), "paper", seed=1)
    batches = Batches(1, 2, ((1.0, 16),), 1.0, 0.0, 0)
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(60)
    try:
        (batch,) = load(samples, batches, "loader", 1, torch.device("cpu"))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert batch[0].shape == (2, 3, 16, 16)


def test_processes_share_out_every_batch() -> None:
    stages = ((1.0, 16),)
    whole = list(Batches(3, 4, stages, 1.0, 0.0, first=1))
    parts = [list(Batches(3, 4, stages, 1.0, 0.0, 1, process, 2)) for process in range(2)]
    assert [one + two for one, two in zip(*parts, strict=True)] == whole
    with pytest.raises(ValueError, match="batch is 4; expected a multiple of the 3 processes"):
        Batches(3, 4, stages, 1.0, 0.0, 0, 0, 3)


def test_colours_on_the_device_hang_on_the_sample_alone() -> None:
    image = torch.rand(3, 3, 4, 5, generator=torch.Generator().manual_seed(1))
    varied = vary_colour(image, [5, 6, 7], seed=2, strength=0.2)
    assert torch.allclose(varied[1:2], vary_colour(image[1:2], [6], seed=2, strength=0.2))
    assert not torch.allclose(varied[1:2], vary_colour(image[1:2], [9], seed=2, strength=0.2))
    assert 0 <= varied.min().item() <= varied.max().item() <= 1
    assert torch.allclose(vary_colour(image, [5, 6, 7], seed=2, strength=0.0), image)


def test_missing_sources(tmp_path: Path) -> None:
    with pytest.raises((ValueError, OSError), match="foregrounds"):
        Sources(tmp_path)


def test_unknown_style(sources: Path) -> None:
    with pytest.raises(
        ValueError, match="style is 'fancy'; expected 'paper', 'salient' or 'framed'"
    ):
        Samples(Sources(sources), "fancy", 0)
