"""The table of metrics: what each is called, measures, comes from, and where it is computed.

To add a metric, write a module here with a function that takes a checked
`benchmark.metrics.pairs.Pair` and returns a float, lower being better (``mse.py`` is short),
and add its entry to `TABLE`. Evaluation, `benchmark.run --more-metrics`, the tables, the page and
the torch twin read the entry; name the metric in ``docs/metrics.md``.

An id holds all that decides a number's meaning: the name, the region, how the matte was read
(nothing for the stored 8 bits, ``float`` for unrounded values) and a version. A changed number is
a new version, never an edit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, cast

DIM = "Xu et al., Deep Image Matting, CVPR 2017: the authors' evaluation code of 2018"
AIM = "Li, Zhang and Tao, Deep Automatic Natural Image Matting, IJCAI 2021: evaluation code"
REGIONS = ("whole", "unknown")
UNKNOWN = 128
"""The only trimap value that counts as unknown; 127 or 129 do not, as in the official code."""
EMPTY_INTERSECTION = "empty-is-unconnected"
"""Conn where no pixel of both mattes reaches a threshold: nothing is connected from there on.

So has the official code as GCA-Matting carries it; IndexNet's copy leaves such a threshold out.
"""


@dataclass(frozen=True)
class Metric:
    """One entry of the table.

    Attributes
    ----------
    name
        What ``metrics=`` and ``--more-metrics`` take.
    label
        Heading of its column.
    unit
        What one unit of the number is.
    thousands
        Whether the number is a sum divided by 1000; a mean is not.
    digits
        Decimals shown in tables.
    meaning
        What it measures, for a reader who has not met it.
    high
        Largest possible number for one image; the smallest, and the best, is `low`.
    empty
        The value over a region without pixels.
    reference
        The paper or code that the number follows.
    function
        ``module:name`` of the function that computes it from a checked pair.
    kernel
        Module of its compiled loops; "" where it has none.
    standard
        Whether it is computed without being asked for: the four numbers that papers report.
    parts
        Known regions over which it is computed apart, as AIM and P3M report it.
    version
        Raised when the number changes.
    low
        Smallest possible number.
    lower_is_better
        True for all errors.
    id, region
        Set in `METRICS`: name, region, reading and version, such as ``sad/whole/v1``.
    """

    name: str
    label: str
    unit: str
    thousands: bool
    digits: int
    meaning: str
    high: float
    empty: float
    reference: str
    function: str
    kernel: str = ""
    standard: bool = False
    parts: tuple[str, ...] = ()
    version: int = 1
    low: float = 0.0
    lower_is_better: bool = True
    id: str = ""
    region: str = ""

    def load(self) -> Callable[[Any], float]:
        """Import and return the function that computes it from a `Pair`."""
        module, _, name = self.function.partition(":")
        return cast("Callable[[Any], float]", getattr(import_module(module), name))


TABLE = (
    Metric(
        name="sad",
        label="SAD",
        unit="sum of absolute differences / 1000",
        thousands=True,
        digits=3,
        meaning="sum of absolute differences, in thousands: how much of the matte is wrong in all",
        high=math.inf,
        empty=0.0,
        reference=DIM,
        function="benchmark.metrics.sad:sad_of_pair",
        kernel="benchmark.metrics.kernels.differences",
        standard=True,
        parts=("foreground", "background"),
    ),
    Metric(
        name="mse",
        label="MSE",
        unit="mean of squared differences",
        thousands=False,
        digits=4,
        meaning="mean squared error: large errors weigh more",
        high=1.0,
        empty=math.nan,
        reference=DIM,
        function="benchmark.metrics.mse:mse_of_pair",
        kernel="benchmark.metrics.kernels.differences",
        standard=True,
    ),
    Metric(
        name="grad",
        label="Grad",
        unit="sum of squared gradient differences / 1000",
        thousands=True,
        digits=3,
        meaning="gradient error, in thousands: edges and hair that are blurred, missing or made up",
        high=math.inf,
        empty=0.0,
        reference=DIM,
        function="benchmark.metrics.grad:grad_of_pair",
        kernel="benchmark.metrics.kernels.gradient",
        standard=True,
    ),
    Metric(
        name="conn",
        label="Conn",
        unit="sum of connectivity differences / 1000",
        thousands=True,
        digits=3,
        meaning="connectivity error, in thousands: parts cut off from the object, or left floating",
        high=math.inf,
        empty=0.0,
        reference=DIM,
        function="benchmark.metrics.conn:conn_of_pair",
        kernel="benchmark.metrics.kernels.connectivity",
        standard=True,
    ),
    Metric(
        name="mad",
        label="MAD",
        unit="mean of absolute differences",
        thousands=False,
        digits=4,
        meaning="mean of absolute differences",
        high=1.0,
        empty=math.nan,
        reference=AIM,
        function="benchmark.metrics.mad:mad_of_pair",
        kernel="benchmark.metrics.kernels.differences",
    ),
)
"""Every metric, in the order of the tables' columns."""


def ids(metric: Metric) -> Iterator[Metric]:
    """Yield the entry of each id of a metric: every region, stored and unrounded mattes."""
    for region in REGIONS:
        for reading in ("", "float/"):
            key = f"{metric.name}/{region}/{reading}v{metric.version}"
            yield replace(metric, id=key, region=region)
    for region in metric.parts:
        key = f"{metric.name}/{region}/v{metric.version}"
        yield replace(metric, id=key, region=region, reference=AIM)


BY_NAME: dict[str, Metric] = {metric.name: metric for metric in TABLE}
"""Every metric by its name, in order of the tables' columns."""
METRICS: dict[str, Metric] = {entry.id: entry for metric in TABLE for entry in ids(metric)}
"""Every metric by its id."""
STANDARD = tuple(metric.name for metric in TABLE if metric.standard)
"""The four numbers that matting papers report."""


def metric_id(name: str, region: str = "whole", rounding: str = "8-bit") -> str:
    """Return the id of a metric under given conditions.

    Parameters
    ----------
    name
        A key of `BY_NAME`.
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
    version = BY_NAME[name].version if name in BY_NAME else 1
    key = f"{name}/{region}/{'float/' if rounding == 'none' else ''}v{version}"
    if key not in METRICS:
        raise ValueError(f"there is no metric {key}; the table has {', '.join(METRICS)}")
    return key


def name_in(metric: str) -> str:
    """Return the name in a metric id.

    Examples
    --------
    >>> name_in("conn/whole/v1")
    'conn'
    """
    return metric.partition("/")[0]


def region_of(metric: str) -> str:
    """Return the region in a metric id.

    Examples
    --------
    >>> region_of("conn/whole/v1")
    'whole'
    """
    return metric.split("/")[1]


def column_order(metric: str) -> tuple[int, str]:
    """Return where a metric id stands among the columns of a region, as a key to sort by."""
    names = list(BY_NAME)
    name = name_in(metric)
    return (names.index(name) if name in names else len(names)), metric


def check_names(names: Iterable[str]) -> None:
    """Raise a ValueError for the first name that is no metric's."""
    for name in names:
        if name not in BY_NAME:
            raise ValueError(f"there is no metric {name!r}; expected one of {', '.join(BY_NAME)}")
