"""How classical methods rank on mini, of each attribute group, beside their published order.

    python -m benchmark.run --method constant distance knn closed-form learning-based
    python -m perf.mini.ranking --dataset mini --runs runs --out perf/mini/ranking.csv

Mean MSE in the unknown region of each method's own results, and its SAD over the whole image; the
published numbers are those of Composition-1k in benchmark/published, whole image, where there are
some. The two must not be compared number by number: only their orders may be set side by side.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import pandas as pd

from benchmark.results.result_table import read
from distinctions646.forms.manifest import read_manifest
from distinctions646.process.whole_files import write_bytes

METHODS = {
    "constant": None,
    "distance": None,
    "knn": "KNN Matting",
    "closed-form": "ClosedForm",
    "learning-based": "Learning Based",
}
PUBLISHED = Path(__file__).parents[2] / "benchmark" / "board" / "published" / "numbers.csv"
METRIC = "mse/unknown/v1"
WHOLE = "sad/whole/v1"


def gather(dataset: Path, runs: Path) -> pd.DataFrame:
    """Read the results on this very dataset: one row an image and method, with its group."""
    manifest = read_manifest(dataset)
    if manifest is None:
        raise ValueError(f"{dataset}: is no built dataset")
    root = manifest["splits"]["test"]["root"]
    tables = [read(path) for path in sorted(runs.glob("*/*/results.parquet"))]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=["dataset_root"])
    table = table[table["dataset_root"] == root]
    missing = sorted(set(METHODS) - set(table.get("method", ())))
    if missing:
        raise ValueError(f"{runs}: has no results of {', '.join(missing)} on {dataset}")
    facts = pd.read_csv(dataset / "foregrounds.csv").set_index("name")
    table = table[table["method"].isin(METHODS)]
    joined: pd.DataFrame = table.join(facts, on="foreground")
    return joined


def published(path: Path) -> dict[str, dict[str, float]]:
    """Give SAD and MSE on Composition-1k, whole image, from the original paper's table."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["dataset"].replace("-", "").lower() == "composition1k"
            and row["region"] == "whole"
            and "Table 1" in row["source"]
        ]
    return {row["method"]: {name: float(row[name]) for name in ("sad", "mse")} for row in rows}


def tabulate(results: pd.DataFrame, papers: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Put a method in each row: its mean over all, of each group and of each source."""
    table = results[results["metric"] == METRIC]
    whole = results[results["metric"] == WHOLE]
    columns = {"all": table, "solvable": table[table["opaque_part"]]}
    for attribute in ("group", "source"):
        columns |= {str(name): part for name, part in table.groupby(attribute)}
    frame = pd.DataFrame({n: p.groupby("method")["value"].mean() for n, p in columns.items()})
    frame = frame.reindex(list(METHODS))
    frame.insert(0, "n/a", (table["status"] == "n/a").groupby(table["method"]).sum())
    frame["wins"] = _wins(table)
    frame["SAD, whole"] = whole.groupby("method")["value"].mean()
    for name in ("sad", "mse"):
        known = [papers.get(METHODS[method] or "", {}).get(name) for method in frame.index]
        frame[f"published {name.upper()}, whole"] = known
    return frame


def _wins(table: pd.DataFrame) -> pd.Series[int]:
    """Count the images on which each method is the best."""
    wide = table.pivot_table(index="image_id", columns="method", values="value")
    return wide.idxmin(axis=1).value_counts().reindex(list(METHODS), fill_value=0)


def main() -> int:
    """Parse the command line, write and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", type=Path, default=Path("mini"), help="a built mini")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="of benchmark.run")
    parser.add_argument("--published", type=Path, default=PUBLISHED)
    parser.add_argument("--out", type=Path, required=True, help="CSV file")
    given = parser.parse_args()
    frame = tabulate(gather(given.dataset, given.runs), published(given.published))
    text = frame.to_csv(float_format="%.4f", lineterminator="\n")
    write_bytes(given.out, text.encode())
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
