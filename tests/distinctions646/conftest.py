"""Sources to build from: the goldens' own, and tiny ones made on the spot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import BuildConfig
from distinctions646.plan.settings import Sources
from distinctions646.sources import datasets
from distinctions646.sources.datasets import layout_of
from distinctions646.sources.layouts import SplitLayout
from distinctions646.sources.lists import names_sha256
from distinctions646.sources.locations import ArchiveSources, CustomSources

# Ends its own process as `kill -9` does, in the middle of the n-th file written.
KILLED_BUILD = """
import os, signal, sys
from distinctions646.build.building import main
from distinctions646.process import whole_files
count, last = 0, int(sys.argv[1])
begin = whole_files._open_locked
def begin_or_die(path):
    global count
    count += 1
    file = begin(path)
    if count == last:
        file.write(b"half of it")
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return file
whole_files._open_locked = begin_or_die
main(sys.argv[2:])
"""

GOLDEN = Path(__file__).parents[1] / "golden" / "composition"


def make_config(out: Path, sources: Sources, **changes: Any) -> BuildConfig:
    """Settings of a build; `changes` go to the sources or to the rest, by their names."""
    names = {one.name for one in fields(sources)}
    own = {name: changes.pop(name) for name in list(changes) if name in names}
    return BuildConfig(out, replace(sources, **own), **changes)


@dataclass(frozen=True)
class GoldenSources:
    """The golden sources under their first names, and what the official script made of them."""

    folder: Path
    manifest: dict[str, Any]

    def config(self, out: Path, **changes: Any) -> BuildConfig:
        sources = CustomSources(
            foregrounds=self.folder / "fg",
            alphas=self.folder / "alpha",
            foreground_list=self.folder / "fg_names.txt",
            backgrounds=self.folder / "bg",
            background_list=self.folder / "bg_names.txt",
            per_foreground=4,
        )
        return make_config(out, sources, **{"write": ("folder",), "trimap_rule": "none", **changes})


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
        sources = CustomSources(
            foregrounds=self.folder / "fg",
            alphas=self.folder / "alpha",
            backgrounds=self.folder / "bg",
            per_foreground=2,
        )
        return make_config(out, sources, **{"write": ("folder",), "trimap_rule": "none", **changes})

    def arguments(self, out: Path) -> list[str]:
        flags = {
            "--dataset": "custom",
            "--foregrounds": self.folder / "fg",
            "--alphas": self.folder / "alpha",
            "--backgrounds": self.folder / "bg",
            "--per-foreground": 2,
            "--trimap-rule": "none",
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
    """All files below a folder with their bytes, hidden ones too, but for the files' times."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".seen-")
    }


@pytest.fixture(name="files_of")
def files_of_fixture() -> Callable[[Path], dict[str, bytes]]:
    return files_of


