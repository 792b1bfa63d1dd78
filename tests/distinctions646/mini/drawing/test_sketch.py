import numpy as np
import pytest

from distinctions646.mini.drawing.coat import Coat
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import bent_path, box, ellipse, limb, point, spline
from distinctions646.mini.drawing.material import PATTERNS, Material, realise, rgb
from distinctions646.mini.drawing.sketch import Framing, Sketch

GREEN = Material(rgb(0.2, 0.8, 0.4), grain=0.0)


def square(draws_key: str = "square") -> Sketch:
    sketch = Sketch(Draws(draws_key))
    sketch.shape(box(0, 0, 2, 1), material=GREEN, relief=0.0)
    return sketch


def test_window_leaves_a_margin_of_the_longer_side() -> None:
    assert square().window(Framing(margin=0.1)) == pytest.approx((-0.2, -0.2, 2.4, 1.4))


def test_window_of_a_cropped_object_ends_in_the_object() -> None:
    sketch = Sketch(Draws("tall"))
    sketch.shape(box(0, 0, 2, 2), material=GREEN)
    window = sketch.window(Framing(margin=0.1, crop=0.5))
    assert window == pytest.approx((-0.2, -0.2, 2.4, 1.2))


def test_aspect_widens_and_never_cuts() -> None:
    left, top, width, height = square().window(Framing(margin=0.0, aspect=1.6))
    assert width / height == pytest.approx(1.6)
    assert (left, width) == pytest.approx((0, 2))
    assert top < 0 < 1 < top + height


def test_mirror_and_turn_keep_the_middle() -> None:
    sketch = Sketch(Draws("turn"))
    sketch.shape(box(0, 0, 4, 2), material=GREEN)
    sketch.shape(box(0, 0, 1, 1), material=GREEN)
    sketch.mirror()
    assert sketch.items[1].pieces[0][:, 0].tolist() == [4, 3, 3, 4]  # type: ignore[union-attr]
    sketch.turn(np.pi / 2)
    assert sketch.bounds() == pytest.approx((1, -1, 2, 4))


def test_flat_shape_shows_its_material() -> None:
    premultiplied, alpha = square().paint(40, Framing(margin=0.1))
    middle = premultiplied[alpha.shape[0] // 2, alpha.shape[1] // 2]
    assert middle == pytest.approx([0.2, 0.8, 0.4], abs=0.01)


def test_relief_is_brighter_towards_the_light() -> None:
    sketch = Sketch(Draws("light"))
    sketch.light = np.array([0.0, -0.8, 0.6])
    sketch.ambient, sketch.depth = 0.2, 1.0
    sketch.shape(ellipse(0, 0, 1, 1), material=GREEN)
    premultiplied, alpha = sketch.paint(64, Framing(margin=0.05))
    column = premultiplied[:, alpha.shape[1] // 2, 1]
    assert column[12] > 1.3 * column[-12]


def test_coat_grows_beyond_the_outline_in_the_colours_below() -> None:
    bare, furry = square(), square()
    furry.coat(Coat(length=0.2, density=20, cover=False))
    framing = Framing(margin=0.2)
    _, before = bare.paint(96, framing)
    premultiplied, after = furry.paint(96, framing)
    assert after.sum() > 1.02 * before.sum()
    assert np.all(after[before > 0.99] > 0.99)
    hair = (after > 0.2) & (before == 0)
    assert np.all(premultiplied[hair, 1] > premultiplied[hair, 0])


def test_features_stay_bare_above_a_coat() -> None:
    sketch = square()
    sketch.eye(1, 0.5, 0.2, rgb(0, 0, 1))
    sketch.coat_below_features(Coat(length=0.2))
    assert [type(item).__name__ for item in sketch.items[-5:]] == ["Coat"] + 4 * ["Shape"]


def test_strands_are_opaque_and_taper() -> None:
    sketch = Sketch(Draws("strand"))
    path = np.linspace(point(0, 0), point(0, 1), 10)[None]
    sketch.strands(path, np.array([[1.0, 0.5, 0.0]]), root=0.2, tip=0.02)
    _, alpha = sketch.paint_window(64, (-0.5, 0, 1, 1), samples=4, lens=0)
    assert alpha[8].sum() > 3 * alpha[56].sum() > 0
    assert alpha.max() == 1


def test_material_patterns_lie_between_their_two_colours() -> None:
    low, high = rgb(0.2, 0.3, 0.4), rgb(0.6, 0.7, 0.8)
    for pattern in PATTERNS[1:]:
        surface = realise(Material(low, high, pattern, grain=0.0), 32, 48)
        assert surface.shape == (32, 48, 3)
        assert np.all(surface > low - 0.01)
        assert np.all(surface < high + 0.01)
        assert np.ptp(surface[..., 0]) > 0.2


def test_spline_passes_through_its_knots() -> None:
    knots = [point(0, 0), point(1, 2), point(3, 1)]
    curve = spline(knots, 21)
    assert np.allclose(curve[[0, 10, 20]], knots)


def test_bent_path_has_its_length_and_limb_encloses_it() -> None:
    path = bent_path(point(0, 0), 0.0, 2.0, 1.0)
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(2.0)
    pieces = limb(path, (0.3, 0.1))
    assert len(pieces) == len(path) - 1
    assert min(piece[:, 0].min() for piece in pieces) == pytest.approx(-0.3, abs=0.02)
