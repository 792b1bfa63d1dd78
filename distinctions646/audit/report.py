"""The report of an audit: clusters, leaks between sets, and the files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.checks.escapes import csv_cell
from distinctions646.images.png import encode_png
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    from distinctions646.audit.duplicates import Pair
    from distinctions646.audit.features import Features


@dataclass(frozen=True)
class Entry:
    """One foreground as the audit sees it."""

    set_name: str
    name: str
    height: int
    width: int
    pixels_sha256: str
    statistics: dict[str, Any]


def summarize(entries: Sequence[Entry], clusters: Sequence[int]) -> dict[str, Any]:
    """Count the distinct foregrounds, and list clusters and leaks.

    Parameters
    ----------
    entries
        All foregrounds.
    clusters
        The cluster of each foreground.

    Returns
    -------
    dict
        The return value of `audit.audit`.
    """
    sets = {}
    for name in dict.fromkeys(entry.set_name for entry in entries):
        own = [clusters[i] for i, entry in enumerate(entries) if entry.set_name == name]
        sets[name] = {"foregrounds": len(own), "distinct": len(set(own))}
    groups = _groups(clusters)
    return {
        "foregrounds": len(entries),
        "distinct": len(set(clusters)),
        "sets": sets,
        "clusters": [[_label(entries[i]) for i in group] for group in groups],
        "leaks": [
            [_label(entries[i]) for i in group]
            for group in groups
            if len({entries[i].set_name for i in group}) > 1
        ],
    }


def _groups(clusters: Sequence[int]) -> list[list[int]]:
    """Clusters of two and more, the largest first."""
    members: dict[int, list[int]] = {}
    for number, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(number)
    return sorted((group for group in members.values() if len(group) > 1), key=lambda g: -len(g))


def _label(entry: Entry) -> str:
    return f"{entry.set_name}/{entry.name}"


def write_report(
    out: Path,
    entries: Sequence[Entry],
    features: Sequence[Features],
    pairs: Sequence[Pair],
    clusters: Sequence[int],
    summary: dict[str, Any],
) -> None:
    """Write the tables, the contact sheet and the summary.

    Parameters
    ----------
    out
        The folder; made where it is missing.
    entries, features
        One per foreground.
    pairs, clusters
        Near-duplicates, and the cluster of each foreground.
    summary
        From `summarize`.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    from distinctions646.audit.sheet import contact_sheet

    out.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "set": entry.set_name,
            "name": entry.name,
            "cluster": clusters[number],
            "height": entry.height,
            "width": entry.width,
            **{
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in entry.statistics.items()
            },
        }
        for number, entry in enumerate(entries)
    ]
    write_bytes(out / "foregrounds.csv", _csv(rows, tuple(rows[0])))
    columns = ("first", "second", "by", "mirrored", "inliers", "mattes", "brightness")
    proofs = [
        {
            **asdict(pair),
            "first": _label(entries[pair.first]),
            "second": _label(entries[pair.second]),
            "mattes": round(pair.mattes, 4),
            "brightness": round(pair.brightness, 4),
        }
        for pair in pairs
    ]
    write_bytes(out / "pairs.csv", _csv(proofs, columns))
    sheet = contact_sheet(
        _groups(clusters),
        [feature.thumbnail for feature in features],
        [_label(entry) for entry in entries],
    )
    write_bytes(out / "clusters.png", encode_png(sheet))
    text = json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
    write_bytes(out / "audit.json", text.encode())


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: csv_cell(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    )
    return text.getvalue().encode()
