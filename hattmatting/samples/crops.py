"""Windows of whole composites: how large, where, and with which part of the picture's trimap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ImageU8 = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]  # top, left, height, width

PAPER_CROPS = (512, 640, 800)  # Qiao et al. 2020, §3.4
AROUND = ("anything", "unknown", "transition")
TRIES = 10  # windows drawn while the matte is constant


@dataclass(frozen=True)
class Crops:
    """How windows are drawn from whole pictures.

    Parameters
    ----------
    sides
        Of the square windows in pixels; each is as likely.
    around
        What a window is centred on, as far as the picture's borders let it: ``"unknown"``, a pixel
        of the trimap's unknown region; ``"transition"``, one whose alpha is neither 0 nor 1;
        ``"anything"``: it lies anywhere, but where the matte is constant it is drawn again.
    trimap
        Rule of the trimaps, drawn anew for each sample from the seed and its number; None for none.
        The rule sees the whole picture, so its radii are those that a test picture has.
    """

    sides: tuple[int, ...] = PAPER_CROPS
    around: str = "anything"
    trimap: str | None = None

    def draw_trimap(
        self, alpha_u8: Callable[[], ImageU8], number: int, seed: int
    ) -> ImageU8 | None:
        """Return the trimap of a whole picture, uint8 H×W, or None without a rule.

        Parameters
        ----------
        alpha_u8
            Returns the picture's alpha, H×W; called only where it is needed.
        number, seed
            Of the sample and of the training.
        """
        if self.trimap is None:
            return None
        from distinctions646.trimap import make_trimap

        whole = np.ascontiguousarray(alpha_u8())
        return make_trimap(whole, self.trimap, image_id=str(number), seed=seed)

    def draw_window(
        self,
        size: tuple[int, int],
        cut: Callable[[Box], ImageU8],
        trimap: ImageU8 | None,
        rng: np.random.Generator,
    ) -> tuple[Box, ImageU8]:
        """Return where a window is, and the foreground there, N×N×4.

        A picture smaller than the window gives its largest square.

        Parameters
        ----------
        size
            Height and width of the foreground.
        cut
            Returns a window of it, H×W×4.
        trimap
            Of the whole picture, for windows around the unknown region.
        rng
            The sample's generator.
        """
        if self.around == "anything":
            return self._anywhere(size, cut, rng)
        side = min(int(rng.choice(self.sides)), *size)
        if self.around == "unknown" and trimap is not None:
            wanted = trimap == 128
        else:
            alpha_u8 = cut((0, 0, *size))[..., 3]
            wanted = (alpha_u8 > 0) & (alpha_u8 < 255)
        places = np.flatnonzero(wanted)
        if places.size == 0:
            return self._anywhere(size, cut, rng)
        centre = np.unravel_index(places[rng.integers(places.size)], size)
        top, left = (
            int(np.clip(place - side // 2, 0, length - side))
            for place, length in zip(centre, size, strict=True)
        )
        box = top, left, side, side
        return box, cut(box)

    def _anywhere(
        self, size: tuple[int, int], cut: Callable[[Box], ImageU8], rng: np.random.Generator
    ) -> tuple[Box, ImageU8]:
        height, width = size
        for _ in range(TRIES):
            side = min(int(rng.choice(self.sides)), height, width)
            top = int(rng.integers(height - side + 1))
            left = int(rng.integers(width - side + 1))
            box = top, left, side, side
            rgba = cut(box)
            if np.ptp(rgba[..., 3]) > 0:
                break
        return box, rgba


def cut_plane(plane: ImageU8 | None, box: Box) -> ImageU8 | None:
    """Return the box of a plane, H×W; None of None."""
    if plane is None:
        return None
    top, left, height, width = box
    return plane[top : top + height, left : left + width]
