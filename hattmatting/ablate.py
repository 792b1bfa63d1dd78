"""Train the paper's ablation, eight networks or losses, under one budget, and write its table.

    python -m hattmatting.ablate --sources sources --dataset mini --out runs/ablation

trains every row with every seed for --budget steps of the preset's batch, scores each on a built
dataset and writes ablation.md and ablation.csv under --out, beside the paper's numbers. Finished
runs are skipped when the command is run again. The first half of the steps has L_MSE alone
(--mse-until), since a small network under an adversary from the start learns nothing.
`torchrun` works as for hattmatting.train.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distinctions646.checks.files import read_json
from distinctions646.checks.schema import anything, fields, mapping_of, number
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.model.ablations import FULL, ROWS, ablation
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.training.run import Run

if TYPE_CHECKING:
    from distinctions646.forms.samples import Split

METRICS = ("sad", "mse", "grad", "conn")
PAPER = Path(__file__).parent / "paper_ablation.csv"  # Qiao et al., Tables 1 and 2
QUANTILE = 0.975  # of Student's t: 2.5 % beyond either end of an interval over seeds

Scores = dict[str, float]


@dataclass(frozen=True)
class AblateConfig:
    """Which rows to train, how long, on what, and what to score them on."""

    sources: Path
    dataset: Path
    split: str
    limit: int | None
    out: Path
    rows: tuple[str, ...]
    seeds: int
    preset: str
    budget: int
    mse_until: float
    crop: int | None
    batch: int | None
    device: str
    workers: int

    def recipe(self, row: str, seed: int) -> HAttRecipe:
        """Return the recipe of one run: the preset's, with the paper's losses and this budget."""
        base = PRESETS[self.preset]
        return dataclasses.replace(
            base,
            ablation=row,
            seed=seed,
            losses="paper",
            mse_until=self.mse_until,
            steps=self.budget,
            warmup=min(base.warmup, self.budget // 10),
            batch=base.batch if self.batch is None else self.batch,
            stages=base.stages if self.crop is None else ((1.0, self.crop),),
        )


def ablate(config: AblateConfig) -> Path:
    """Train and score what is not done yet; write and return the table.

    Raises
    ------
    ValueError
        If a row, the sources or the dataset are not there, or `config.out` holds runs with other
        options.
    """
    from distinctions646.loading.opening import open_split

    for row in config.rows:
        ablation(row)
    if config.seeds < 1 or config.budget < 1:
        raise ValueError(f"seeds is {config.seeds}, budget {config.budget}; expected 1 or more")
    split = open_split(config.dataset, config.split)
    runs: dict[str, list[Scores]] = {row: [] for row in config.rows}
    # Seed by seed: if it is stopped early, every row has the same seeds.
    for seed in range(config.seeds):
        for row in config.rows:
            runs[row].append(train_and_score(config, row, seed, split))
    count = len(split.samples) if config.limit is None else min(config.limit, len(split.samples))
    recipe = config.recipe(FULL, 0)
    heading = (
        f"{split.name}, {config.split} (root {split.root[:12]}), {count} pictures, whole image; "
        f"{config.budget} steps of {recipe.batch} samples at {recipe.stages[-1][1]} pixels, "
        f"preset {config.preset} ({recipe.model}); L_MSE alone for {config.mse_until:.0%} of the "
        "steps, then the paper's losses"
    )
    return write_table(config.out, runs, heading)


def train_and_score(config: AblateConfig, row: str, seed: int, split: Split) -> Scores:
    """Return the scores of one run: trained now, or read from what an earlier command left."""
    from hattmatting.inference.predicting import predict
    from hattmatting.model.network import HAttMatting
    from hattmatting.training.loop import train
    from hattmatting.training.validation import Validation, score

    folder = config.out / row / f"seed-{seed}"
    recipe = config.recipe(row, seed)
    here = {
        "recipe": recipe.settings(),
        "scored": [split.name, config.split, split.root, config.limit],
    }
    done = _read(folder / "scores.json", here)
    if done is not None:
        return done
    sys.stderr.write(f"{row}, seed {seed}\n")
    run = Run(folder, config.sources, device=config.device, workers=config.workers)
    model = HAttMatting.from_pretrained(train(recipe, run))
    if model.config.inference_long_side is not None:  # it knows no other size than its samples'
        side = recipe.stages[-1][1]
        model.config = dataclasses.replace(model.config, inference_long_side=side)
    pictures = Validation(config.dataset, config.split, config.limit).samples()
    scores = score(lambda picture: predict(model, picture.image()), pictures, metrics=METRICS)
    document = json.dumps({**here, "scores": scores}, indent=2) + "\n"
    write_bytes(folder / "scores.json", document.encode())
    (folder / "checkpoint.pt").unlink(missing_ok=True)  # large, and of no more use
    return scores


def _read(path: Path, here: dict[str, Any]) -> Scores | None:
    if not path.exists():
        return None
    document = read_json(path)
    fields({"scores": mapping_of(number(nan=True)), "recipe": mapping_of(anything)})(
        document, str(path)
    )
    scores: Scores = document.pop("scores")
    # A setting that the version of then did not have had what is its default now.
    document["recipe"] = {**HAttRecipe().settings(), **document["recipe"]}
    if document != here:
        raise ValueError(f"{path}: was made with other options; give another --out, or the same")
    return scores


def write_table(out: Path, runs: Mapping[str, Sequence[Scores]], heading: str) -> Path:
    """Write ``ablation.csv``, one line per run, and ``ablation.md``; return the latter's path.

    Parameters
    ----------
    out
        Folder of both files.
    runs
        The scores of each row's runs, in order of their seeds.
    heading
        What was trained and scored; the first paragraph of ``ablation.md``.
    """
    metrics = list(next(iter(runs.values()))[0])
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["row", "seed", *metrics])
    for row, scored in runs.items():
        for seed, scores in enumerate(scored):
            writer.writerow([row, seed, *(repr(scores[name]) for name in metrics)])
    write_bytes(out / "ablation.csv", lines.getvalue().encode())
    text = f"{heading}\n\n{_markdown(runs)}\n{_order(runs)}\n"
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
    return float(np.mean(values)), float(t.ppf(QUANTILE, count - 1)) * deviation / math.sqrt(count)


def paper_numbers() -> dict[str, dict[str, Scores]]:
    """Return the paper's ablation: dataset, row, metric."""
    numbers: dict[str, dict[str, Scores]] = {}
    with PAPER.open(newline="") as file:
        for line in csv.DictReader(file):
            scores = {name: float(line[name]) for name in METRICS}
            numbers.setdefault(line["dataset"], {})[line["row"]] = scores
    return numbers


