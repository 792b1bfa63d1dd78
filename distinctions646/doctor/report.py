"""The doctor's report: counts, findings, and what a build would need; as text and as JSON."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from distinctions646.doctor.checkup import Finding

_SHOWN = 3
_GIGABYTE = 10**9


@dataclass(frozen=True)
class Estimate:
    """Room and time that a build needs.

    Attributes
    ----------
    disk_bytes, free_bytes
        The most that it takes while it runs, and the free space of the disk.
    core_hours
        Hours of one core.
    """

    disk_bytes: int
    free_bytes: int
    core_hours: float


@dataclass(frozen=True)
class Report:
    """What the doctor found.

    Attributes
    ----------
    dataset, split
        The split that was checked.
    counts
        For foregrounds and backgrounds, the number that a build needs and the number usable.
    lists
        Verdict on each official list.
    findings
        Errors first.
    estimate
        None where the files could not be counted.
    """

    dataset: str
    split: str
    counts: dict[str, tuple[int, int]]
    lists: dict[str, str]
    findings: list[Finding]
    estimate: Estimate | None

    @property
    def complete(self) -> bool:
        """Whether a build would be complete."""
        return not any(finding.level == "error" for finding in self.findings)


def as_json(report: Report) -> dict[str, Any]:
    """Return the fields of a report, and ``complete``, for JSON."""
    return {"complete": report.complete, **asdict(report)}


def as_text(report: Report, workers: int = 1) -> str:
    """Return a report as text for the screen.

    Parameters
    ----------
    report
        From `examine`.
    workers
        Processes of the build whose time is estimated.

    Returns
    -------
    str
        Ended by a line feed.
    """
    lines = [f"{report.dataset} {report.split}"]
    for kind, (needed, usable) in report.counts.items():
        lines.append(f"  {kind:<12} {usable} of {needed} can be used")
    for kind, verdict in report.lists.items():
        lines.append(f"  {kind + ' list':<16} {verdict}")
    for finding in report.findings:
        shown = "; ".join(finding.places[:_SHOWN])
        more = len(finding.places) - _SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        lines.append(f"  {finding.level:<8} {finding.what} ({len(finding.places)}): {shown}{rest}")
    if report.estimate is not None:
        estimate = report.estimate
        lines.append(
            f"  a build takes about {disk_size(estimate.disk_bytes)} "
            f"({disk_size(estimate.free_bytes)} are free) and "
            f"{_duration(estimate.core_hours / workers)} with --workers {workers}"
        )
    errors = sum(finding.level == "error" for finding in report.findings)
    verdict = "complete" if report.complete else f"incomplete; kinds of errors: {errors}"
    return "\n".join([*lines, verdict]) + "\n"


def _duration(hours: float) -> str:
    minutes = math.ceil(hours * 60)
    if minutes <= 1:
        return "a minute"
    return f"{hours:.1f} hours" if hours >= 1 else f"{minutes} minutes"


def disk_size(bytes_: int) -> str:
    """Return a number of bytes in MB or GB.

    Examples
    --------
    >>> disk_size(2_500_000_000), disk_size(34_000_000)
    ('2.5 GB', '34 MB')
    """
    return f"{bytes_ / _GIGABYTE:.1f} GB" if bytes_ >= _GIGABYTE else f"{bytes_ / 1e6:.0f} MB"
