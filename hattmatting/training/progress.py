"""What a training tells on its way: the time left, curves in a CSV, mattes to look at."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from distinctions646.images.png import write_png
from distinctions646.images.reading import alpha_to_u8
from hattmatting.model.network import HAttMatting
from hattmatting.samples.samples import ImageU8, resize_square

T = TypeVar("T")

LOADING_LIMIT = 0.2  # share of a step beyond which more workers pay
COLUMNS = (
    "step epoch size rate train_mse train_ssim train_l1 train_adversarial train_discriminator "
    "gradient images_per_second loading_share cpu_seconds validation_sad validation_mse"
).split()
PREVIEW_SIDE = 192


class Log:
    """Progress on stderr and one CSV row a checkpoint; says how much of a step is loading.

    Parameters
    ----------
    path
        The CSV, which is appended to; None for a process that keeps none.
    first, steps
        The step it begins at, and how many there are.
    batch
        Samples a step, of all processes.
    processes
        Their number; the losses of a row are means over all of them.
    """

    def __init__(
        self, path: Path | None, first: int, steps: int, batch: int, processes: int = 1
    ) -> None:
        from tqdm import tqdm

        self.path, self.batch, self.processes = path, batch, processes
        self.bar = tqdm(
            total=steps, initial=first, unit="step", mininterval=5, disable=path is None
        )
        self.whole_waited = self.whole_spent = 0.0
        self._reset()

    def _reset(self) -> None:
        self.sums: dict[str, float] = {}
        self.count = 0
        self.waited = self.spent = 0.0
        self.cpu = time.process_time()

    def watch(self, loader: Iterable[T]) -> Iterator[T]:
        """Yield the loader's batches and measure how long they are waited for."""
        batches = iter(loader)
        while True:
            start = time.perf_counter()
            try:
                batch = next(batches)
            except StopIteration:
                return
            self.started = time.perf_counter()
            self.waited += self.started - start
            self.spent += self.started - start
            yield batch

    def add(self, parts: dict[str, float]) -> None:
        """Count a finished step; what follows until the next batch is not the step's time."""
        self.spent += time.perf_counter() - self.started
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1
        self.bar.update()
        self.bar.set_postfix_str(f"mse {self.sums['mse'] / self.count:.4f}", refresh=False)

    def write(self, step: int, epoch: int, size: int, scores: dict[str, float]) -> None:
        """Append a row with the means since the last one."""
        means = self._means()
        row: dict[str, float] = {
            "step": step,
            "epoch": epoch,
            "size": size,
            "rate": means["rate"],
            "gradient": means["gradient"],
            "images_per_second": self.count * self.batch / self.spent,
            "loading_share": self.waited / self.spent,
            "cpu_seconds": time.process_time() - self.cpu,
        }
        row |= {f"train_{name}": value for name, value in means.items()}
        row |= {f"validation_{name}": value for name, value in scores.items()}
        self.whole_waited += self.waited
        self.whole_spent += self.spent
        self._reset()
        if self.path is None:
            return
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
            if new:
                writer.writeheader()
            writer.writerow({name: f"{value:.6g}" for name, value in row.items()})

    def _means(self) -> dict[str, float]:
        means = {name: total / self.count for name, total in self.sums.items()}
        if self.processes == 1:
            return means
        from accelerate.utils import gather_object

        every = gather_object([means])
        return {name: sum(one[name] for one in every) / len(every) for name in means}

    def loading(self) -> str:
        """Say how much of the steps' time was waiting for samples, and what to do about much."""
        share = self.whole_waited / max(self.whole_spent, 1e-9)
        advice = "; give more --workers" if share > LOADING_LIMIT else ""
        return f"{100 * share:.1f} % of the steps{advice}"


def write_preview(path: Path, model: HAttMatting, pictures: list[tuple[ImageU8, ImageU8]]) -> None:
    """Draw a grid, one picture a row: image, true matte, the model's.

    Parameters
    ----------
    path
        PNG file.
    model
        Left in evaluation mode.
    pictures
        Square images uint8 S×S×3 and alphas uint8 S×S.
    """
    from hattmatting.inference.predicting import predict

    model.eval()
    mattes = [alpha_to_u8(predict(model, image, long_side=None)) for image, _ in pictures]
    rows = []
    for (image, alpha_u8), matte in zip(pictures, mattes, strict=True):
        cells = [image, *(np.repeat(grey[..., None], 3, axis=2) for grey in (alpha_u8, matte))]
        rows.append(np.hstack([resize_square(cell, PREVIEW_SIDE) for cell in cells]))
    write_png(path, np.vstack(rows))
