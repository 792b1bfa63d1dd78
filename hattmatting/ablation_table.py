"""The ablation's table: our means with intervals over seeds, beside the paper's numbers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from distinctions646.images.png import write_bytes
from hattmatting.model.ablations import FULL, ROWS

PAPER = Path(__file__).parent / "paper_ablation.csv"  # Qiao et al., Tables 1 and 2
Scores = dict[str, float]


def write_table(out: Path, found: Mapping[str, Sequence[Scores]], heading: str) -> Path:
    """Write ``ablation.csv``, one line a run, and ``ablation.md``; return the latter.

    Parameters
    ----------
    out
        Folder.
    found
        The scores of each row's runs, in order of their seeds.
    heading
        What was trained and scored, in words.
    """
    metrics = list(next(iter(found.values()))[0])
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["row", "seed", *metrics])
    for row, runs in found.items():
        for seed, scores in enumerate(runs):
            writer.writerow([row, seed, *(repr(scores[name]) for name in metrics)])
    write_bytes(out / "ablation.csv", lines.getvalue().encode())
    text = f"{heading}\n\n{_markdown(found)}\n{_order(found)}\n"
    write_bytes(out / "ablation.md", text.encode())
    return out / "ablation.md"


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and half-width of its 95 % interval (Student's t); NaN for a single value.

    Examples
    --------
    >>> mean, half = interval([1.0, 2.0, 3.0])
    >>> round(mean, 3), round(half, 3)
    (2.0, 2.484)
    """
    from scipy.stats import t

    count = len(values)
    if count < 2:
        return float(values[0]), math.nan
    deviation = float(np.std(values, ddof=1))
    return float(np.mean(values)), float(t.ppf(0.975, count - 1)) * deviation / math.sqrt(count)


def paper_numbers() -> dict[str, dict[str, Scores]]:
    """Return the paper's ablation: dataset, row, metric."""
    numbers: dict[str, dict[str, Scores]] = {}
    with PAPER.open(newline="") as file:
        for line in csv.DictReader(file):
            scores = {name: float(line[name]) for name in ("sad", "mse", "grad", "conn")}
            numbers.setdefault(line["dataset"], {})[line["row"]] = scores
    return numbers


def _markdown(found: Mapping[str, Sequence[Scores]]) -> str:
    paper = paper_numbers()
    seeds = len(next(iter(found.values())))
    head = ["", "SAD", "MSE", "Grad", "Conn", f"SAD less {ROWS[FULL].label}'s"]
    head += [f"paper's SAD, {dataset}" for dataset in paper]
    rows = [head, ["---", *["--:"] * (len(head) - 1)]]
    for row, runs in found.items():
        cells = [_cell([run["sad"] for run in runs], 2), _cell([run["mse"] for run in runs], 4)]
        cells += [_cell([run[name] for run in runs], 2) for name in ("grad", "conn")]
        cells.append(_against_full(row, found))
        cells += [f"{paper[dataset][row]['sad']:.2f}" for dataset in paper]
        rows.append([ROWS[row].label, *cells])
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    note = (
        f"± is half of the 95 % interval over {seeds} seeds (Student's t)."
        if seeds > 1
        else ("One seed: no intervals.")
    )
    return f"{table}\n{note}\n"


def _cell(values: Sequence[float], digits: int) -> str:
    mean, half = interval(values)
    return f"{mean:.{digits}f}" + ("" if math.isnan(half) else f" ± {half:.{digits}f}")


def _against_full(row: str, found: Mapping[str, Sequence[Scores]]) -> str:
    """Compare seed by seed: both runs of a seed saw the same samples in the same order."""
    if row == FULL or FULL not in found:
        return ""
    pairs = zip(found[row], found[FULL], strict=True)
    mean, half = interval([one["sad"] - full["sad"] for one, full in pairs])
    return f"{mean:+.2f}" + ("" if math.isnan(half) else f" ± {half:.2f}")


def _order(found: Mapping[str, Sequence[Scores]]) -> str:
    """Say in which order SAD puts the rows, here and in the paper, and how well they agree."""
    if len(found) < 2:
        return ""
    from scipy.stats import kendalltau

    ours = {row: float(np.mean([run["sad"] for run in runs])) for row, runs in found.items()}
    lines = [f"Order by SAD, here: {_words(ours)}.\n"]
    for dataset, numbers in paper_numbers().items():
        theirs = {row: numbers[row]["sad"] for row in found}
        tau = kendalltau(list(ours.values()), list(theirs.values())).statistic
        lines.append(f"The paper's, {dataset}: {_words(theirs)} (Kendall's tau {tau:.2f}).\n")
    return "".join(lines)


def _words(values: Mapping[str, float]) -> str:
    return " < ".join(ROWS[row].label for row in sorted(values, key=lambda row: values[row]))
