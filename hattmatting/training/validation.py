"""Scores of a network while it trains, on a built dataset, by the benchmark's own metrics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from accelerate import Accelerator

from distinctions646.forms.samples import Sample
from hattmatting.samples.cutouts import CutoutSample, cutout_samples

Scored: TypeAlias = Sample | CutoutSample


@dataclass(frozen=True)
class Validation:
    """The pictures to score.

    Parameters
    ----------
    folder
        A built dataset, or a folder with ``image/`` and ``alpha/``.
    split
        Name of the split; never the test split, if the result is to be compared.
    limit
        Only so many pictures, spread evenly over the split; None for all.
    backgrounds
        Where given, `folder` holds photographic cut-outs (RGBA) to lie over these.
    """

    folder: Path
    split: str
    limit: int | None
    backgrounds: Path | None = None

    def samples(self) -> tuple[Scored, ...]:
        """Return the split's samples; a `ValueError` where it cannot be opened."""
        from distinctions646.loading.opening import open_split

        samples: tuple[Scored, ...]
        if self.backgrounds is None:
            samples = open_split(self.folder, self.split).samples
        else:
            samples = cutout_samples(self.folder, self.backgrounds)
        if self.limit is None or self.limit >= len(samples):
            return samples
        places = np.linspace(0, len(samples) - 1, self.limit).round().astype(int)
        return tuple(samples[place] for place in places)


def score(
    predict: Callable[[Any], npt.NDArray[np.float32]],
    samples: tuple[Scored, ...],
    accelerator: Accelerator | None = None,
    metrics: tuple[str, ...] = ("sad", "mse"),
) -> dict[str, float]:
    """Return mean metrics over the whole image, in the official units.

    Parameters
    ----------
    predict
        Returns a sample's matte, float32 H×W in [0, 1].
    samples
        The pictures; the processes share them out.
    accelerator
        The training's; None for one process.
    metrics
        Some of ``sad``, ``mse``, ``grad``, ``conn``.
    """
    from benchmark.metrics import evaluate
    from distinctions646.images.reading import alpha_to_u8

    process, processes = (
        (accelerator.process_index, accelerator.num_processes) if accelerator else (0, 1)
    )
    rows = []
    for sample in samples[process::processes]:
        matte = alpha_to_u8(predict(sample))
        rows.append(evaluate(matte, sample.alpha_u8(), metrics=metrics))
    if processes > 1:
        from accelerate.utils import gather_object

        rows = gather_object(rows)
    return {name: float(np.mean([row[name] for row in rows])) for name in metrics}
