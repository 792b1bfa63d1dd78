"""The packed erosion gives OpenCV's pixels for every ellipse, shape and border."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from distinctions646.trimap.erosion import erode

SHAPES = ((1, 1), (3, 300), (300, 3), (70, 64), (61, 129))


def regions(shape, rng):
    """Return blobs, noise, all and nothing."""
    coarse = rng.random((shape[0] // 9 + 1, shape[1] // 9 + 1))
    yield cv2.resize(coarse, shape[::-1]) > 0.2
    yield rng.random(shape) > 0.02
    yield np.ones(shape, bool)
    yield np.zeros(shape, bool)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_ellipse_erodes_as_opencv_does(shape):
    rng = np.random.default_rng(646)
    for size in (*range(1, 33), 51, 101):
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        for region in regions(shape, rng):
            for times in (1, 3):
                wanted = cv2.erode(region.view(np.uint8), kernel, iterations=times)
                got = erode(region, kernel, times)
                np.testing.assert_array_equal(got, wanted.view(bool), err_msg=f"{size} {times}")


def test_runs_of_longer_rows_hold_those_of_shorter_ones_in_every_ellipse():
    for size in range(1, 402):  # the largest radius of a rule is 200
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
        ends = np.array([(row.argmax(), size - row[::-1].argmax()) for row in kernel])
        order = np.argsort(ends[:, 1] - ends[:, 0], kind="stable")
        assert (np.diff(ends[order, 0]) <= 0).all()
        assert (np.diff(ends[order, 1]) >= 0).all()
        assert (kernel.sum(1) == ends[:, 1] - ends[:, 0]).all()


def test_a_region_that_is_a_view_of_another_picture_is_not_touched():
    rng = np.random.default_rng(646)
    whole = rng.random((40, 90)) > 0.1
    before = whole.copy()
    part = whole[3:30:2, 5:80:3]
    got = erode(part, np.ones((3, 3), np.uint8), 1)
    wanted = cv2.erode(np.ascontiguousarray(part).view(np.uint8), np.ones((3, 3), np.uint8))
    np.testing.assert_array_equal(got, wanted.view(bool))
    np.testing.assert_array_equal(whole, before)
