"""Where a picture lies in the network's input: the size policies."""

from __future__ import annotations

import math
from dataclasses import dataclass

from baselines.onnx.model_file.schema import Input

Size = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """A picture in the network's input, in pixels, height before width.

    Attributes
    ----------
    picture
        Size of the picture.
    inner
        Size that it is resized to.
    outer
        Size of the network's input.
    corner
        Row and column of its upper left pixel there; beyond it is padding.
    """

    picture: Size
    inner: Size
    outer: Size
    corner: Size = (0, 0)

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the picture in the input."""
        (top, left), (height, width) = self.corner, self.inner
        return slice(top, top + height), slice(left, left + width)

    @property
    def padding(self) -> tuple[Size, Size]:
        """Rows above and below, columns left and right."""
        (top, left), (height, width), outer = self.corner, self.inner, self.outer
        return (top, outer[0] - top - height), (left, outer[1] - left - width)


def plan_grid(settings: Input, picture: Size) -> Grid:
    """Apply the size policy of a model file to a picture.

    Parameters
    ----------
    settings
        Table ``[input]``.
    picture
        Height and width in pixels, from 1×1 on.

    Returns
    -------
    Grid
        No side of it is 0, however narrow the picture.

    Raises
    ------
    ValueError
        If the input would have more than ``largest`` pixels.

    Examples
    --------
    >>> plan_grid(Input(size="short", side=512, multiple=32, round="down"), (600, 800)).inner
    (512, 672)
    >>> plan_grid(Input(size=448, fit="pad"), (100, 200))
    Grid(picture=(100, 200), inner=(224, 448), outer=(448, 448), corner=(0, 0))
    """
    if isinstance(settings.size, str):
        inner, outer = _free(settings, picture)
    else:
        inner, outer = _fixed(settings, picture)
    if outer[0] * outer[1] > settings.largest:
        raise ValueError(
            f"the picture of {picture[0]}×{picture[1]} pixels would become an input of "
            f"{outer[0]}×{outer[1]}; expected at most input.largest = {settings.largest} pixels"
        )
    corner = (0, 0)
    if settings.place == "centre":
        corner = ((outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2)
    return Grid(picture, inner, outer, corner)


def _fixed(settings: Input, picture: Size) -> tuple[Size, Size]:
    size = settings.size
    assert not isinstance(size, str)
    outer = (size, size) if isinstance(size, int) else size
    if settings.fit == "stretch":
        return outer, outer
    # the side that meets its border first decides; products of integers keep the comparison exact
    wide = picture[1] * outer[0] > picture[0] * outer[1]
    side, reference = (outer[1], picture[1]) if wide else (outer[0], picture[0])
    height, width = (_half_up(length * side / reference) for length in picture)
    return (min(max(height, 1), outer[0]), min(max(width, 1), outer[1])), outer


def _free(settings: Input, picture: Size) -> tuple[Size, Size]:
    height, width = _scaled(settings, picture)
    multiple = settings.multiple
    if settings.fit == "pad":
        inner = max(_half_up(height), 1), max(_half_up(width), 1)
        return inner, (_up(inner[0] / multiple) * multiple, _up(inner[1] / multiple) * multiple)
    how = "nearest" if multiple == 1 else settings.round
    size = tuple(max(_rounded(side / multiple, how), 1) * multiple for side in (height, width))
    return (size[0], size[1]), (size[0], size[1])


def _scaled(settings: Input, picture: Size) -> tuple[float, float]:
    """Return the picture's sides after ``long``, ``short`` or ``area``, not yet whole numbers.

    Multiplied before it is divided, the side that is asked for comes out exactly.
    """
    side = settings.side
    if settings.size == "native" or side is None:
        return picture
    area = math.sqrt(picture[0] * picture[1])
    reference = {"long": max(picture), "short": min(picture)}.get(str(settings.size), area)
    between = min(picture) <= side <= max(picture)
    if (settings.when == "larger" and reference <= side) or (
        settings.when == "outside" and between
    ):
        return picture
    return picture[0] * side / reference, picture[1] * side / reference


def _rounded(value: float, how: str) -> int:
    if how == "nearest":
        return _half_up(value)
    return math.floor(value) if how == "down" else _up(value)


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _up(value: float) -> int:
    return math.ceil(value)
