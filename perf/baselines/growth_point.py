"""The point "classical growth" of `perf.points`, from what growth.json holds.

To add a row: a cell to `SECONDS`, or a function in `growth_point`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perf.baselines.growth_tables import METHODS, ratio

COMMAND = "python -m perf.baselines.growth --point perf/points/7-growth.json"
LARGEST = "12"  # megapixels
_WHICH = ("before", "rows")  # of growth.json: the rival's cells, and this checkout's
MOST_GB = 16  # the target of the largest
SECONDS = (  # method, megapixels, title
    ("closed-form", "3", "closed form"),
    ("learning-based", "12", "learning-based"),
    ("information-flow", "3", "Information-Flow"),
)
SEARCHES = (
    "the search for 50 neighbours of each unknown pixel is done by groups of near pixels, in trees "
    "made by sorting, and the preconditioner is a polynomial in the matting Laplacian beside a "
    "coarse level: half the iterations. Tried without gain: larger groups, a direct solve in place "
    "of the polynomial, coarse points 16, 32 or 48 pixels apart, a start from the known-to-unknown "
    "estimate, fewer rows of the mixture in the preconditioner, both far flows in one pass"
)


def growth_point(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the point as `perf.points` reads it; values that were not measured are None.

    Parameters
    ----------
    kept
        What growth.json holds: cells under "before" and "rows", by method/megapixels/border.
    """
    rows = [_against_pymatting(kept)]
    rows += [_seconds(kept, *cell) for cell in SECONDS]
    rows += [_against_closed_form(kept), _peak(kept)]
    return {"point": 7, "what": "classical growth", "rows": rows}


def _row(
    kept: Mapping[str, Any], what: str, unit: str, values: Any, cells: tuple[str, str]
) -> dict[str, Any]:
    """Return a row of the point; its commits are those at which `cells` were measured."""
    pairs = zip(_WHICH, cells, strict=True)
    commits = [kept[which].get(f"{cell}/narrow", {}).get("commit", "") for which, cell in pairs]
    before, after = values
    return {"what": what, "unit": unit, "before": before, "after": after, "commits": commits,
            "command": COMMAND}  # fmt: skip


def _seconds(kept: Mapping[str, Any], method: str, size: str, title: str) -> dict[str, Any]:
    cell = f"{method}/{size}"
    values = [kept[which].get(f"{cell}/narrow", {}).get("cpu_seconds") for which in _WHICH]
    return _row(kept, f"{title}, {size} MP", "CPU s", values, (cell, cell))


def _ratios(kept: Mapping[str, Any], top: str, bottom: str, size: str) -> list[float | None]:
    found = [ratio(kept[which], top, bottom, size) for which in _WHICH]
    return [None if value is None else round(value, 2) for value in found]


def _against_pymatting(kept: Mapping[str, Any]) -> dict[str, Any]:
    before, after = _ratios(kept, "closed-form-pymatting", "closed-form", "0.2")
    note = (
        f"pymatting takes {before} times as long as closed form before and {after} times now: "
        "Cholesky over nested dissection in place of SuperLU"
    )
    row = _seconds(kept, "closed-form", "0.2", "closed form")
    return {**row, "target": "2 × pymatting", "note": note}


def _against_closed_form(kept: Mapping[str, Any]) -> dict[str, Any]:
    before, after = _ratios(kept, "information-flow", "closed-form", "3")
    values = before, after
    cells = ("information-flow/3",) * 2
    row = _row(kept, "Information-Flow over closed form, 3 MP", "×", values, cells)
    seconds = [
        _seconds(kept, method, "3", "")[when]
        for method, when in (("information-flow", "after"), ("closed-form", "before"))
    ]
    then = f"{seconds[0] / seconds[1]:.2f}" if all(seconds) else "not measured"
    met = "met" if after is not None and after <= 2 else "missed"
    note = (
        f"{met}: both became faster, closed form more. Information-Flow now over closed form "
        f"before: {then}. In it, {SEARCHES}"
    )
    return {**row, "target": "2 ×", "note": note}


def _peak(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the largest memory of a process at the largest size, before and now."""
    values: list[float | None] = []
    names, largest = [], []
    for which in _WHICH:
        cells = {name: kept[which].get(f"{name}/{LARGEST}/narrow", {}) for name in METHODS}
        peaks = {name: row["peak_mb"] / 1024 for name, row in cells.items() if "peak_mb" in row}
        most = max(peaks, key=lambda name: peaks[name], default="")
        values.append(round(peaks[most], 1) if peaks else None)
        names.append(f"`{most}` of {', '.join(sorted(peaks))}" if peaks else "none")
        largest.append(f"{most}/{LARGEST}")
    what = f"highest peak memory at {LARGEST} MP"
    row = _row(kept, what, "GB", values, (largest[0], largest[1]))
    note = (
        f"before: {names[0]}; now: {names[1]}. A picture that needs more than is free is not "
        "applicable before it starts"
    )
    return {**row, "target": str(MOST_GB), "note": note}