@pytest.fixture
def killed_run(tiny: TinySources) -> Callable[..., None]:
    """Give a function that builds `tiny` into a folder and kills it at the n-th file."""

    def run(out: Path, files_written: int, *more: str) -> None:
        arguments = [str(files_written), *tiny.arguments(out), "--workers", "1", *more]
        command = [sys.executable, "-c", KILLED_BUILD, *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    return run


@dataclass(frozen=True)
class Trees:
    """Archives and collections in their own layouts, with a few stand-in pictures under any names.

    A file is a hard link to one of the pictures, so that official lists in full length take a
    second; a test that damages one must put a new file in its place.
    """

    root: Path
    pictures: dict[str, list[Path]] = field(default_factory=dict)

    def archive(
        self, dataset: str, split: str, foregrounds: Sequence[str], backgrounds: Sequence[str]
    ) -> Path:
        """Make one split of an archive; of two folders the second gets the last foreground."""
        layout = layout_of(dataset, split)
        base = self.root / "source" / layout.bases[-1]
        parts = [foregrounds] if len(layout.folders) == 1 else [foregrounds[:-1], foregrounds[-1:]]
        for (folder, alphas), names in zip(layout.folders, parts, strict=True):
            self.link(base / folder, names, "foreground")
            self.link(base / alphas, names, "alpha")
        if layout.trimaps is not None:
            names = [f"{Path(one).stem}_{k}.png" for one in foregrounds for k in range(20)]
            self.link(base / layout.trimaps, names, "trimap")
        for listed, names in (
            (layout.foregrounds, foregrounds),
            (layout.backgrounds, backgrounds),
        ):
            # As Distinctions-646 ships its lists: CRLF, the last line unended.
            (base / listed.file).write_bytes("\r\n".join(names).encode())
        return base

    def coco(self, names: Sequence[str], folder: str = "train2014") -> Path:
        """Make COCO; under train2017 the files lose their prefix."""
        if folder == "train2017":
            names = [name.removeprefix("COCO_train2014_") for name in names]
        self.link(self.root / "coco" / folder, names, "background")
        return self.root / "coco"

    def voc(self, names: Sequence[str]) -> Path:
        """Make VOC2012."""
        self.link(self.root / "VOCdevkit" / "VOC2012" / "JPEGImages", names, "background")
        return self.root / "VOCdevkit"

    def config(self, dataset: str, split: str, out: Path, **changes: Any) -> BuildConfig:
        """Say how to build it."""
        sources = ArchiveSources(
            dataset,
            split,
            source=self.root / "source",
            coco=self.root / "coco",
            voc=self.root / "VOCdevkit",
        )
        return make_config(out, sources, **changes)

    def link(self, folder: Path, names: Sequence[str], kind: str) -> None:
        """Give each name one of the pictures of a kind."""
        folder.mkdir(parents=True, exist_ok=True)
        for index, name in enumerate(names):
            pictures = self.pictures[kind + Path(name).suffix]
            os.link(pictures[index % len(pictures)], folder / name)


def stand_ins(folder: Path) -> dict[str, list[Path]]:
    """Make the pictures of `Trees`: PNG and JPEG, two of each kind, six of the backgrounds."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(646)
    made: dict[str, list[Path]] = {}
    for index in range(2):
        for kind, shape in (("foreground", (6, 8, 3)), ("alpha", (6, 8)), ("trimap", (6, 8))):
            pixels = random.integers(0, 256, shape, np.uint8)
            if kind == "trimap":
                pixels = np.array([0, 128, 255], np.uint8)[pixels % 3]
            for suffix in (".png", ".jpg"):
                path = folder / f"{kind}-{index}{suffix}"
                Image.fromarray(pixels).save(path)
                made.setdefault(kind + suffix, []).append(path)
    for index in range(6):
        path = folder / f"background-{index}.jpg"
        Image.fromarray(random.integers(0, 256, (5 + index, 9, 3), np.uint8)).save(path)
        made.setdefault("background.jpg", []).append(path)
    return made


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    return Trees(tmp_path / "trees", stand_ins(tmp_path / "stand-ins"))


Shrink = Callable[[str, str, Sequence[str], Sequence[str]], SplitLayout]


@pytest.fixture
def shrink(monkeypatch: pytest.MonkeyPatch) -> Shrink:
    """Let an official split have other lists, with as many backgrounds as they allow."""

    def change(
        dataset: str, split: str, foregrounds: Sequence[str], backgrounds: Sequence[str]
    ) -> SplitLayout:
        known = datasets.DATASETS[dataset]
        layout = known.archive[split]
        lists = {
            kind: replace(
                getattr(layout, kind),
                count=len(names),
                sha256=names_sha256(names),
                sorted_sha256=names_sha256(sorted(names)),
            )
            for kind, names in (("foregrounds", foregrounds), ("backgrounds", backgrounds))
        }
        each = len(backgrounds) // len(foregrounds)
        layout = replace(layout, **lists, per_foreground=each)
        changed = replace(known, archive={**known.archive, split: layout})
        monkeypatch.setattr(datasets, "DATASETS", {**datasets.DATASETS, dataset: changed})
        return layout

    return change
