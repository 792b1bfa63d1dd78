"""What the pictures show: the sign and size of errors, and the tile that is hardest."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.page.curve_layout import make_chart, round_ticks, spread_labels
from benchmark.scoring.pictures import (
    paint_error,
    reduce,
    scale_colours,
    signed_error,
    worst_window,
)


def test_reduce_averages_areas_and_never_enlarges() -> None:
    picture = np.array([[0, 100], [200, 100], [50, 50], [70, 30]], np.uint8)
    assert reduce(picture, 2).tolist() == [[100], [50]]
    assert reduce(picture, 9) is picture


def test_signs_do_not_cancel_when_reduced() -> None:
    alpha_gt = np.full((2, 2), 100, np.uint8)
    alpha_u8 = np.array([[151, 49], [151, 49]], np.uint8)
    assert signed_error(alpha_u8, alpha_gt, 2).ravel() == pytest.approx([0.2, -0.2] * 2)
    assert signed_error(alpha_u8, alpha_gt, 1).ravel() == pytest.approx([0.1])


def test_colours_are_fixed_and_get_lighter_with_the_error() -> None:
    none, opaque, clear = paint_error(np.array([[0, 1, -1]], np.float32))[0]
    assert tuple(none) == (18, 20, 24)
    assert opaque[0] > opaque[2]  # orange
    assert clear[2] > clear[0]  # blue
    errors = np.linspace(0, 1, 20, dtype=np.float32)
    for sign in (1, -1):
        lightness = paint_error(sign * errors[None]).astype(int).sum(axis=-1)[0]
        assert (np.diff(lightness) > 0).all()
    bar = scale_colours(5)
    assert [error for error, _ in bar] == [-1.0, -0.25, 0.0, 0.25, 1.0]


def test_worst_window_follows_the_median_method() -> None:
    alpha_gt = np.zeros((10, 9), np.uint8)
    bad, usual, good = alpha_gt.copy(), alpha_gt.copy(), alpha_gt.copy()
    bad[:4, :4] = 255  # fails where nobody else does
    for matte in (bad, usual):
        matte[9, 8] = 40
    assert worst_window([bad, usual, good], alpha_gt, 4) == (slice(6, 10), slice(5, 9))
    assert worst_window([bad, good, good], alpha_gt, 4) == (slice(0, 4), slice(0, 4))  # by the mean
    assert worst_window([good], alpha_gt, 4) == (slice(0, 4), slice(0, 4))


def test_chart_places() -> None:
    import pandas as pd

    common = {"metric": "sad/whole/v1", "low": 1.0, "high": 4.0}
    table = pd.DataFrame(
        [
            {"method": "m", "trimap_rule": "radius-10/v1", "dilation": 10, "mean": 2.0, **common},
            {"method": "m", "trimap_rule": "radius-40/v1", "dilation": 40, "mean": 4.0, **common},
            {"method": "free", "trimap_rule": None, "dilation": None, "mean": 4.0, **common},
        ]
    )
    chart = make_chart(table, "sad/whole/v1")
    assert chart.title == "SAD, whole image"
    assert chart.x_ticks == [(196.5, "10"), (630.0, "40")]  # 52 to 630, to scale
    assert chart.y_ticks[0] == (342.0, "0")
    assert chart.y_ticks[-1] == (14.0, "4")
    assert chart.series[0].line == "196.5,178 630,14"
    assert chart.series[1].line == "52,14 630,14"
    assert chart.series[1].title == "free, no trimap"
    assert chart.rows[1][1] == [chart.rows[1][1][0]] * 2
    labels = sorted(one.label for one in spread_labels(chart.series))
    assert labels[1] - labels[0] >= 17
    assert chart.divider is None


@pytest.mark.parametrize(("top", "steps"), [(17.0, 5), (0.031, 5), (1.0, 6), (53.2, 4)])
def test_ticks_reach_the_top(top: float, steps: int) -> None:
    ticks = round_ticks(top)
    assert ticks[0] == 0
    assert ticks[-2] < top <= ticks[-1]
    assert len(ticks) == steps
