"""Render the gallery's pictures and write them with their table."""

from __future__ import annotations

import csv
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.pathtraced import COLUMNS, TABLE_NAME
from distinctions646.process.whole_files import write_bytes
from renderer.develop import develop, encode_webp
from renderer.engine import load_bpy
from renderer.gallery import SCENES
from renderer.stage import Stage

# Below this share of wholly opaque pixels a picture counts as having no opaque part.
_OPAQUE_SHARE = 0.005


@dataclass(frozen=True)
class Shot:
    """One picture to render."""

    scene: str
    seed: int

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.scene}_{self.seed:02d}.webp"


def plan(only: str | None = None, seed: int | None = None) -> tuple[Shot, ...]:
    """Return the pictures of the gallery, or those of one scene class or seed.

    Raises
    ------
    ValueError
        If there is no such scene class, or no picture of this seed.
    """
    if only is not None and only not in SCENES:
        raise ValueError(f"scene is {only!r}; expected one of {', '.join(SCENES)}")
    shots = tuple(
        Shot(name, number)
        for name, scene in SCENES.items()
        if only in (None, name)
        for number in scene.seeds
        if seed in (None, number)
    )
    if not shots:
        raise ValueError(f"seed is {seed}; no picture of {only or 'any scene'} has it")
    return shots


def render_shot(shot: Shot, size: int, samples: int | None = None) -> NDArray[np.uint8]:
    """Render one picture.

    Returns
    -------
    ndarray
        uint8 height x width x 4, straight RGBA.
    """
    scene = SCENES[shot.scene]
    draws = Draws("path traced", shot.scene, shot.seed)
    stage = Stage(size, samples or scene.samples, draws.child("stage"))
    scene.build(stage, draws)
    return develop(stage.shoot(scene.edge_samples), smooth=scene.smooth)


def produce(
    folder: Path,
    shots: tuple[Shot, ...],
    size: int,
    samples: int | None = None,
    *,
    again: bool = False,
) -> None:
    """Render pictures into a folder and keep its table up to date.

    Parameters
    ----------
    folder
        Where; made if absent. Each picture's line is written when the picture is finished, so
        that the same command resumes where it was stopped.
    shots
        Which pictures.
    size
        Long side in pixels.
    samples
        Most samples a pixel; the scene's own number by default.
    again
        Render anew what the table lists already.

    Raises
    ------
    OSError
        If Blender's Python module is missing, or a file cannot be written.
    """
    load_bpy()
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for shot in shots if again else _missing(folder, shots):
        start = time.process_time()
        rgba = render_shot(shot, size, samples)
        content = encode_webp(rgba)
        write_bytes(folder / shot.name, content)
        _record(folder / TABLE_NAME, _row(shot, rgba, samples or SCENES[shot.scene].samples))
        spent = time.process_time() - start
        sys.stderr.write(f"{shot.name}: {len(content) / 1024:.0f} KiB, {spent:.0f} CPU seconds\n")


def _missing(folder: Path, shots: tuple[Shot, ...]) -> tuple[Shot, ...]:
    """Return the pictures that the folder's table does not list."""
    listed = _listed(folder / TABLE_NAME)
    return tuple(shot for shot in shots if shot.name not in listed)


def _listed(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {line["name"]: line for line in csv.DictReader(file)}


def _row(shot: Shot, rgba: NDArray[np.uint8], samples: int) -> dict[str, str]:
    height, width = rgba.shape[:2]
    opaque = bool(np.mean(rgba[..., 3] == 255) >= _OPAQUE_SHARE)
    group = SCENES[shot.scene].group
    cells = (shot.name, shot.scene, group, str(opaque).lower(), shot.seed)
    facts = (*cells, width, height, samples, pixel_sha256(rgba))
    return dict(zip(COLUMNS, map(str, facts), strict=True))


def _record(path: Path, row: dict[str, str]) -> None:
    """Put a picture's line into the table, in the gallery's order."""
    rows = _listed(path)
    rows[row["name"]] = row
    order = {shot.name: place for place, shot in enumerate(plan())}
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(sorted(rows.values(), key=lambda line: order.get(line["name"], len(order))))
    write_bytes(path, text.getvalue().encode())
