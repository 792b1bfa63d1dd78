"""What gives a photograph's matte: a HAttMatting checkpoint, or any registered method."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hattmatting.inference.predicting import LongSide, predict, working_side

if TYPE_CHECKING:
    from hattmatting.model.network import HAttMatting

ImageU8 = npt.NDArray[np.uint8]
# alpha float32 H×W, and the long side in pixels that the image was resized to, if it was
Answer = tuple[npt.NDArray[np.float32], int | None]
Predictor = Callable[[ImageU8, ImageU8 | None], Answer]

DEFAULT_WEIGHTS = "hatt-lite"


def checkpoint_predictor(
    weights: str, device: str, long_side: LongSide, tile: int | None, refine: bool = True
) -> Predictor:
    """Return what predicts with a checkpoint of ours, which needs no trimap.

    Parameters
    ----------
    weights
        As for `HAttMatting.from_pretrained`.
    device
        ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    long_side, tile
        As for `hattmatting.inference.predicting.predict`.
    refine
        Whether a matte that was enlarged gets its border from the photograph, see
        `hattmatting.inference.refining`. The benchmark's methods never do.
    """
    from hattmatting.inference.refining import refine_border

    model = load_checkpoint(weights, device)

    def matte(image: ImageU8, _: ImageU8 | None) -> Answer:
        alpha = predict(model, image, long_side=long_side, tile=tile)
        side = working_side(model, (image.shape[0], image.shape[1]), long_side)
        if refine and side is not None:
            alpha = refine_border(image, alpha, side)
        return alpha, side

    return matte


@lru_cache(maxsize=1)
def load_checkpoint(weights: str, device: str) -> HAttMatting:
    """Load a checkpoint once a process, rewritten for prediction, in 8 bits where that pays."""
    from hattmatting.inference.device import find_device
    from hattmatting.inference.fusing import fuse
    from hattmatting.model.network import HAttMatting

    return fuse(HAttMatting.from_pretrained(weights).to(find_device(device)), int8=True)


def method_predictor(
    name: str,
    weights: str | None,
    device: str | None,
    trimapped: bool,
    *,
    option: str = "--trimap",
) -> Predictor:
    """Return what predicts with any method of the benchmark.

    Parameters
    ----------
    name
        As for `benchmark.methods.finding.load_method`.
    weights, device
        Passed to the method where given.
    trimapped
        Whether there are trimaps.
    option
        What gives a trimap, for the message.

    Raises
    ------
    ValueError
        If there is no such method, or it needs trimaps and there are none, or takes none.
    """
    from benchmark.methods.finding import call, load_method
    from distinctions646.trimap.values import NotApplicable

    method = load_method(name, weights, device)
    if method.needs_trimap != trimapped:
        wanted = f"a trimap; give {option}" if method.needs_trimap else "no trimap"
        raise ValueError(f"method {name} needs {wanted}")

    def matte(image: ImageU8, trimap: ImageU8 | None) -> Answer:
        try:
            alpha, notes = call(method, image, trimap)
        except NotApplicable as error:
            raise ValueError(f"method {name} cannot work here: {error}") from None
        side = notes.get("resized_long_side")
        return alpha, None if side is None else int(side)

    return matte


def find_trimaps(images: list[Path], given: Path) -> dict[Path, Path]:
    """Return each image's trimap: the file given, or the one of its name in the folder given.

    Raises
    ------
    ValueError
        If it is a file and there are several images, or an image has none.
    """
    if not given.is_dir():
        if len(images) > 1:
            raise ValueError(
                f"{given}: is one trimap for {len(images)} images; expected a folder of trimaps"
            )
        return {images[0]: given}
    from distinctions646.images.folders import find_images

    found = find_images(given)
    for image in images:
        if image.stem not in found:
            raise ValueError(f"{image}: has no trimap of the same name in {given}")
    return {image: found[image.stem] for image in images}
