"""Trimaps and layers that samples carry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from distinctions646.images.png import write_png
from distinctions646.trimap import make_trimap
from hattmatting.samples.crops import Crops
from hattmatting.samples.planes import SamplesWithPlanes, to_batch
from hattmatting.samples.samples import Batches, Request, Samples, Sources, place_in_epoch
from hattmatting.training.feed import load, unpack

CPU = torch.device("cpu")
RULE = "gca-random/v1"


@pytest.fixture
def samples(sources: Path) -> Samples:
    return Samples(Sources(sources), "paper", seed=3, crops=Crops(trimap=RULE))


def alpha_of(samples: Samples, number: int) -> np.ndarray:
    place = place_in_epoch(samples.seed, number, len(samples))[1]
    alpha: np.ndarray = samples.sources.foreground(samples.sources.foregrounds[place])[..., 3]
    return alpha


def cut(plane: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    top, left, height, width = box
    part: np.ndarray = plane[top : top + height, left : left + width]
    return part


def test_every_sample_draws_its_trimap_anew(samples: Samples) -> None:
    """Six foregrounds: samples 0 and 6 to 11 show the same ones, with other trimaps' widths.

    A sample shows a window of 40 pixels of 40×48: its trimap is part of the whole picture's.
    """
    carrying = SamplesWithPlanes(samples, layers=False)
    widths = set()
    for number in range(12):
        image, _, _, planes = carrying[Request(number, 40, 0.0)]
        trimap = planes["trimap"][0].numpy()
        whole = make_trimap(alpha_of(samples, number), RULE, image_id=str(number), seed=3)
        parts = [whole[:, left : left + 40] for left in range(9)]
        assert any(np.array_equal(trimap, each) for part in parts for each in (part, part[:, ::-1]))
        assert torch.equal(image, samples[Request(number, 40, 0.0)][0])
        widths.add(int((trimap == 128).sum()))
    assert len(widths) > 6


def test_an_object_placed_anew_has_a_trimap_of_its_own(sources: Path) -> None:
    samples = Samples(Sources(sources), "salient", 3, Crops(trimap="dilate-60/v1"))
    _, alpha, _, planes = SamplesWithPlanes(samples, layers=False)[Request(4, 64, 0.0)]
    expected = make_trimap(alpha[0].numpy(), "dilate-60/v1", image_id="4", seed=3)
    assert np.array_equal(planes["trimap"][0].numpy(), expected)


def test_radii_are_those_of_the_whole_picture(tmp_path: Path) -> None:
    """A window of 64 pixels of 1500 has the band that the rule gives 1500 pixels, not 64."""
    for kind, channels in (("foregrounds", 4), ("backgrounds", 3)):
        (tmp_path / kind).mkdir()
        pixels = np.full((1500, 1500, channels), 200, np.uint8)
        pixels[:, :700, 3:] = 0
        pixels[:, 700:, 3:] = 255
        write_png(tmp_path / kind / "a.png", pixels)
    samples = Samples(Sources(tmp_path), "paper", 0, Crops((64,), "unknown", "dilate-12/v1"))
    planes = SamplesWithPlanes(samples, layers=False)[Request(0, 64, 0.0)][3]
    assert int((planes["trimap"][0] == 128).sum(1).max()) == 24


@pytest.mark.parametrize("around", ["unknown", "transition"])
def test_windows_lie_around_what_is_asked_for(around: str) -> None:
    """A dot in a large picture; the window's middle is on it, but at the picture's border."""
    rgba = np.zeros((300, 400, 4), np.uint8)
    rgba[2, 200, 3] = 99
    rng = np.random.Generator(np.random.Philox(key=[1, 2]))
    trimap = Crops(trimap="dilate-1/v1").draw_trimap(lambda: rgba[..., 3], 0, 0)
    crops = Crops((40, 60), around)
    for _ in range(8):
        box, part = crops.draw_window((300, 400), lambda box: cut(rgba, box), trimap, rng)
        top, left, side, _ = box
        assert top == 0
        assert side in {40, 60}
        assert abs(left + side // 2 - 200) <= 1
        assert part[..., 3].max() == 99


def test_a_picture_without_what_is_asked_for_gives_any_window() -> None:
    rgba = np.full((50, 70, 4), 255, np.uint8)
    rng = np.random.Generator(np.random.Philox(key=[1, 2]))
    box, part = Crops((64,), "transition").draw_window(
        (50, 70), lambda box: cut(rgba, box), None, rng
    )
    assert box[2:] == part.shape[:2] == (50, 50)


def test_further_planes_are_made_of_the_finished_sample(samples: Samples) -> None:
    def more(image: np.ndarray, trimap: np.ndarray | None) -> dict[str, np.ndarray]:
        assert trimap is not None
        return {"both": np.dstack([image[..., :1], trimap])}

    carrying = SamplesWithPlanes(samples, layers=False, more=more)
    image, alpha, number, planes = carrying[Request(5, 32, 0.0)]
    assert torch.equal(planes["both"], torch.cat([image[:1], planes["trimap"]]))
    made = {name: plane[None] for name, plane in planes.items()}
    batch = to_batch(image[None], alpha[None], [number], made, CPU)
    assert batch.more["both"].shape == (1, 2, 32, 32)
    assert float(batch.more["both"].max()) <= 1


def test_trimaps_do_not_hang_on_batch_or_workers(samples: Samples) -> None:
    carrying = SamplesWithPlanes(samples, layers=True)

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
    bare = Samples(samples.sources, "paper", seed=3)
    carrying = SamplesWithPlanes(bare, layers=True)
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
    assert batch.trimap.flatten().tolist() == pytest.approx([0, 128 / 255, 1, 128 / 255])
    assert batch.unknown.flatten().tolist() == [0.0, 1.0, 0.0, 1.0]
