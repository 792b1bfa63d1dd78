"""A tiny dataset of plain pictures: two discs on noise, one without known foreground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from distinctions646.images import write_png


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Return image/, alpha/ and trimap/ of 24×30 pixels: names a, b, glass."""
    folder = tmp_path / "discs"
    for kind in ("image", "alpha", "trimap"):
        (folder / kind).mkdir(parents=True)
    rng = np.random.RandomState(2)
    y, x = np.mgrid[:24, :30]
    for name, radius, opacity in (("a", 8, 1.0), ("b", 6, 1.0), ("glass", 7, 0.5)):
        alpha = opacity * np.clip(radius - np.hypot(y - 12, x - 15), 0, 1)
        alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
        colour = rng.randint(0, 256, 3) * alpha[..., None]
        noise = rng.randint(0, 256, (24, 30, 3)) * (1 - alpha[..., None])
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128))
        write_png(folder / "image" / f"{name}.png", (colour + noise).astype(np.uint8))
        write_png(folder / "alpha" / f"{name}.png", alpha_u8)
        write_png(folder / "trimap" / f"{name}.png", trimap.astype(np.uint8))
    return folder
