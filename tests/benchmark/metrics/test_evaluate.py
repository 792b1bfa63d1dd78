"""Several metrics at once, unrounded scoring and the table of ids."""

import math

import numpy as np
import pytest
from PIL import Image

from benchmark.metrics import METRICS, evaluate, evaluate_regions, metric_id
from benchmark.metrics.kernels.choosing import CHOICE, Choice

NAMES = ["sad", "mse", "grad", "conn", "mad"]


def test_only_what_was_asked_for_in_that_order():
    alpha = np.zeros((3, 3))
    assert list(evaluate(alpha, alpha, metrics=["conn", "mad"])) == ["conn", "mad"]


def test_unrounded_scoring_of_stored_values_agrees_with_8_bit(golden_cases):
    for case in golden_cases.values():
        if case.alpha.size > 100_000:
            continue
        arrays = case.alpha / 255, case.alpha_gt, case.trimap
        for chosen in ({}, {"region": "unknown"}, {"region": "unknown", "fill_known": True}):
            options = {**chosen, "trimap_values": "official"}
            stored = evaluate(*arrays, **options, metrics=NAMES)
            unrounded = evaluate(*arrays, **options, metrics=NAMES, rounding="none")
            assert unrounded == pytest.approx(stored, rel=1e-9, abs=1e-12, nan_ok=True), case.id


@pytest.mark.parametrize("fill_known", [False, True])
@pytest.mark.parametrize("rounding", ["8-bit", "none"])
def test_regions_scored_together_are_scored_as_alone(golden_cases, rounding, fill_known):
    """Equal to the bit: Grad adds floats, whose sum hangs on their order."""
    options = {"fill_known": fill_known, "rounding": rounding, "metrics": NAMES}
    options["trimap_values"] = "official"
    for case in golden_cases.values():
        if case.alpha.size > 500_000:
            continue
        arrays = case.alpha, case.alpha_gt, case.trimap
        together = evaluate_regions(*arrays, **options)
        assert list(together) == ["whole", "unknown"]
        for region, values in together.items():
            alone = evaluate(*arrays, **options, region=region)
            assert repr(values) == repr(alone), (case.id, region)


def test_regions_share_the_search_for_components(monkeypatch):
    steps = CHOICE.steps(0)
    searched = []
    search = steps.survived_thresholds
    monkeypatch.setattr(
        steps, "survived_thresholds", lambda *given: searched.append(1) or search(*given)
    )
    alpha = np.eye(4)
    evaluate_regions(alpha, alpha, np.full((4, 4), 128, dtype=np.uint8))
    assert len(searched) == 1


def test_a_region_without_its_trimap_is_refused():
    with pytest.raises(ValueError, match=r'region "unknown" needs a trimap, none was given'):
        evaluate_regions(np.eye(3), np.eye(3), None)


def test_unrounded_scoring_sees_below_a_step():
    alpha, alpha_gt = np.full((2, 2), 0.5001), np.full((2, 2), 0.5)
    assert evaluate(alpha, alpha_gt, metrics=["sad"])["sad"] == 0
    unrounded = evaluate(alpha, alpha_gt, metrics=["sad", "mse"], rounding="none")
    assert unrounded == pytest.approx({"sad": 4e-7, "mse": 1e-8})


def test_unrounded_thresholds_are_single_precision():
    """0.1 as a single is above 0.1 as a double; both must reach the threshold 0.1."""
    alpha_gt = np.array([[1.0, 1.0, 1.0]])
    for value in (0.1, np.float64(np.float32(0.1))):
        alpha = np.array([[1.0, value, 1.0]])
        conn = evaluate(alpha, alpha_gt, rounding="none", metrics=["conn"])["conn"]
        # level 0.1 in the middle: d = 0 against 0.9; all three connected up to there,
        # from 0.2 on the right pixel is cut off at 0.1 as well, alike in both
        assert conn == pytest.approx(0.0009, rel=1e-6)


def test_the_table_names_every_metric_once():
    assert all(key == metric.id for key, metric in METRICS.items())
    assert {key.split("/")[0] for key in METRICS} == set(NAMES)
    assert metric_id("grad", "unknown") == "grad/unknown/v1"
    assert METRICS["mse/unknown/v1"].high == 1
    assert math.isnan(METRICS["mse/unknown/v1"].empty)
    assert METRICS["conn/whole/v1"].empty == 0
    assert "sad/foreground/v1" in METRICS


def test_an_id_the_table_has_not_is_refused():
    with pytest.raises(ValueError, match=r"there is no metric conn/foreground/v1; the table has"):
        metric_id("conn", "foreground")


@pytest.mark.parametrize("region", ["whole", "unknown"])
def test_other_values_of_a_trimap_are_refused_unless_asked_for(region):
    alpha, trimap = np.full((1, 3), 0.2), np.array([[0, 127, 255]], np.uint8)
    for compute, options in (
        (evaluate, {"region": region}),
        (evaluate_regions, {"regions": (region,)}),
    ):
        with pytest.raises(ValueError, match=r"trimap has 127; expected 0, 128, 255; trimap_val"):
            compute(alpha, np.zeros((1, 3)), trimap, **options)
        compute(alpha, np.zeros((1, 3)), trimap, **options, trimap_values="official")
    with pytest.raises(ValueError, match="trimap_values is 'lax'; expected"):
        evaluate(alpha, alpha, trimap, trimap_values="lax")


def test_an_unknown_region_without_pixels_sums_to_0_and_has_no_mean():
    trimap = np.array([[0, 255]], np.uint8)
    values = evaluate(np.ones((1, 2)), np.zeros((1, 2)), trimap, region="unknown", metrics=NAMES)
    assert [values[name] for name in ("sad", "grad", "conn")] == [0, 0, 0]
    assert math.isnan(values["mse"])
    assert math.isnan(values["mad"])


def test_grey_pictures_count_as_their_arrays():
    arrays = [np.array([row], np.uint8) for row in ([0, 90, 255], [0, 80, 255], [0, 128, 255])]
    pictures = [Image.fromarray(array) for array in arrays]
    assert evaluate(*pictures, region="unknown") == evaluate(*arrays, region="unknown")
    with pytest.raises(ValueError, match="alpha is a PIL picture of mode RGB; expected mode L"):
        evaluate(pictures[0].convert("RGB"), arrays[1])


@pytest.mark.parametrize(
    ("images", "pixels", "compiled"), [(1, 100, False), (5, 1000, False), (100, 10**6, True)]
)
def test_what_is_expected_decides_before_the_first_image(images, pixels, compiled):
    choice = Choice()
    choice.expect(images, pixels)
    name = choice.steps(pixels).__name__.rpartition(".")[2]
    assert name == ("compiled" if compiled else "uncompiled")
