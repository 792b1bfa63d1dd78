"""The table on the screen: one row a method, both regions, the conditions in its heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_METRICS = ("sad", "mse", "grad", "conn")
_FORMATS = {"sad": "{:9.3f}", "mse": "{:8.4f}", "grad": "{:9.3f}", "conn": "{:9.3f}"}


def summarise(table: pd.DataFrame) -> dict[str, float]:
    """Return the plain mean over images of each metric id, as the official code averages.

    An image whose unknown region is empty has no MSE there and is left out of that mean.
    """
    means = table.groupby("metric")["value"].mean()
    return {str(name): float(value) for name, value in means.items()}


def render(tables: list[pd.DataFrame]) -> str:
    """Lay out one row a method.

    Parameters
    ----------
    tables
        Per-image results of one method each, all on the same dataset.
    """
    first = tables[0].iloc[0]
    regions = [name for name in ("whole", "unknown") if (tables[0]["region"] == name).any()]
    lines = [
        f"{first['dataset']} (root {first['dataset_root'][:12]}), "
        f"trimaps: {first['trimap_rule'] or 'none'}; mean over images, official units "
        "(SAD, Grad, Conn in thousands; MSE absolute)",
    ]
    if str(first["dataset"]).startswith("mini"):
        lines.append("synthetic, not comparable with Composition-1k or Distinctions-646")
    width = max(16, *(len(table["method"].iloc[0]) for table in tables))
    head = f"{'method':{width}} {'images':>6} {'n/a':>4}"
    over = " " * len(head)
    for region in regions:
        block = "".join(f"{name.upper():>{len(_FORMATS[name].format(0))}}" for name in _METRICS)
        head += " |" + block
        over += " |" + f"{region + (' image' if region == 'whole' else ' region'):^{len(block)}}"
    lines += ["", over, head, "-" * len(head)]
    lines += [_row(table, regions, width) for table in tables]
    if any((table["status"] == "n/a").any() for table in tables):
        lines.append(
            "n/a: the method could not work; its trimap with 0.5 in the unknown region counts"
        )
    undefined = sum(int(table["value"].isna().sum()) for table in tables)
    if undefined:
        lines.append(f"{undefined} values are undefined (no unknown pixel) and in no mean")
    return "\n".join(lines) + "\n"


def _row(table: pd.DataFrame, regions: list[str], width: int) -> str:
    means = summarise(table)
    images = table.drop_duplicates("image_id")
    not_applicable = int((images["status"] == "n/a").sum())
    row = f"{table['method'].iloc[0]:{width}} {len(images):6d} {not_applicable:4d}"
    for region in regions:
        values = (_FORMATS[name].format(means[f"{name}/{region}/v1"]) for name in _METRICS)
        row += " |" + "".join(values)
    return row
