"""Animals with a full, combed coat of fur."""

from __future__ import annotations

import math

from distinctions646.mini.bodies.creatures import quadruped, sitter
from distinctions646.mini.bodies.critters import bird
from distinctions646.mini.drawing.coat import Coat
from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.geometry import bent_path, ellipse, point
from distinctions646.mini.drawing.material import any_material, rgb
from distinctions646.mini.drawing.sketch import Layer, Sketch, any_framing


def _fur_ball(draws: Draws) -> Sketch:
    """Sketch a round furry ball of an animal with eyes and feet only."""
    sketch = Sketch(draws)
    skin = any_material(draws)
    for side in (-1, 1):
        foot = bent_path(point(side * 0.2, 0.3), math.pi / 2, 0.2, 0)
        sketch.tube(foot, (0.08, 0.1), skin)
    sketch.shape(ellipse(0, 0, draws.uniform(0.36, 0.5), 0.4), material=skin)
    return sketch


def fur(size: int, draws: Draws) -> Layer:
    """Paint an animal with a full, combed coat of fur."""
    plan = draws.choice((quadruped, quadruped, sitter, sitter, bird, _fur_ball))
    sketch = plan(draws)
    coat = Coat(
        length=draws.uniform(0.045, 0.13),
        density=draws.uniform(14, 22),
        comb=draws.normal(0.4),
        mess=draws.uniform(0.15, 0.4),
        width=0.004,
    )
    sketch.coat_below_features(coat)
    if plan is _fur_ball:
        for side in (-1, 1):
            sketch.eye(side * 0.14, -0.08, 0.075, rgb(0.3, 0.2, 0.1))
    sketch.turn(draws.normal(0.08))
    crop = draws.uniform(0.05, 0.45) if draws.chance(0.35) else 0.0
    return sketch.paint(size, any_framing(draws, crop), lens=draws.uniform(0.3, 0.55))
