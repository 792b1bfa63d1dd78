"""A matte beside its picture, as Python code and notebooks get it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from distinctions646.images.png import write_png
from distinctions646.images.reading import alpha_to_u8
from hattmatting.inference.cutout import (
    cut_out,
    estimate_foreground,
    over_colour,
    parse_colour,
)

if TYPE_CHECKING:
    from PIL.Image import Image

ImageU8 = npt.NDArray[np.uint8]
_SHOWN = 320  # long side of the pictures in a notebook, in pixels
_CHECKS = (
    "background:repeating-conic-gradient(#ccc 0 25%,#fff 0 50%) 0 0/16px 16px;vertical-align:top;"
    "max-width:33%;height:auto"
)


@dataclass(frozen=True, repr=False)
class Matte:
    """A picture and its matte; shows both and the cut-out in a notebook.

    Attributes
    ----------
    image
        uint8 H×W×3 RGB, upright.
    alpha
        float32 H×W in [0, 1].
    """

    image: ImageU8
    alpha: npt.NDArray[np.float32]

    def cutout(self) -> ImageU8:
        """Return the subject's own colour and alpha, uint8 H×W×4, straight (not premultiplied)."""
        return cut_out(estimate_foreground(self.image, self.alpha), self.alpha)

    def over(self, colour: str | Sequence[int]) -> ImageU8:
        """Return the subject over a colour, uint8 H×W×3.

        Parameters
        ----------
        colour
            ``"white"``, ``"black"``, ``"#rrggbb"``, …; or red, green and blue from 0 to 255.

        Raises
        ------
        ValueError
            If it is no such colour.
        """
        levels = parse_colour(colour)
        return over_colour(estimate_foreground(self.image, self.alpha), self.alpha, levels)

    def save(self, path: Path | str) -> None:
        """Write the matte as 8-bit grey PNG."""
        write_png(Path(path), alpha_to_u8(self.alpha))

    def __repr__(self) -> str:
        """Return its size in one line."""
        height, width = self.alpha.shape
        return f"Matte of {width} × {height} pixels"

    def _repr_html_(self) -> str:
        """Return picture, matte and cut-out side by side."""
        pictures = (self.image, alpha_to_u8(self.alpha), self.cutout())
        row = "".join(_tag(picture) for picture in pictures)
        return f'<div style="display: flex; gap: 4px">{row}</div>'


def matte(
    image: ImageU8 | Image | Path | str,
    *,
    method: str | None = None,
    trimap: ImageU8 | Image | Path | str | None = None,
    weights: str | None = None,
    device: str | None = None,
) -> Matte:
    """Return the matte of a photograph.

    Without a method, the network's decoder works in 8 bits on a processor with VNNI: alpha differs
    from that of other processors by a fraction of 1/255 in the mean.

    Parameters
    ----------
    image
        uint8 H×W×3 RGB; or a PIL picture or a picture's file, which is turned upright by its EXIF
        orientation.
    method
        Any registered method instead of HAttMatting, as for `benchmark.run`.
    trimap
        uint8 H×W of 0, 128 and 255, a PIL picture of mode L, or a file; for a method that takes
        one.
    weights
        As for `HAttMatting.from_pretrained`, or the method's; the default where None.
    device
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``; the CPU where None.

    Returns
    -------
    Matte
        The picture with its matte.

    Raises
    ------
    ValueError
        If a picture, the method, its weights, the trimap or the device cannot be used.

    Examples
    --------
    >>> from hattmatting import matte
    >>> matte(np.zeros((48, 64, 3), np.uint8)).alpha.shape
    (48, 64)
    """
    from hattmatting.inference.photographs import photograph_pixels, trimap_pixels
    from hattmatting.inference.predictors import (
        DEFAULT_WEIGHTS,
        checkpoint_predictor,
        method_predictor,
    )

    pixels, given = photograph_pixels(image), trimap_pixels(trimap)
    if method is None:
        if given is not None:
            raise ValueError("trimap is given, and HAttMatting takes none; give a method")
        predict = checkpoint_predictor(weights or DEFAULT_WEIGHTS, device or "cpu", "trained", None)
    else:
        predict = method_predictor(method, weights, device, given is not None, option="trimap=")
    return Matte(pixels, predict(pixels, given)[0])


def _tag(picture: ImageU8) -> str:
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((_SHOWN, _SHOWN))
    return f'<img style="{_CHECKS}" src="data:image/png;base64,{_png(small)}">'


def _png(picture: Image) -> str:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()
