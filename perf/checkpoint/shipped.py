"""Put finished training runs of the learned methods into the package, and scores into their cards.

    python -m perf.checkpoint.shipped --runs runs/indexnet runs/alphagan
    python -m perf.checkpoint.shipped --runs runs/dim --before runs/dim-first
    python -m perf.checkpoint.shipped --scores RESULTS --document docs/training.md

A run is a folder that `baselines.train` left, with validation; the best weights by validation go to
baselines/deep/weights/METHOD in float16, with the card, the log and the budget. --before names the
run whose weights it began with. RESULTS is the kept results of a test set: --scores writes the
measured rows into every card, and --document into the documentation's table; they chose nothing.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from baselines.deep.checkpoints import SHIPPED
from baselines.deep.state_files import FOLDER_FILES
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from perf.documents import fill

LARGEST, LARGEST_TOGETHER = 3 << 20, 14 << 20  # bytes of weights
GENERATE = (
    "python -m distinctions646.generate --out sources --per-class 48 --backgrounds 480 --size 352"
)
BESIDE = ("constant", "sss", "distance", "closed-form")  # methods whose rows stand in every card
LOGGED = ("step", "cpu_seconds", "images_per_second", "loading_share")


def main() -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.shipped", __doc__)
    parser.add_argument("--runs", type=Path, nargs="*", default=[], help="finished training runs")
    parser.add_argument(
        "--before", type=Path, help="the run that the single one of --runs continues"
    )
    parser.add_argument("--document", type=Path, help="Markdown file whose table --scores fills")
    parser.add_argument("--scores", type=Path, help="results of a test set, a folder per method")
    given = parser.parse_args()
    return run_command(lambda: _act(given))


def _act(given: argparse.Namespace) -> None:
    if given.before is not None and len(given.runs) != 1:
        raise ValueError(f"--before {given.before}: expected one run in --runs")
    for run in given.runs:
        sys.stderr.write(f"{export(run, given.before)}\n")
    if given.scores is not None:
        for card in sorted(SHIPPED.glob("*/README.md")):
            fill(card, {"scores": scores(card.parent.name, given.scores)})
        if given.document is not None:
            fill(given.document, {"shipped": table(given.scores)})
    _refuse_large()


def export(run: Path, before: Path | None = None) -> Path:
    """Write the checkpoint and the card of a run; return the folder.

    Parameters
    ----------
    run
        The finished run.
    before
        The run whose weights it began with, if it did.

    Raises
    ------
    ValueError
        If the run is not finished or was not validated.
    """
    for part in ("model", "best"):
        if not (run / part / FOLDER_FILES[1]).is_file():
            raise ValueError(f"{run}: has no {part}; expected a finished run with --validation")
    config = json.loads((run / "best" / FOLDER_FILES[0]).read_text(encoding="utf-8"))
    name = config["network"]
    budget = _budget([*([] if before is None else [before]), run])
    recipe = json.loads((run / "config.json").read_text(encoding="utf-8"))
    config["card"] = {
        "title": f"{name} (ours, reduced)",
        "trained_on": "foregrounds and backgrounds that this suite generates",
        "licence": "MIT",
        "training": f"reduced network, {budget['steps']} steps of {recipe['batch']} samples, "
        f"{budget['cpu_seconds'] / 60:.0f} CPU minutes, chosen on mini's validation",
    }
    config["run"] = budget
    folder = SHIPPED / name
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / FOLDER_FILES[1], _halved(run / "best" / FOLDER_FILES[1]))
    write_bytes(folder / FOLDER_FILES[0], (json.dumps(config, indent=1) + "\n").encode())
    card = (
        (run / "model" / "README.md").read_text(encoding="utf-8").replace(" --weights FOLDER", "")
    )
    write_bytes(folder / "README.md", (card + _appendix(run, name, before)).encode())
    return folder


def _halved(weights: Path) -> bytes:
    from safetensors.torch import load_file, save

    tensors = load_file(weights)
    return bytes(save({key: value.half().contiguous() for key, value in tensors.items()}))


def _budget(runs: list[Path]) -> dict[str, float]:
    rows = [row for run in runs for row in _rows(run)]
    scored = [row for row in _rows(runs[-1]) if row["validation_sad"]]
    best = min(scored, key=lambda row: float(row["validation_sad"]))
    return {
        "steps": sum(int(_rows(run)[-1]["step"]) for run in runs),
        "cpu_seconds": round(sum(float(row["cpu_seconds"]) for row in rows)),
        "best_step": int(best["step"]),
        "validation_sad": float(best["validation_sad"]),
    }


def _appendix(run: Path, name: str, before: Path | None) -> str:
    first = ""
    if before is not None:
        first = f"{_log(before)}\nIt went on from that run's best weights:\n\n"
    return f"""
