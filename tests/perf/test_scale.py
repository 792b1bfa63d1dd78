"""The plan's arithmetic, and which tries of a cluster's faults are left."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from perf.scale.plan import exponent, mattes, seconds_at
from tests.reliability.cluster.__main__ import _left


def row(small: float, large: float) -> dict[str, Any]:
    return {"small": {"cpu_seconds": small}, "large": {"cpu_seconds": large}}


@pytest.mark.parametrize(("small", "large", "power"), [(1, 4, 1.0), (1, 8, 1.5), (0.5, 0.5, 0.0)])
def test_time_goes_on_to_grow_as_it_did(small: float, large: float, power: float) -> None:
    assert exponent(row(small, large)) == pytest.approx(power)
    four_times = 4 * 1280 * 960 / 1e6
    assert seconds_at(four_times, row(small, large)) == pytest.approx(large * 4**power)


def test_methods_that_were_not_measured_are_no_mattes() -> None:
    units = {"pair": {}, "matte: knn": row(1, 4), "matte: u2netp": {"left_out": "no weights"}}
    assert list(mattes({"units": units})) == ["knn"]


def test_recorded_tries_are_not_made_again() -> None:
    given = argparse.Namespace(times=2, command=("build", "run"))
    commands = {"build": {"worker": {"times": 2}}, "run": {"worker": {"times": 1}}}
    assert list(_left(commands, given, ["worker", "slow"])) == [
        (0, "build", "slow"),
        (0, "run", "slow"),
        (1, "build", "slow"),
        (1, "run", "worker"),
        (1, "run", "slow"),
    ]
