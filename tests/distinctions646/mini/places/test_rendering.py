import numpy as np
import pytest

from distinctions646.mini import SCENES, render_background
from distinctions646.mini.drawing.layers import lay, over


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_renders_in_any_shape(name: str) -> None:
    image = render_background(name, 48, 80, seed=1)
    assert image.shape == (48, 80, 3)
    assert image.dtype == np.uint8
    assert image.std() > 2
    assert render_background(name, 80, 48, seed=1).shape == (80, 48, 3)


@pytest.mark.parametrize("name", SCENES)
def test_same_seed_same_bytes(name: str) -> None:
    image = render_background(name, 48, 64, seed=2)
    other = render_background(name, 48, 64, seed=3)
    assert image.tobytes() == render_background(name, 48, 64, seed=2).tobytes()
    assert image.tobytes() != other.tobytes()


def test_unknown_scene_and_tiny_size_are_refused() -> None:
    with pytest.raises(ValueError, match="name is 'moon'; expected a scene: bokeh"):
        render_background("moon", 64, 64, seed=1)
    with pytest.raises(ValueError, match="height and width are 4 and 64; expected 32 or more"):
        render_background("field", 4, 64, seed=1)


def test_over_is_porter_and_duffs() -> None:
    """Half red over half blue: alpha 3/4, premultiplied red 1/2, blue 1/4."""
    half = np.full((1, 1), 0.5, np.float32)
    red = (half[..., None] * np.array([1, 0, 0], np.float32), half)
    blue = (half[..., None] * np.array([0, 0, 1], np.float32), half)
    colour, alpha = over(red, blue)
    assert colour.tolist() == [[[0.5, 0.0, 0.25]]]
    assert alpha.tolist() == [[0.75]]


def test_lay_cuts_off_what_lies_outside() -> None:
    image = np.zeros((3, 3, 3), np.float32)
    layer = (np.ones((2, 2, 3), np.float32), np.ones((2, 2), np.float32))
    lay(image, layer, -1, 2)
    assert image[..., 0].tolist() == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]
    lay(image, layer, 5, 5)
    assert image.sum() == 3


def test_lay_softens_without_losing_light() -> None:
    image = np.zeros((31, 31, 3), np.float32)
    layer = (np.ones((5, 5, 3), np.float32), np.ones((5, 5), np.float32))
    lay(image, layer, 13, 13, softness=1.5)
    assert image[..., 0].sum() == pytest.approx(25, rel=0.01)
    assert image.max() < 1
