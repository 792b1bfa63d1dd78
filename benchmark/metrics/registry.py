"""The table of metrics: what each number is called, measures, and comes from.

An id holds all that decides a number's meaning: the name, the region, how the matte was read
(nothing for the stored 8 bits, ``float`` for unrounded values) and a version. A changed number
is a new version, never an edit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

DIM = "Xu et al., Deep Image Matting, CVPR 2017: the authors' evaluation code of 2018"
AIM = "Li, Zhang and Tao, Deep Automatic Natural Image Matting, IJCAI 2021: evaluation code"


@dataclass(frozen=True)
class Metric:
    """One entry of the table.

    Attributes
    ----------
    id
        Name, region, reading and version, such as ``sad/whole/v1``.
    unit
        What one unit of the number is.
    low, high
        Range of the number for one image; the best value is `low`.
    empty
        The value over a region without pixels.
    reference
        The paper or code that the number follows.
    """

    id: str
    unit: str
    low: float
    high: float
    empty: float
    reference: str
    lower_is_better: bool = True


_BASES = {
    "sad": Metric("", "sum of absolute differences / 1000", 0.0, math.inf, 0.0, DIM),
    "mse": Metric("", "mean of squared differences", 0.0, 1.0, math.nan, DIM),
    "grad": Metric("", "sum of squared gradient differences / 1000", 0.0, math.inf, 0.0, DIM),
    "conn": Metric("", "sum of connectivity differences / 1000", 0.0, math.inf, 0.0, DIM),
    "mad": Metric("", "mean of absolute differences", 0.0, 1.0, math.nan, AIM),
}
EMPTY_INTERSECTION = "empty-is-unconnected"
"""Conn where no pixel of both mattes reaches a threshold: nothing is connected from there on.

So has the official code as GCA-Matting carries it; IndexNet's copy leaves such a threshold out.
"""


def _table() -> dict[str, Metric]:
    table = {}
    for name, base in _BASES.items():
        for region in ("whole", "unknown"):
            for reading in ("", "float/"):
                key = f"{name}/{region}/{reading}v1"
                table[key] = _named(base, key, base.reference)
    for region in ("foreground", "background"):
        key = f"sad/{region}/v1"
        table[key] = _named(_BASES["sad"], key, AIM)
    return table


def _named(base: Metric, key: str, reference: str) -> Metric:
    return Metric(key, base.unit, base.low, base.high, base.empty, reference)


METRICS: dict[str, Metric] = _table()
"""Every metric by its id."""


def metric_id(name: str, region: str = "whole", rounding: str = "8-bit") -> str:
    """Return the id of a metric under given conditions.

    Parameters
    ----------
    name
        ``"sad"``, ``"mse"``, ``"grad"``, ``"conn"`` or ``"mad"``.
    region
        ``"whole"`` or ``"unknown"``; for SAD also ``"foreground"`` and ``"background"``.
    rounding
        ``"8-bit"`` or ``"none"``, as `benchmark.metrics.evaluate` takes it.

    Returns
    -------
    str
        A key of `METRICS`.

    Raises
    ------
    ValueError
        Where the table has no such metric.

    Examples
    --------
    >>> metric_id("conn", "unknown")
    'conn/unknown/v1'
    >>> metric_id("sad", rounding="none")
    'sad/whole/float/v1'
    """
    key = f"{name}/{region}/{'float/' if rounding == 'none' else ''}v1"
    if key not in METRICS:
        raise ValueError(f"there is no metric {key}; the table has {', '.join(METRICS)}")
    return key


UNKNOWN = 128
