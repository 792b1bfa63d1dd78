"""A folder with the files that the documents' commands and snippets name."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from distinctions646.images.png import write_png

NAMES = ("a", "b")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small pictures of a disc in every role: dataset, mattes, masks, sources, photographs."""
    folder = tmp_path_factory.mktemp("files")
    pictures = draw_disc()
    rgba = np.dstack([pictures["image"], pictures["alpha"]])
    pictures |= {"cutout": rgba, "background": pictures["image"][:, ::-1]}
    places = {
        "mattes": "alpha",
        "masks": "alpha",
        "alpha": "alpha",
        "trimap": "trimap",
        "trimaps": "trimap",
    }
    places |= {"cutouts": "cutout", "fg": "image", "bg": "background"}
    for base in ("mini", "dataset", "mini-validation"):
        places |= {f"{base}/{kind}": kind for kind in ("image", "alpha", "trimap")}
    for place, kind in places.items():
        (folder / place).mkdir(parents=True)
        for name in NAMES:
            write_png(folder / place / f"{name}.png", np.ascontiguousarray(pictures[kind]))
    for number in range(8):  # backgrounds for foregrounds that have several
        write_png(folder / "bg" / f"{number}.png", pictures["image"] // 8 * (number + 1))
    files = {"photo.png": "image", "photo.jpg": "image", "trimap.png": "trimap"}
    files["trimaps/photo.png"] = "trimap"
    for name, kind in {**files, "matte.png": "alpha", "alpha.png": "alpha"}.items():
        write_png(folder / name, pictures[kind])
    return folder


def draw_disc() -> dict[str, np.ndarray]:
    """Draw a bright disc on noise: image, alpha and trimap, uint8."""
    y, x = np.mgrid[:48, :64]
    alpha = np.clip(14 - np.hypot(y - 24, x - 32), 0, 1)
    alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
    noise = np.random.RandomState(3).randint(0, 256, (48, 64, 3))
    image = (200 * alpha[..., None] + noise * (1 - alpha[..., None])).astype(np.uint8)
    trimap = np.where(alpha_u8 % 255 == 0, alpha_u8, 128).astype(np.uint8)
    return {"image": image, "alpha": alpha_u8, "trimap": trimap}


@pytest.fixture
def place(files: Path, tmp_path: Path) -> Path:
    """A copy of `files` for one page."""
    return shutil.copytree(files, tmp_path / "place")
