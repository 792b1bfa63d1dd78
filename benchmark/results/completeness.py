"""Whether a results table has every row that its run left: each image, region and metric.

A mean over the images that happen to have a value is no mean of the test set, so that a table with
a row missing is refused, not averaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from benchmark.metrics.registry import BY_NAME, metric_id

if TYPE_CHECKING:
    import pandas as pd

_AGAIN = "run the same command again, or remove the file to score all again"


def missing_rows(table: pd.DataFrame, card: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield what a table lacks, as one sentence for each kind of fault.

    Parameters
    ----------
    table
        Of one method on one split, whole as it was read.
    card
        Its run card, for what all images may lack; without it the images are compared with each
        other. An entry that a card lacks, as those of old ones, is not compared.
    """
    rules = table["trimap_rule"].fillna("")
    rows = (rules + "\n" + table["metric"]).rename("row")
    counted = table.assign(row=rows).groupby("row")["image_id"].nunique()
    images = table["image_id"].drop_duplicates()
    for row, count in counted.items():
        if count != len(images):
            there = set(table.loc[rows == row, "image_id"])
            lonely = next(image for image in images if image not in there)
            rule, _, metric = str(row).partition("\n")
            under = f" with the trimaps {rule}" if rule and rules.nunique() > 1 else ""
            more = f" (and of {len(images) - count - 1} more)" if len(images) - count > 1 else ""
            yield f"has no {metric} of the image {lonely}{under}{more}, as of the others; {_AGAIN}"
            return
    if card is None:
        return
    if card.get("images", len(images)) != len(images):
        yield (
            f"has results of {len(images)} images, and the run card says {card['images']}; {_AGAIN}"
        )
    for rule, metric in _promised(card, table):
        if f"{rule}\n{metric}" not in counted.index:
            yield f"has no {metric}, which the run card says was measured; {_AGAIN}"
            return


def _promised(card: Mapping[str, Any], table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield the trimap rule and the metric of each row that a card promises of an image."""
    names = card.get("config", {}).get("metrics")
    if not isinstance(names, list | tuple):
        return
    reference = card.get("reference_trimaps") or {}
    for rule in table["trimap_rule"].fillna("").unique():
        region = reference.get("region") or ("unknown" if rule else None)
        for name in names:
            if name in BY_NAME:
                yield rule, metric_id(name)
                if region == "unknown":
                    yield rule, metric_id(name, region)
                elif region is not None:
                    yield rule, f"{name}/{region}/v{BY_NAME[name].version}"
