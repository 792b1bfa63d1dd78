"""How the page writes a number: rounded for the eye, exact for whoever reads the source."""

from __future__ import annotations

import math

from benchmark.formats.layout import number

MEANINGS = {
    "sad": "sum of absolute differences, in thousands: how much of the matte is wrong in all",
    "mse": "mean squared error: large errors weigh more",
    "grad": "gradient error, in thousands: edges and hair that are blurred, missing or made up",
    "conn": "connectivity error, in thousands: parts cut off from the object, or left floating",
    "mad": "mean of absolute differences",
}


def meaning_of(metric: str) -> str:
    """Say in a few words what a metric measures; empty where we have none."""
    return MEANINGS.get(metric.split("/")[0], "")


def digits_of(metric: str) -> int:
    """Say how many decimals a metric is shown with."""
    return len(number(0.0, metric).partition(".")[2])


def shown(value: float | None, metric: str) -> str:
    """Round a number for the eye.

    Examples
    --------
    >>> shown(-4.28913, "sad/whole/v1"), shown(float("nan"), "mse/unknown/v1")
    ('−4.289', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    return number(value, metric).replace("-", "−")


def exact(value: float | None) -> str:
    """Return the shortest text that reads back as the same number; empty for none.

    Examples
    --------
    >>> exact(0.1 + 0.2)
    '0.30000000000000004'
    """
    return "" if value is None or math.isnan(value) else repr(float(value))


def percent(value: float | None, top: float) -> str:
    """Return a place on an axis from 0 to `top` for CSS."""
    if value is None or math.isnan(value) or top <= 0:
        return "0%"
    return f"{100 * min(max(value / top, 0), 1):.2f}%"


def seconds(value: float | None) -> str:
    """Round processor seconds for the eye.

    Examples
    --------
    >>> seconds(0.0001), seconds(0.662), seconds(None)
    ('< 0.01', '0.66', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.2f}" if value >= 0.01 else "< 0.01"


def stated(text: str) -> str:
    """Return what a card says, or nothing where it says that there is nothing."""
    return "" if text in ("none", "not stated", "nothing") else text
