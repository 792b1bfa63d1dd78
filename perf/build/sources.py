"""The pictures that builds are timed on, and how this suite is asked to build them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from distinctions646.build.building import BuildConfig
from distinctions646.images.png import encode_png
from distinctions646.process.whole_files import write_bytes
from distinctions646.sources.locations import CustomSources

PER_FOREGROUND = 8
SIZES = ((1500, 2000), (2000, 1500))


def make_sources(folder: Path, foregrounds: int, seed: int) -> None:
    """Write foregrounds, alphas and backgrounds that compress about as photographs do."""
    random = np.random.default_rng(seed)
    for name in ("fg", "alpha", "bg"):
        (folder / name).mkdir()
    for index in range(foregrounds):
        height, width = SIZES[index % len(SIZES)]
        write_bytes(folder / f"fg/test_{index}.png", encode_png(_photograph(random, height, width)))
        # Wide and narrow soft regions in turn: some 30, 10 and 3 % of the pixels.
        softness = (0.5, 0.15, 0.05)[index % 3]
        field = _photograph(random, height, width)[..., 0] / 127.5 - 1
        alpha_u8 = np.clip(field / softness * 127.5 + 127.5, 0, 255).astype(np.uint8)
        write_bytes(folder / f"alpha/test_{index}.png", encode_png(alpha_u8))
    for index in range(foregrounds * PER_FOREGROUND):
        height, width = ((480, 640), (427, 640), (640, 480))[index % 3]
        picture = Image.fromarray(_photograph(random, height, width))
        picture.save(folder / f"bg/{index:04d}.jpg", quality=90)
    for name, suffix in (("fg", "png"), ("bg", "jpg")):
        names = sorted(path.name for path in (folder / name).glob(f"*.{suffix}"))
        (folder / f"{name}_test.txt").write_text("\n".join(names))


def _photograph(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Noise whose power falls with frequency as in photographs, in three kindred channels."""
    picture = np.zeros((height, width, 3))
    for octave in range(9):
        side = 2**octave
        coarse = random.normal(size=(2 + height * side // 512, 2 + width * side // 512, 3))
        shared = coarse.mean(axis=2, keepdims=True) + 0.3 * coarse
        for channel in range(3):
            plane = Image.fromarray(shared[..., channel].astype(np.float32))
            plane = plane.resize((width, height), Image.Resampling.BICUBIC)
            picture[..., channel] += np.asarray(plane) * 80 / side
    return np.clip(picture + 127.5, 0, 255).astype(np.uint8)


def count_of(folder: Path) -> int:
    """Count the composites that the sources of a folder make."""
    return len(list((folder / "bg").iterdir()))


def build_config(folder: Path, name: str, write: tuple[str, ...]) -> BuildConfig:
    """Ask for all composites of the sources in a folder, in a form."""
    return BuildConfig(
        folder / name,
        CustomSources(
            foregrounds=folder / "fg",
            alphas=folder / "alpha",
            backgrounds=folder / "bg",
            per_foreground=PER_FOREGROUND,
        ),
        write=write,
    )
