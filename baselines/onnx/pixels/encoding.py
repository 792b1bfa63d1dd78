"""From a picture and a trimap to the arrays that a network is fed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.onnx.model_file.schema import ENCODINGS, Input, ModelFile, TrimapInput
from baselines.onnx.pixels.resampling import resize
from baselines.onnx.pixels.sizing import Grid
from distinctions646.images.opencv import load_cv2

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
# Gaussians of the distance maps as fractions of 320 pixels: Forte and Pitié, "F, B, Alpha Matting",
# 2020, and its program.
DISTANCE_SIGMAS = tuple(320 * fraction for fraction in (0.02, 0.08, 0.16))


def encode_inputs(
    model: ModelFile, grid: Grid, image: Bytes, trimap: Bytes | None
) -> dict[str | None, Floats]:
    """Return the network's inputs that show the picture or the trimap.

    Parameters
    ----------
    model
        The model file.
    grid
        Where the picture lies in the input.
    image
        uint8 H×W×3 RGB.
    trimap
        uint8 H×W of 0, 128 and 255; None if the model takes none.

    Returns
    -------
    dict
        float32 H×W×C by input name, padded, channels last; the main input's name may be None.
    """
    divided, whole = encode_image(image, model.input, grid)
    encoded: dict[str, Floats] = {}
    if trimap is not None:
        small = resize(trimap, grid.inner, model.trimap.resize, model.input.antialias)
        names = {*model.trimap.encode, *(one.holds for one in model.also)} & set(ENCODINGS)
        encoded = {
            name: _pad_trimap(encode_trimap(small, name, model.trimap), model.input, grid)
            for name in names
        }
    feeds: dict[str | None, Floats] = {model.input.name: whole}
    if model.trimap.encode:
        channels = np.concatenate([encoded[name] for name in model.trimap.encode], axis=-1)
        if model.trimap.name is None:
            feeds[model.input.name] = np.concatenate([whole, channels], axis=-1)
        else:
            feeds[model.trimap.name] = channels
    shown = {"image": divided, "normalised": whole, **encoded}
    return feeds | {one.name: shown[one.holds] for one in model.also}


def encode_image(image: Bytes, settings: Input, grid: Grid) -> tuple[Floats, Floats]:
    """Return a picture resized, divided and padded, and the same normalised, too.

    Both are float32 H×W×3 in the order of the network's channels. Padding with zeros comes after
    the normalisation, any other before.
    """
    small = resize(image, grid.inner, settings.resize, settings.antialias)
    if settings.pad != "zero":
        small = _pad(small, settings.pad, grid)
    pixels = small.astype(np.float32)
    divisor = settings.divide
    if divisor == "maximum":
        divisor = max(float(pixels.max()), 1e-6)
    divided = pixels / np.float32(divisor)
    mean, std = (np.array(three, np.float32) for three in (settings.mean, settings.std))
    whole = (divided - mean) / std
    if settings.pad == "zero":
        divided, whole = _pad(divided, "zero", grid), _pad(whole, "zero", grid)
    if settings.order == "bgr":
        return divided[..., ::-1], whole[..., ::-1]
    return divided, whole


def encode_trimap(trimap: Bytes, encoding: str, settings: TrimapInput) -> Floats:
    """Return a trimap's channels, float32 H×W×C, before any padding.

    Examples
    --------
    >>> trimap = np.array([[0, 128, 255]], np.uint8)
    >>> encode_trimap(trimap, "scalar", TrimapInput())[..., 0].tolist()
    [[0.0, 0.5, 1.0]]
    >>> encode_trimap(trimap, "onehot", TrimapInput()).astype(int).tolist()
    [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]
    """
    channels = np.stack(_ENCODERS[encoding](trimap), axis=-1).astype(np.float32)
    if (settings.mean, settings.std) == (0, 1):
        return channels
    return (channels - np.float32(settings.mean)) / np.float32(settings.std)


def _distance_maps(trimap: Bytes) -> list[Floats]:
    """Return exp(−d² / 2σ²) of the distance d to the background, then to the foreground.

    Three σ each; 0 everywhere where the trimap has no such pixel.
    """
    cv2 = load_cv2()
    maps = []
    for value in (0, 255):
        outside = (trimap != value).astype(np.uint8)
        if outside.all():
            maps += [np.zeros(trimap.shape, np.float32)] * len(DISTANCE_SIGMAS)
            continue
        distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        maps += [np.exp(-(distance**2) / (2 * sigma**2)) for sigma in DISTANCE_SIGMAS]
    return maps


_ENCODERS: Mapping[str, Callable[[Bytes], list[Any]]] = MappingProxyType(
    {
        "scalar": lambda t: [np.where(t == 0, 0.0, np.where(t == 255, 1.0, 0.5))],
        "raw": lambda t: [t / 255],
        "onehot": lambda t: [t == 0, (t > 0) & (t < 255), t == 255],
        "two": lambda t: [t == 0, t == 255],
        "distances": _distance_maps,
    }
)


def _pad_trimap(channels: Floats, settings: Input, grid: Grid) -> Floats:
    how = "zero" if isinstance(settings.pad, int) else settings.pad
    return np.asarray(_pad(channels, how, grid))


def _pad(pixels: Any, how: str | int, grid: Grid) -> Any:
    rows, columns = grid.padding
    if not any((*rows, *columns)):
        return pixels
    width = (rows, columns, (0, 0))
    if isinstance(how, int):
        return np.pad(pixels, width, constant_values=how)
    return np.pad(pixels, width, mode={"zero": "constant"}.get(how, how))  # type: ignore[call-overload]
