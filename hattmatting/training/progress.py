"""Progress of a training run: the time left, curves in a CSV, mattes to look at."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from distinctions646.images.png import write_png
from distinctions646.process.whole_files import write_bytes
from hattmatting.samples.samples import ImageU8, resize_square

T = TypeVar("T")

LOADING_LIMIT = 0.2  # share of a step beyond which more workers pay
PREVIEW_SIDE = 192  # pixels of a cell
# Columns that are no part of the loss; those stand between, as ``train_NAME``.
FIRST = ("step", "epoch", "size", "rate")
LAST = ("gradient", "images_per_second", "loading_share", "cpu_seconds")
_ORDER = (*FIRST, "train", *LAST, "validation")
_EXPECTED = "expected the log of a training"


class Log:
    """Progress on stderr, and a CSV with one row a checkpoint.

    Every part that a step returns has a column, from the first checkpoint on at which it was
    there; earlier rows have an empty cell.

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
            total=steps,
            initial=first,
            unit="step",
            mininterval=5,
            disable=True if path is None else None,
        )
        self.whole_waited = self.whole_spent = 0.0
        self._reset()

    def _reset(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self.steps = 0
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
            self.counts[name] = self.counts.get(name, 0) + 1
        self.steps += 1
        self.bar.update()
        name = next(iter(self.sums))
        shown = f"{name} {self.sums[name] / self.counts[name]:.4f}"
        self.bar.set_postfix_str(shown, refresh=False)

    def write(self, step: int, epoch: int, size: int, scores: dict[str, float]) -> None:
        """Append a row with the means since the last one, each over the steps that had the part."""
        means = self._means()
        row: dict[str, float] = {"step": step, "epoch": epoch, "size": size}
        for name, value in means.items():
            row[name if name in FIRST + LAST else f"train_{name}"] = value
        row |= {
            "images_per_second": self.steps * self.batch / self.spent,
            "loading_share": self.waited / self.spent,
            "cpu_seconds": time.process_time() - self.cpu,
        }
        row |= {f"validation_{name}": value for name, value in scores.items()}
        self.whole_waited += self.waited
        self.whole_spent += self.spent
        self._reset()
        if self.path is not None:
            append_row(self.path, {name: f"{value:.6g}" for name, value in row.items()})

    def _means(self) -> dict[str, float]:
        means = {name: total / self.counts[name] for name, total in self.sums.items()}
        if self.processes == 1:
            return means
        from accelerate.utils import gather_object

        every = gather_object([means])
        return {name: sum(part[name] for part in every) / len(every) for name in means}

    def loading(self) -> str:
        """Return how much of the steps' time was waiting for samples, with advice if it is much."""
        share = self.whole_waited / max(self.whole_spent, 1e-9)
        advice = "; give more --workers" if share > LOADING_LIMIT else ""
        return f"{100 * share:.1f} % of the steps{advice}"


def append_row(path: Path, row: dict[str, str]) -> None:
    """Append a row to a CSV whose columns grow with what the rows have.

    The file is replaced whole, so it never ends in half a row.
    """
    columns, rows = _read_rows(path)
    columns += [name for name in row if name not in columns]
    _write_rows(path, columns, [*rows, row])


def trim_log(path: Path, step: int) -> None:
    """Remove the rows after a step, whose checkpoint a killed training did not live to write.

    Parameters
    ----------
    path
        The CSV; it may be missing, and is removed if no row is left.
    step
        The step at which the training continues.

    Raises
    ------
    ValueError
        If a row has no step.
    """
    columns, rows = _read_rows(path)
    try:
        kept = [row for row in rows if int(row["step"]) <= step]
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path}: a row has no step; {_EXPECTED}") from None
    if rows and not kept:
        path.unlink()
    elif len(kept) < len(rows):
        _write_rows(path, columns, kept)


def _read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    if not path.exists():
        return [], []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or ())
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: cannot be read ({error}); {_EXPECTED}") from None
    known = all(name in _ORDER or name.split("_")[0] in _ORDER for name in columns)
    if not known or any(None in row or None in row.values() for row in rows):
        raise ValueError(f"{path}: its rows or columns do not fit; {_EXPECTED}")
    return columns, rows


def _write_rows(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]]) -> None:

    def place(column: str) -> int:
        return _ORDER.index(column if column in _ORDER else column.split("_")[0])

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, sorted(columns, key=place), restval="")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def write_preview(path: Path, rows: Sequence[Sequence[ImageU8]]) -> None:
    """Draw a grid of pictures.

    Parameters
    ----------
    path
        PNG file.
    rows
        Square pictures of each row, uint8, S×S×3 or grey S×S.
    """
    drawn = []
    for row in rows:
        cells = (cell if cell.ndim == 3 else np.repeat(cell[..., None], 3, axis=2) for cell in row)
        drawn.append(np.hstack([resize_square(cell, PREVIEW_SIDE) for cell in cells]))
    write_png(path, np.vstack(drawn))
