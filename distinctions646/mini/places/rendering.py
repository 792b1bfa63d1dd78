"""The scenes that a background may show, and how to render one.

To add a scene: write a function ``scene(height, width, draws) -> Field`` beside this module and add
one line to `SCENES` below. That makes other backgrounds of every split, so built ones are stale.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.draws import Draws
from distinctions646.mini.drawing.fields import Field, clip
from distinctions646.mini.places.places import forest, shelves, street, table, water
from distinctions646.mini.places.scenes import clutter, landscape, night, room
from distinctions646.mini.places.surfaces import bokeh, colour_field, foliage, texture

Scene = Callable[[int, int, Draws], Field]

SCENES: dict[str, Scene] = {
    "bokeh": bokeh,
    "clutter": clutter,
    "field": colour_field,
    "foliage": foliage,
    "forest": forest,
    "landscape": landscape,
    "night": night,
    "room": room,
    "shelves": shelves,
    "street": street,
    "table": table,
    "texture": texture,
    "water": water,
}


def render_background(name: str, height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """Render a background.

    Parameters
    ----------
    name
        One of `SCENES`.
    height, width
        Size in pixels, 32 or more.
    seed
        Which of the scene's pictures; the same seed gives the same pixels.

    Returns
    -------
    ndarray
        uint8 height x width x 3, RGB.

    Raises
    ------
    ValueError
        If there is no such scene, or the size is below 32.

    Examples
    --------
    >>> from distinctions646.mini import render_background
    >>> render_background("field", 32, 48, seed=1).shape
    (32, 48, 3)
    """
    if name not in SCENES:
        raise ValueError(f"name is {name!r}; expected a scene: {', '.join(SCENES)}")
    if min(height, width) < 32:
        raise ValueError(f"height and width are {height} and {width}; expected 32 or more")
    draws = Draws("background", name, seed)
    image = clip(SCENES[name](height, width, draws))
    # A trace of sensor noise, which every photograph has and no rendering.
    image = image + draws.child("sensor").normals(0.006, (height, width, 1))
    return np.asarray(np.floor(clip(image) * 255 + 0.5), np.uint8)
