"""The scene classes and the seeds of their pictures.

To add a scene: write ``build(stage, draws)`` in a module of ``scenes/`` and add one line to
`SCENES` below; ``python -m renderer`` renders what the table of pictures lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from distinctions646.mini.drawing.draws import Draws
from renderer.scenes.animals import animal
from renderer.scenes.clear import bubble, drink, veil
from renderer.scenes.crockery import chair, robot, teapot
from renderer.scenes.flowers import bouquet, dandelion
from renderer.scenes.greenery import fern, plant
from renderer.scenes.moving import candle, defocus, fire, pinwheel
from renderer.scenes.netting import bicycle, cage, curtain, racket, web
from renderer.scenes.people import head
from renderer.scenes.woodland import cactus, mushroom, tree
from renderer.stage import Stage


@dataclass(frozen=True)
class Scene:
    """A class of scenes.

    Attributes
    ----------
    group
        A key of `distinctions646.mini.catalogue.GROUPS`.
    build
        Puts the objects on a stage.
    seeds
        Those of its pictures; ``mini/chosen.csv`` lists the ones for test and validation.
    samples, edge_samples
        Most samples a pixel, and those along outlines (see `engine.render`).
    smooth
        Whether denoised colour serves all of a picture (see `develop.straight_colour`).
    """

    group: str
    build: Callable[[Stage, Draws], None]
    seeds: tuple[int, ...]
    samples: int = 24
    edge_samples: int = 160
    smooth: bool = False


SCENES: dict[str, Scene] = {
    "teapot": Scene("solid", teapot, (0, 1, 2, 3)),
    "robot": Scene("solid", robot, (0, 1, 2)),
    "chair": Scene("solid", chair, (0, 2)),
    "mushroom": Scene("solid", mushroom, (0, 1, 2)),
    "bicycle": Scene("solid", bicycle, (0, 1)),
    "animal": Scene("hair", animal, (0, 1, 2, 3, 4, 5), samples=24),
    "head": Scene("hair", head, (0, 1, 2, 3, 4, 5), samples=16),
    "plant": Scene("plant", plant, (0, 1, 2)),
    "fern": Scene("plant", fern, (0, 2)),
    "bouquet": Scene("plant", bouquet, (0, 1, 2, 3)),
    "tree": Scene("plant", tree, (0, 2)),
    "cactus": Scene("plant", cactus, (1, 2)),
    "dandelion": Scene("plant", dandelion, (0, 1), edge_samples=200),
    "web": Scene("net", web, (0, 2), edge_samples=200),
    "cage": Scene("net", cage, (0, 1, 2, 3)),
    "curtain": Scene("net", curtain, (0, 2), samples=32, edge_samples=96, smooth=True),
    "racket": Scene("net", racket, (0, 1)),
    "drink": Scene("glass", drink, (0, 1, 2, 3), samples=128, edge_samples=0, smooth=True),
    "bubble": Scene("glass", bubble, (0, 2), samples=40, smooth=True),
    "veil": Scene("glass", veil, (0, 2), samples=24, edge_samples=64, smooth=True),
    "candle": Scene("smoke", candle, (0, 2), samples=16, edge_samples=24, smooth=True),
    "fire": Scene("smoke", fire, (0, 2), samples=16, edge_samples=24, smooth=True),
    "pinwheel": Scene("blur", pinwheel, (0, 2), samples=32, smooth=True),
    "defocus": Scene("blur", defocus, (0, 2), samples=32, smooth=True),
}
