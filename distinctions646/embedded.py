"""The embedded dataset ``mini``: generated sources that need no download."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

_SEED = 646


@dataclass(frozen=True)
class MiniConfig:
    """How much of ``mini`` to generate, and how large.

    Attributes
    ----------
    split
        Of the generator: ``"test"`` has classes that ``"train"`` lacks.
    size
        Long side in pixels.
    per_class
        Foregrounds for each class.
    per_foreground
        Backgrounds for each foreground.
    """

    split: str
    size: int
    per_class: int
    per_foreground: int


CONFIGS = {"test-small": MiniConfig(split="test", size=384, per_class=1, per_foreground=1)}


def generator_sha256() -> str:
    """Hash the generator itself: the source files of ``distinctions646.mini``, by name.

    Returns
    -------
    str
        64 hexadecimal digits; another generator means another dataset.
    """
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "mini").glob("*.py"), key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_mini_sources(config: MiniConfig, folder: Path, *, workers: int) -> Path:
    """Generate the sources once; a second call finds them there.

    Parameters
    ----------
    config
        What to generate.
    folder
        Where; it appears when it is whole.
    workers
        Processes.

    Returns
    -------
    Path
        `folder`, with ``foregrounds/`` (RGBA), ``backgrounds/`` and ``foregrounds.csv``.
    """
    if folder.is_dir():
        return folder
    # Drawing needs OpenCV, and its error without libGL should come first.
    from distinctions646.mini import CLASSES, write_sources

    unfinished = folder.with_name(folder.name + ".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    write_sources(
        unfinished,
        config.split,
        size=config.size,
        per_class=config.per_class,
        seed=_SEED,
        workers=workers,
        backgrounds=len(CLASSES) * config.per_class * config.per_foreground,
    )
    unfinished.rename(folder)
    return folder
