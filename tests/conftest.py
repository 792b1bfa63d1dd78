"""The oracle (golden numbers of the official programs, real photographs) and small sources."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from distinctions646.images.png import write_png

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"


@pytest.fixture(scope="session")
def golden() -> Path:
    """The vendored synthetic goldens."""
    return GOLDEN


@pytest.fixture(scope="session")
def oracle() -> Path:
    """The oracle folder, from MATTING_ORACLE or beside the repository; skip where it is missing."""
    folder = Path(os.environ.get("MATTING_ORACLE", ROOT.parent / "shared" / "oracle"))
    if not folder.is_dir():
        pytest.skip(f"no oracle folder at {folder} (set MATTING_ORACLE)")
    return folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Six RGBA discs of 40×48 pixels and three backgrounds."""
    folder = tmp_path / "sources"
    (folder / "foregrounds").mkdir(parents=True)
    (folder / "backgrounds").mkdir()
    rng = np.random.RandomState(5)
    y, x = np.mgrid[:40, :48]
    for number in range(6):
        distance = np.hypot(y - rng.uniform(15, 25), x - rng.uniform(18, 30))
        alpha = np.clip(rng.uniform(8, 13) - distance, 0, 1)
        colour = np.broadcast_to(rng.randint(0, 256, 3), (40, 48, 3))
        rgba = np.dstack([colour, np.rint(255 * alpha)]).astype(np.uint8)
        write_png(folder / "foregrounds" / f"disc_{number}.png", rgba)
    for number in range(3):
        noise = rng.randint(0, 256, (50, 60, 3)).astype(np.uint8)
        write_png(folder / "backgrounds" / f"noise_{number}.png", noise)
    return folder
