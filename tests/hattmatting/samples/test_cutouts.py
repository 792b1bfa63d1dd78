"""Validation on a folder of cut-outs over a folder of backgrounds."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from distinctions646.images.png import write_png
from hattmatting.model.config import PRESETS as MODELS
from hattmatting.model.config import HAttConfig
from hattmatting.recipes import HAttRecipe
from hattmatting.samples.cutouts import cutout_samples
from hattmatting.training.loop import train
from hattmatting.training.run import Run

SMALL = HAttConfig(
    backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[10:30, 20:50] = (200, 10, 10, 255)
    rgba[30:, :] = (0, 0, 250, 51)
    for name in ("a", "b", "c"):
        (tmp_path / "cutouts").mkdir(exist_ok=True)
        write_png(tmp_path / "cutouts" / f"{name}.png", rgba)
    for number in range(12):
        (tmp_path / "behind").mkdir(exist_ok=True)
        plain = np.full((50, 70, 3), 10 * number, np.uint8)
        write_png(tmp_path / "behind" / f"{number:02d}.png", plain)
    return tmp_path / "cutouts", tmp_path / "behind"


def test_cutouts_are_composed(folders: tuple[Path, Path]) -> None:
    samples = cutout_samples(*folders, times=2)
    assert [(sample.foreground.stem, sample.background.stem) for sample in samples] == [
        ("a", "00"),
        ("b", "05"),
        ("c", "10"),
        ("a", "06"),
        ("b", "11"),
        ("c", "04"),
    ]
    image, alpha_u8 = samples[1].image(), samples[1].alpha_u8()
    assert image[0, 0].tolist() == [50, 50, 50]
    assert image[20, 30].tolist() == [200, 10, 10]
    assert image[35, 0].tolist() == [40, 40, 90]  # a fifth of blue over 50
    assert np.unique(alpha_u8).tolist() == [0, 51, 255]


def test_large_cutouts_are_reduced(tmp_path: Path) -> None:
    for name in ("cutouts", "behind"):
        (tmp_path / name).mkdir()
    write_png(tmp_path / "cutouts" / "a.png", np.full((600, 1024, 4), 255, np.uint8))
    write_png(tmp_path / "behind" / "b.png", np.zeros((50, 70, 3), np.uint8))
    (sample,) = cutout_samples(tmp_path / "cutouts", tmp_path / "behind")
    assert sample.image().shape == (300, 512, 3)
    assert sample.alpha_u8().shape == (300, 512)


def test_a_training_keeps_the_best_on_cutouts(
    sources: Path, tmp_path: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODELS, "small", SMALL)
    config = HAttRecipe(
        model="small", style="salient", batch=2, steps=2, stages=((1.0, 32),), losses="sharpen"
    )
    run = Run(
        tmp_path / "run",
        sources=sources,
        device="cpu",
        workers=0,
        checkpoint_every=1,
        validation=folders[0],
        validation_backgrounds=folders[1],
    )
    train(config, run)
    with (run.out / "log.csv").open(newline="") as file:
        scores = [float(row["validation_sad"]) for row in csv.DictReader(file)]
    assert len(scores) == 2
    assert all(0 < score < 2.4 for score in scores)
    assert "3 pictures of cutouts" in (run.out / "best" / "README.md").read_text()
