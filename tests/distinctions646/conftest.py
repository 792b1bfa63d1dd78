"""Sources to build from: the goldens' own, and tiny ones made on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from distinctions646.build import BuildConfig

GOLDEN = Path(__file__).parents[1] / "golden" / "composition"


@dataclass(frozen=True)
class GoldenSources:
    """The golden sources under their first names, and what the official script made of them."""

    folder: Path
    manifest: dict[str, Any]

    def config(self, out: Path, **changes: Any) -> BuildConfig:
        settings: dict[str, Any] = {
            "foregrounds": self.folder / "fg",
            "alphas": self.folder / "alpha",
            "foreground_list": self.folder / "fg_names.txt",
            "backgrounds": self.folder / "bg",
            "background_list": self.folder / "bg_names.txt",
            "per_foreground": 4,
            "write": ("folder",),
        }
        return BuildConfig(out=out, **{**settings, **changes})


@pytest.fixture(scope="session")
def golden_sources(tmp_path_factory: pytest.TempPathFactory) -> GoldenSources:
    folder = tmp_path_factory.mktemp("golden-sources")
    manifest = json.loads((GOLDEN / "manifest.json").read_text())
    for kind in ("fg", "alpha", "bg"):
        (folder / kind).mkdir()
        for path in (GOLDEN / kind).glob("*.jpg"):
            (folder / kind / path.name).write_bytes(path.read_bytes())
    for name, mode in manifest["modes"].items():
        with Image.open((GOLDEN / name).with_suffix(".webp")) as picture:
            picture.convert("RGB").convert(mode).save(folder / name)
    foregrounds = dict.fromkeys(row["fg"] for row in manifest["composites"])
    backgrounds = [row["bg"] for row in manifest["composites"]]
    (folder / "fg_names.txt").write_text("\n".join(foregrounds))
    # As Distinctions-646 ships its lists: CRLF, the last line unended.
    (folder / "bg_names.txt").write_bytes("\r\n".join(backgrounds).encode())
    return GoldenSources(folder, manifest)


@dataclass(frozen=True)
class TinySources:
    """Two foregrounds of 6×8 and 5×4 pixels with alphas, and four backgrounds."""

    folder: Path

    def config(self, out: Path, **changes: Any) -> BuildConfig:
        settings: dict[str, Any] = {
            "foregrounds": self.folder / "fg",
            "alphas": self.folder / "alpha",
            "backgrounds": self.folder / "bg",
            "per_foreground": 2,
            "write": ("folder",),
        }
        return BuildConfig(out=out, **{**settings, **changes})

    def arguments(self, out: Path) -> list[str]:
        flags = {
            "--dataset": "custom",
            "--foregrounds": self.folder / "fg",
            "--alphas": self.folder / "alpha",
            "--backgrounds": self.folder / "bg",
            "--per-foreground": 2,
            "--out": out,
        }
        return [str(word) for pair in flags.items() for word in pair]


@pytest.fixture
def tiny(tmp_path: Path) -> TinySources:
    folder = tmp_path / "sources"
    for kind in ("fg", "alpha", "bg"):
        (folder / kind).mkdir(parents=True)
    random = np.random.default_rng(0)
    for name, height, width in (("cat", 6, 8), ("dog (1).b", 5, 4)):
        pixels = random.integers(0, 256, (height, width, 4), np.uint8)
        pixels[0, :, 3], pixels[1, :, 3] = 0, 255
        Image.fromarray(pixels[..., :3]).save(folder / "fg" / f"{name}.png")
        Image.fromarray(pixels[..., 3]).save(folder / "alpha" / f"{name}.png")
    for index in range(4):
        pixels = random.integers(0, 256, (4 + index, 9 - index, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "bg" / f"b{index}.png")
    return TinySources(folder)


def files_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder with their bytes, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(name="files_of")
def files_of_fixture() -> Callable[[Path], dict[str, bytes]]:
    return files_of
