"""Random crops for the trainer: the same whatever the workers, another in each epoch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from distinctions646.build.building import build
from distinctions646.loading.opening import open_split
from distinctions646.torch_data import CropDataset, crop_generator


@pytest.fixture
def split(tmp_path, golden_sources):
    build(golden_sources.config(tmp_path / "out", write=("virtual",)))
    return open_split(tmp_path / "out", backgrounds=golden_sources.folder / "bg")


def pixels(item):
    return item["image"].numpy().transpose(1, 2, 0), item["alpha"].numpy()[0]


def flip(image, alpha_u8, generator):
    side = slice(None, None, -1 if generator.random() < 0.5 else 1)
    return image[:4, :4][:, side], alpha_u8[:4, :4][:, side]


def turn(image, alpha_u8, trimap, generator):
    return image[::-1], alpha_u8[::-1], trimap[::-1]


def test_a_crop_is_that_of_the_whole_picture(split):
    crops = CropDataset(split, 48, seed=3)
    assert len(crops) == 16
    for index in range(16):
        item = crops[index]
        assert item["id"] == split.samples[index].id
        assert (item["image"].shape, item["alpha"].shape) == ((3, 48, 48), (1, 48, 48))
        assert item["image"].dtype == item["alpha"].dtype == torch.uint8
        top, left, height, width = crops.window(index)
        image, alpha_u8 = pixels(item)
        window = (slice(top, top + height), slice(left, left + width))
        np.testing.assert_array_equal(image, split.samples[index].image()[window])
        np.testing.assert_array_equal(alpha_u8, split.samples[index].alpha_u8()[window])


def test_seed_epoch_and_index_decide_and_nothing_else(split):
    one, other = CropDataset(split, 48, seed=3), CropDataset(split, 48, seed=3)
    windows = [one.window(index) for index in range(16)]
    assert [other.window(index) for index in reversed(range(16))] == windows[::-1]
    assert len(set(windows)) > 8
    other.set_epoch(1)
    assert other.epoch == 1
    assert [other.window(index) for index in range(16)] != windows
    other.set_epoch(0)
    assert [other.window(index) for index in range(16)] == windows
    assert [CropDataset(split, 48, seed=4).window(i) for i in range(16)] != windows


def test_known_draws():
    # Philox with key (7, 2 * 2**32 + 5): a change here changes every training.
    drawn = crop_generator(7, 2, 5).integers(1000, size=4).tolist()
    again = np.random.Generator(np.random.Philox(key=[7, 2 * 2**32 + 5])).integers(1000, size=4)
    assert drawn == again.tolist()
    assert drawn != crop_generator(7, 5, 2).integers(1000, size=4).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_that_outlive_an_epoch_give_what_one_process_gives(split, context):
    def epochs(**settings):
        crops = CropDataset(split, 48, seed=1)
        loader = DataLoader(crops, batch_size=5, **settings)
        seen = []
        for epoch in range(2):
            crops.set_epoch(epoch)
            seen.append([batch["image"] for batch in loader])
        return seen

    alone = epochs()
    shared = epochs(num_workers=2, persistent_workers=True, multiprocessing_context=context)
    for first, second in zip(
        itertools.chain.from_iterable(alone), itertools.chain.from_iterable(shared), strict=True
    ):
        assert torch.equal(first, second)
    assert not torch.equal(alone[0][0], alone[1][0])


def test_a_transform_shares_the_generator(split):
    crops = CropDataset(split, (32, 48), seed=0, transform=flip)
    shapes = {tuple(crops[index]["image"].shape) for index in range(4)}
    assert shapes == {(3, 4, 4)}
    assert {crops.window(index)[2] for index in range(16)} == {32, 48}
    assert torch.equal(crops[2]["image"], crops[2]["image"])


def test_trimaps_are_those_of_the_whole_picture(tmp_path, golden_sources):
    config = golden_sources.config(tmp_path / "out", write=("virtual",), trimap_rule="sim-3x5/v1")
    build(config)
    split = open_split(tmp_path / "out", backgrounds=golden_sources.folder / "bg")
    crops = CropDataset(split, 48, seed=3, trimaps=True)
    mixed = 0
    for index, sample in enumerate(split.samples):
        item = crops[index]
        assert list(item) == ["id", "image", "alpha", "trimap"]
        top, left, height, width = crops.window(index)
        expected = sample.trimap()[top : top + height, left : left + width]
        np.testing.assert_array_equal(item["trimap"].numpy()[0], expected)
        mixed += len(np.unique(expected)) > 1
    assert mixed > 4
    crops = CropDataset(split, 48, seed=3, trimaps=True, transform=turn)
    np.testing.assert_array_equal(
        crops[5]["trimap"].numpy()[0, ::-1],
        CropDataset(split, 48, seed=3, trimaps=True)[5]["trimap"].numpy()[0],
    )
    assert "trimap" not in CropDataset(split, 48)[0]


def test_crops_without_an_edge_are_drawn_again(tmp_path, tiny):
    for path in (tiny.folder / "alpha").iterdir():
        alpha_u8 = np.asarray(Image.open(path)) * 0
        alpha_u8[0, 0] = 255
        Image.fromarray(alpha_u8).save(path)
    build(tiny.config(tmp_path / "tiny", write=("virtual",)))
    split = open_split(tmp_path / "tiny", backgrounds=tiny.folder / "bg")
    once, often = CropDataset(split, 2, seed=0), CropDataset(split, 2, seed=0, tries=300)
    assert any(np.ptp(once[index]["alpha"].numpy()) == 0 for index in range(4))
    for index in range(4):
        assert np.ptp(often[index]["alpha"].numpy()) == 255
        assert often.window(index) == (0, 0, 2, 2)
    assert CropDataset(split, 1, tries=3)[0]["alpha"].shape == (1, 1, 1)  # never has an edge


def test_what_cannot_be_served_is_told(tmp_path, tiny, split):
    build(tiny.config(tmp_path / "folder"))
    with pytest.raises(ValueError, match=r'folder: test is not opened with mode="virtual"'):
        CropDataset(open_split(tmp_path / "folder"))
    with pytest.raises(ValueError, match=r"gray_fg_0|.*_0: is .* pixels; expected at least 4000"):
        CropDataset(split, 4000)
    with pytest.raises(ValueError, match=r"sizes is \(32, 48\); expected one, or a transform"):
        CropDataset(split, (32, 48))
    for sizes in ((), (0,)):
        with pytest.raises(ValueError, match=r"sizes is .* expected positive numbers"):
            CropDataset(split, sizes)
    with pytest.raises(ValueError, match="out: test has no trimaps; build it with a rule"):
        CropDataset(split, 8, trimaps=True)
    with pytest.raises(ValueError, match="has no trimap; build the split with a trimap rule"):
        split.samples[0].trimap_crop(0, 0, 2, 2)
    with pytest.raises(ValueError, match="tries is 0; expected 1 or more"):
        CropDataset(split, 8, tries=0)
    crops = CropDataset(split, 8)
    with pytest.raises(ValueError, match=r"epoch is -1; expected 0 to 2\*\*32 - 1"):
        crops.set_epoch(-1)
    with pytest.raises(IndexError, match="index is 16; expected 0 to 15"):
        crops[16]
