"""What of this suite is timed: composites written, whole builds, and virtual ones read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from distinctions646.compose.composite import composite, fit_background
from distinctions646.images.png import encode_png
from distinctions646.images.reading import read_alpha, read_image
from distinctions646.loading.opening import open_split
from distinctions646.process.whole_files import write_bytes
from perf.build.sources import PER_FOREGROUND, build_config
from perf.build.timing import Measured, timed

CROP = 512


def materialise(folder: Path) -> Measured:
    """Compose and write the image PNGs by this suite's own steps."""
    out = folder / "out"
    backgrounds = sorted((folder / "bg").iterdir())

    def work() -> int:
        for number, path in enumerate(sorted((folder / "fg").iterdir())):
            foreground, alpha_u8 = read_image(path), read_alpha(folder / "alpha" / path.name)
            for k in range(PER_FOREGROUND):
                background = read_image(backgrounds[number * PER_FOREGROUND + k])
                fitted = fit_background(background, *alpha_u8.shape)
                image = composite(foreground, alpha_u8, fitted)
                write_bytes(out / f"{path.stem}_{k}.png", encode_png(image))
        return len(backgrounds)

    out.mkdir(exist_ok=True)
    _warm()
    return timed(work)


def render(folder: Path) -> Measured:
    """Run a whole build after its check of the sources: alphas, trimaps, hashes and markers too."""
    from distinctions646.build.pairing import pair_sources
    from distinctions646.build.work import render_shards
    from distinctions646.plan.build_plan import resolve

    shards = pair_sources(resolve(build_config(folder, "unused", ("folder",)))).shards
    _warm()
    with tempfile.TemporaryDirectory(dir=folder) as out:
        places = Path(out) / "pictures", Path(out) / "markers"
        return timed(lambda: len(render_shards(shards, *places, workers=1)))


def crop_virtual(folder: Path) -> Measured:
    """Take random crops from the trainer's dataset, and compare some with the written files."""
    from distinctions646.torch_data import CropDataset

    split = open_split(folder / "virtual", backgrounds=folder / "bg")
    crops = CropDataset(split, CROP, seed=1)
    for index in range(0, len(crops), 5):
        top, left, height, width = crops.window(index)
        path = folder / "files" / "test" / "image" / f"{split.samples[index].name}.png"
        written = read_image(path)[top : top + height, left : left + width]
        if not np.array_equal(crops[index]["image"].numpy().transpose(1, 2, 0), written):
            raise ValueError(f"{path}: the virtual crop differs from the file's")

    def work() -> int:
        rounds = 5
        for epoch in range(1, rounds + 1):
            crops.set_epoch(epoch)
            for index in range(len(crops)):
                crops[index]
        return rounds * len(crops)

    return timed(work)


def whole_virtual(folder: Path) -> Measured:
    """Compose whole pictures with their alphas on reading."""
    samples = open_split(folder / "virtual", backgrounds=folder / "bg").samples
    samples[0].image()

    def work() -> int:
        for sample in samples:
            sample.crop(0, 0, *sample.size())
        return len(samples)

    return timed(work)


def _warm() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    composite(pixels, pixels[..., 0].copy(), fit_background(pixels[:2, :2], 4, 4))
