"""Where a training run reads and writes, and what it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """Where a training run reads and writes, and what it runs on. Its result is the same for all.

    Parameters
    ----------
    out
        Checkpoints, log and the finished model.
    sources
        Folder with ``foregrounds/`` and ``backgrounds/`` to train on; or
    dataset, split, backgrounds
        a built dataset with a virtual split, and the folder of its backgrounds where that is not
        inside it.
    validation, validation_split, validation_limit
        Built dataset to score at every checkpoint, and so many pictures of it.
    validation_backgrounds
        Where given, `validation` is a folder of photographic cut-outs (RGBA), which lie over these.
    device, workers
        ``"auto"``, ``"cpu"``, ``"cuda:1"``; processes that make samples.
    checkpoint_every
        Steps from one checkpoint to the next.
    """

    out: Path
    sources: Path | None = None
    dataset: Path | None = None
    split: str = "train"
    backgrounds: Path | None = None
    validation: Path | None = None
    validation_split: str = "validation"
    validation_limit: int | None = None
    validation_backgrounds: Path | None = None
    device: str = "auto"
    workers: int = 1
    checkpoint_every: int = 500

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        for name in ("checkpoint_every", "validation_limit"):
            refuse_below_one(name, getattr(self, name))
        if self.workers < 0:
            raise ValueError(f"workers is {self.workers}; expected 0 or more")
        if self.backgrounds is not None and self.dataset is None:
            raise ValueError(
                f"backgrounds is '{self.backgrounds}'; expected none without a dataset, "
                "sources have their own"
            )
        if self.validation_limit is not None and self.validation is None:
            raise ValueError(
                f"validation_limit is {self.validation_limit}; expected none without validation"
            )
        if self.validation_backgrounds is not None and self.validation is None:
            raise ValueError(
                f"validation_backgrounds is '{self.validation_backgrounds}'; expected none without "
                "validation"
            )


def refuse_below_one(name: str, value: int | None) -> None:
    """Raise `ValueError` if a count is below 1; None passes."""
    if value is not None and value < 1:
        raise ValueError(f"{name} is {value}; expected 1 or more")
