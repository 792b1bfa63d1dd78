"""Trimap curves as a CSV file, and as a table on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.board.curves import short_rule
from benchmark.formats.long_table import escaped
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = "sad"


def write_curves(path: Path, table: pd.DataFrame) -> None:
    """Write the summary as CSV, numbers to nine digits."""
    text = (
        escaped(table)
        .astype({"dilation": "Int64"})
        .to_csv(index=False, float_format="%.9g", lineterminator="\n")
    )
    write_bytes(path, text.encode())


def render_curves(table: pd.DataFrame) -> str:
    """Return mean SAD over the whole image as text: a row per method, a column per rule."""
    shown = table[table["metric"].str.startswith(f"{_SHOWN}/whole/")]
    rules = [rule for rule in dict.fromkeys(shown["trimap_rule"]) if isinstance(rule, str)]
    heads = [short_rule(rule) for rule in rules]
    width = max(16, *(len(name) for name in shown["method"]))
    cells = [max(len(head), 8) + 2 for head in heads]
    lines = [
        f"{shown['dataset'].iloc[0]}: SAD over the whole image by trimap (dilation in pixels of a "
        "full-size image), mean over images",
        "",
        f"{'method':{width}}" + "".join(f"{h:>{c}}" for h, c in zip(heads, cells, strict=True)),
    ]
    for method, part in shown.groupby("method", sort=False):
        means = {row["trimap_rule"]: row["mean"] for row in part.to_dict("records")}
        if len(part) == 1 and not isinstance(part["trimap_rule"].iloc[0], str):
            body = f"  {part['mean'].iloc[0]:.3f} without trimap"
        else:
            body = "".join(f"{means[rule]:>{c}.3f}" for rule, c in zip(rules, cells, strict=True))
        lines.append(f"{method!s:{width}}{body}")
        failed = part[part["not_applicable"] > 0].to_dict("records")
        if failed:
            where = ", ".join(
                f"{row['not_applicable']} at {short_rule(str(row['trimap_rule']))}"
                for row in failed
            )
            lines.append(f"  n/a of {part['images'].max()}: {where}; their trimaps are scored")
    return "\n".join(lines) + "\n"