def _markdown(runs: Mapping[str, Sequence[Scores]]) -> str:
    paper = paper_numbers()
    seeds = len(next(iter(runs.values())))
    head = ["", "SAD", "MSE", "Grad", "Conn", f"SAD less {ROWS[FULL].label}'s"]
    head += [f"paper's SAD, {dataset}" for dataset in paper]
    rows = [head, ["---", *["--:"] * (len(head) - 1)]]
    for row, scored in runs.items():
        cells = [_cell([run["sad"] for run in scored], 2), _cell([run["mse"] for run in scored], 4)]
        cells += [_cell([run[name] for run in scored], 2) for name in ("grad", "conn")]
        cells.append(_against_full(row, runs))
        cells += [f"{paper[dataset][row]['sad']:.2f}" for dataset in paper]
        rows.append([ROWS[row].label, *cells])
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    note = (
        f"± is half of the 95 % interval over {seeds} seeds (Student's t)."
        if seeds > 1
        else "One seed: no intervals."
    )
    return f"{table}\n{note}\n"


def _cell(values: Sequence[float], digits: int) -> str:
    mean, half = interval(values)
    return f"{mean:.{digits}f}" + ("" if math.isnan(half) else f" ± {half:.{digits}f}")


def _against_full(row: str, runs: Mapping[str, Sequence[Scores]]) -> str:
    """Compare seed by seed: both runs of a seed saw the same samples in the same order."""
    if row == FULL or FULL not in runs:
        return ""
    pairs = zip(runs[row], runs[FULL], strict=True)
    mean, half = interval([run["sad"] - full["sad"] for run, full in pairs])
    return f"{mean:+.2f}" + ("" if math.isnan(half) else f" ± {half:.2f}")


def _order(runs: Mapping[str, Sequence[Scores]]) -> str:
    """Return the order in which SAD puts the rows, here and in the paper, and their agreement."""
    if len(runs) < 2:
        return ""
    from scipy.stats import kendalltau

    ours = {row: float(np.mean([run["sad"] for run in scored])) for row, scored in runs.items()}
    lines = [f"Order by SAD, here: {_words(ours)}.\n"]
    for dataset, numbers in paper_numbers().items():
        theirs = {row: numbers[row]["sad"] for row in runs}
        tau = kendalltau(list(ours.values()), list(theirs.values())).statistic
        lines.append(f"The paper's, {dataset}: {_words(theirs)} (Kendall's tau {tau:.2f}).\n")
    return "".join(lines)


def _words(values: Mapping[str, float]) -> str:
    return " < ".join(ROWS[row].label for row in sorted(values, key=lambda row: values[row]))


def parse_args(arguments: list[str] | None = None) -> AblateConfig:
    """Read the command line."""
    parser = make_parser("python -m hattmatting.ablate", __doc__)
    parser.add_argument(
        "--sources",
        type=Path,
        required=True,
        help="folder with foregrounds/ and backgrounds/ to train on",
    )
    parser.add_argument(
        "--dataset", type=Path, default=Path("mini"), help="built dataset to score on"
    )
    parser.add_argument("--split", default="test", help="split of the dataset to score")
    parser.add_argument("--limit", type=int, help="score only so many pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder for runs and table")
    parser.add_argument("--rows", nargs="+", default=tuple(ROWS), help="rows of the ablation")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each row")
    parser.add_argument("--preset", choices=sorted(PRESETS), default="tiny", help="recipe")
    parser.add_argument("--budget", type=int, default=400, help="steps of each run")
    parser.add_argument(
        "--mse-until", type=float, default=0.5, help="fraction of the steps with L_MSE alone"
    )
    parser.add_argument("--crop", type=int, help="side of the samples, instead of the preset's")
    parser.add_argument("--batch", type=int, help="samples a step, instead of the preset's")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--workers", type=int, default=1, help="processes that make samples")
    options = vars(parser.parse_args(arguments))
    options["rows"] = tuple(options["rows"])
    return AblateConfig(**options)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""

    def command() -> None:
        table = ablate(parse_args(arguments))
        sys.stdout.write(table.read_text())

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
