"""What users trip over, through the one interface, for every registered baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.methods.finding import Method, call, load_method, registered
from distinctions646.trimap.values import NotApplicable

NEED_A_FILE = {"u2netp"}  # their weights do not ship; they have tests of their own
NAMES = {  # learned methods have tests of their own in deep/
    name
    for name, entry in registered().items()
    if entry.value.startswith("baselines.") and not entry.value.startswith("baselines.deep.")
}
METHODS = [load_method(name) for name in sorted((NAMES | {"sss"}) - NEED_A_FILE)]
TRIMAP_METHODS = [method for method in METHODS if method.needs_trimap]
SOLVERS = [method for method in TRIMAP_METHODS if method.name != "trimap"]
every = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
with_trimap = pytest.mark.parametrize("method", TRIMAP_METHODS, ids=lambda method: method.name)
solvers = pytest.mark.parametrize("method", SOLVERS, ids=lambda method: method.name)


def test_nobody_is_missing() -> None:
    assert len(METHODS) >= 19


@with_trimap
def test_a_trimap_of_102_colours(method: Method, edge: Any) -> None:
    shape = edge.trimap.shape
    many = (np.arange(edge.trimap.size) % 102).reshape(shape).astype(np.uint8)
    with pytest.raises(ValueError, match="trimap has 1, 2, 3, 4, 5…; expected 0, 128, 255"):
        call(method, edge.image, many)


@with_trimap
def test_a_trimap_of_other_greys(method: Method, edge: Any) -> None:
    grey = np.where(edge.trimap == 128, 127, edge.trimap).astype(np.uint8)
    with pytest.raises(ValueError, match="trimap has 127; expected 0, 128, 255"):
        call(method, edge.image, grey)


@with_trimap
def test_a_trimap_of_another_size(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="trimap is 20×23 pixels; expected 20×24"):
        call(method, edge.image, edge.trimap[:, :23])


@with_trimap
def test_a_trimap_from_0_to_1_or_with_nan(method: Method, edge: Any) -> None:
    for trimap in (edge.trimap / 255, np.full(edge.trimap.shape, np.nan)):
        with pytest.raises(ValueError, match="trimap is 20×24 float64; expected H×W uint8"):
            call(method, edge.image, trimap)


@with_trimap
def test_a_trimap_in_colour(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="trimap is 20×24×3 uint8; expected H×W uint8"):
        call(method, edge.image, np.repeat(edge.trimap[..., None], 3, axis=2))


@with_trimap
def test_no_trimap(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match=f"{method.name} needs a trimap; got None"):
        method(edge.image)


@every
def test_an_image_with_alpha(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 20×24×4 uint8; expected H×W×3 uint8"):
        call(method, np.dstack([edge.image, edge.trimap]), edge.trimap)


@every
def test_a_grey_image(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 20×24 uint8; expected H×W×3 uint8"):
        call(method, edge.image[..., 0], edge.trimap)


@every
def test_an_image_from_0_to_1(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 20×24×3 float32; expected H×W×3 uint8"):
        call(method, edge.image.astype(np.float32) / 255, edge.trimap)


@every
def test_an_image_of_floats_from_0_to_255(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        call(method, edge.image.astype(np.float64), edge.trimap)


@every
def test_an_image_of_nan(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 20×24×3 float64; expected H×W×3 uint8"):
        call(method, np.full(edge.image.shape, np.nan), edge.trimap)


@every
def test_an_image_without_pixels(method: Method, edge: Any) -> None:
    with pytest.raises(ValueError, match="image is 0×24×3 uint8; expected H×W×3 uint8"):
        call(method, edge.image[:0], edge.trimap[:0])


@with_trimap
def test_no_unknown_pixel_gives_the_trimap(method: Method, edge: Any) -> None:
    known = np.where(edge.trimap == 128, 0, edge.trimap).astype(np.uint8)
    alpha, _ = call(method, edge.image, known)
    assert np.array_equal(alpha, known / np.float32(255))


@solvers
@pytest.mark.parametrize(("side", "value"), [("foreground", 255), ("background", 0)])
def test_a_missing_side_is_not_applicable(method: Method, side: str, value: int, edge: Any) -> None:
    trimap = np.where(edge.trimap == value, 128, edge.trimap).astype(np.uint8)
    with pytest.raises(NotApplicable, match=f"{method.name} needs known {side}; the trimap has"):
        call(method, edge.image, trimap)


@solvers
def test_all_unknown_is_not_applicable(method: Method, edge: Any) -> None:
    with pytest.raises(NotApplicable, match=f"{method.name} needs known foreground"):
        call(method, edge.image, np.full_like(edge.trimap, 128))


@solvers
def test_one_pixel(method: Method) -> None:
    pixel = np.array([[[9, 8, 7]]], np.uint8)
    assert call(method, pixel, np.array([[255]], np.uint8))[0].tolist() == [[1.0]]
    with pytest.raises(NotApplicable, match="needs known foreground"):
        call(method, pixel, np.array([[128]], np.uint8))
