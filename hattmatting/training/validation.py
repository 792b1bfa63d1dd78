"""Score a model while it trains, on a built dataset, by the benchmark's own metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from accelerate import Accelerator

from hattmatting.model.network import HAttMatting


class Scored(Protocol):
    """What has an image and its true alpha: uint8 H×W×3 and H×W."""

    def image(self) -> npt.NDArray[np.uint8]:
        """Return the image."""
        ...

    def alpha_u8(self) -> npt.NDArray[np.uint8]:
        """Return the true alpha."""
        ...


@dataclass(frozen=True)
class Validation:
    """Which pictures to score.

    Parameters
    ----------
    folder
        A built dataset, or one with ``image/`` and ``alpha/``.
    split
        Of the dataset; never the test split, if the result is to be compared.
    limit
        Only so many pictures, spread over the split; None for all.
    backgrounds
        Where given, `folder` holds photographic cut-outs (RGBA) to lie over these.
    """

    folder: Path
    split: str
    limit: int | None
    backgrounds: Path | None = None

    def samples(self) -> tuple[Scored, ...]:
        """Open the split or the folders; their errors are a `ValueError`."""
        samples: tuple[Scored, ...]
        if self.backgrounds is not None:
            from hattmatting.training.cutout_validation import cutout_samples

            samples = cutout_samples(self.folder, self.backgrounds)
        else:
            from distinctions646.loading.opening import open_split

            samples = open_split(self.folder, self.split).samples
        if self.limit is None or self.limit >= len(samples):
            return samples
        places = np.linspace(0, len(samples) - 1, self.limit).round().astype(int)
        return tuple(samples[place] for place in places)


def score(
    model: HAttMatting,
    samples: tuple[Scored, ...],
    accelerator: Accelerator | None = None,
    metrics: tuple[str, ...] = ("sad", "mse"),
) -> dict[str, float]:
    """Return mean metrics over the whole image, in the official units.

    Parameters
    ----------
    model
        Left in evaluation mode.
    samples
        Shared out among the processes.
    accelerator
        Of the training; None for one process.
    metrics
        Which of ``sad``, ``mse``, ``grad``, ``conn``.
    """
    from benchmark.metrics import evaluate
    from distinctions646.images.reading import alpha_to_u8
    from hattmatting.inference.predicting import predict

    process, processes = (
        (accelerator.process_index, accelerator.num_processes) if accelerator else (0, 1)
    )
    model.eval()
    rows = []
    for sample in samples[process::processes]:
        matte = alpha_to_u8(predict(model, sample.image()))
        rows.append(evaluate(matte, sample.alpha_u8(), metrics=metrics))
    if processes > 1:
        from accelerate.utils import gather_object

        rows = gather_object(rows)
    return {name: float(np.mean([row[name] for row in rows])) for name in metrics}