The data are what

    {GENERATE}

makes, merged of four seeds. The run can be repeated in kind with

    python -m distinctions646.build --config validation --out mini-validation
    python -m baselines.train --method {name} --preset small --sources sources \\
        --validation mini-validation --out runs/{name}

The weights are the run's best by SAD on the validation split of `mini`, averaged over steps, in
float16; the test split chose nothing.

## Scores

SAD in thousands and MSE over the whole image, means over the test split of `mini`; written by
`python -m perf.checkpoint.shipped --scores`.

<!-- scores: start -->
<!-- scores: end -->

## Log

{first}{_log(run)}"""


def _rows(run: Path) -> list[dict[str, str]]:
    with (run / "log.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _log(run: Path) -> str:
    rows = _rows(run)
    columns = [
        name for name in rows[0] if name in LOGGED or name.startswith(("train_", "validation_"))
    ]
    lines = [
        "| " + " | ".join(name.replace("_", " ") for name in columns) + " |",
        "|--:" * len(columns) + "|",
    ]
    lines += ["| " + " | ".join(_short(row[name]) for name in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _short(cell: str) -> str:
    return f"{float(cell):.4g}" if cell else ""


def scores(name: str, results: Path) -> str:
    """Return a table of a method's scores on a test set, beside trivial and classical ones.

    Raises
    ------
    ValueError
        If there is not one result of the method, or of one beside it.
    """
    lines = ["| method | SAD | MSE |", "|---|--:|--:|"]
    for method in (name, *BESIDE):
        means = _means(method, results)
        title = "**this checkpoint**" if method == name else f"`{method}`"
        lines.append(f"| {title} | {means['sad']:.2f} | {means['mse']:.4f} |")
    return "\n".join(lines) + "\n"


def table(results: Path) -> str:
    """Return the table of all checkpoints that ship: size, budget, validation and test."""
    lines = [
        "| method | parameters | steps | CPU minutes | SAD, validation | SAD, test |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for folder in sorted(path.parent for path in SHIPPED.glob(f"*/{FOLDER_FILES[0]}")):
        run = json.loads((folder / FOLDER_FILES[0]).read_text(encoding="utf-8"))["run"]
        size = (folder / FOLDER_FILES[1]).stat().st_size / 2e6
        lines.append(
            f"| `{folder.name}` | {size:.2f} M | {run['steps']} | {run['cpu_seconds'] / 60:.1f} | "
            f"{run['validation_sad']:.2f} | {_means(folder.name, results)['sad']:.2f} |"
        )
    for method in BESIDE:
        lines.append(f"| `{method}` | – | – | – | – | {_means(method, results)['sad']:.2f} |")
    return "\n".join(lines) + "\n"


def _means(method: str, results: Path) -> dict[str, Any]:
    files = sorted(results.glob(f"{method}-????????/results.parquet"))
    if len(files) != 1:
        raise ValueError(f"{results}: has {len(files)} results of {method}; expected 1")
    table = pd.read_parquet(files[0])
    return {
        name: table.loc[table["metric"] == f"{name}/whole/v1", "value"].mean()
        for name in ("sad", "mse")
    }


def _refuse_large() -> None:
    sizes = {path.parent.name: path.stat().st_size for path in SHIPPED.glob(f"*/{FOLDER_FILES[1]}")}
    large = [name for name, size in sizes.items() if size > LARGEST]
    if large or sum(sizes.values()) > LARGEST_TOGETHER:
        raise ValueError(
            f"weights have {sizes} bytes; expected at most {LARGEST} each and "
            f"{LARGEST_TOGETHER} together"
        )


if __name__ == "__main__":
    sys.exit(main())
