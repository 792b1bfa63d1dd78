"""From a network's output to alpha at the picture's size."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.onnx.model_file.schema import Input, Output
from baselines.onnx.pixels.resampling import resize
from baselines.onnx.pixels.sizing import Grid
from distinctions646.trimap.values import trimap_as_alpha

Floats = npt.NDArray[np.float32]


def decode_alpha(
    raw: npt.NDArray[Any],
    settings: Output,
    given: Input,
    grid: Grid,
    trimap: npt.NDArray[np.uint8] | None = None,
) -> Floats:
    """Return the matte that an output holds.

    Parameters
    ----------
    raw
        The output: H×W, or with a channel axis, or with a batch of one before that. H×W may be a
        fraction of the input's size.
    settings
        Table ``[output]``.
    given
        Table ``[input]``, whose filter is the default.
    grid
        Where the picture lies in the network's input.
    trimap
        uint8 H×W of 0, 128 and 255, whose known pixels are pasted; None pastes nothing.

    Returns
    -------
    numpy.ndarray
        alpha float32 H×W in [0, 1], of the picture's size.

    Raises
    ------
    ValueError
        If the output has another shape, lacks the channel, or is not finite.
    """
    plane = _plane(raw, settings)
    if not np.isfinite(plane).all():
        raise ValueError("the network's output is not finite; expected numbers")
    name = settings.resize or given.resize
    antialias = given.antialias if settings.antialias is None else settings.antialias
    if grid.inner != grid.outer:
        plane = resize(plane, grid.outer, name, antialias)[grid.window]
    alpha = np.clip(_spread(plane, settings), 0, 1)
    if settings.truncate:
        small = (alpha * 255).astype(np.uint8)
        alpha = resize(small, grid.picture, name, antialias).astype(np.float32) / np.float32(255)
    else:
        alpha = resize(np.ascontiguousarray(alpha), grid.picture, name, antialias)
    if trimap is not None:
        alpha = np.where(trimap == 128, alpha, trimap_as_alpha(trimap))
    return np.clip(alpha, 0, 1).astype(np.float32, copy=False)


def _plane(raw: npt.NDArray[Any], settings: Output) -> Floats:
    """Return the one plane that counts, float32, activated."""
    channels = _channels(raw, settings)
    if settings.classes is not None:
        labels = channels[0] if len(channels) == 1 else channels.argmax(axis=0)
        return np.isin(labels, settings.classes).astype(np.float32)
    if settings.channel >= len(channels):
        raise ValueError(
            f"the network's output has {len(channels)} channels; "
            f"expected output.channel {settings.channel} among them"
        )
    channels = channels.astype(np.float32)
    if settings.activation == "softmax":
        powers = np.exp(channels - channels.max(axis=0))
        return np.asarray(powers[settings.channel] / powers.sum(axis=0), np.float32)
    plane = channels[settings.channel]
    if settings.activation == "sigmoid":
        from scipy.special import expit

        return np.asarray(expit(plane), np.float32)
    return np.asarray(np.tanh(plane)) if settings.activation == "tanh" else plane


def _channels(raw: npt.NDArray[Any], settings: Output) -> npt.NDArray[Any]:
    """Return an output as C×H×W."""
    planes = raw[0] if raw.ndim == 4 and raw.shape[0] == 1 else raw
    if planes.ndim == 2:
        return planes[None]
    if planes.ndim != 3 or planes.size == 0:
        got = "×".join(map(str, raw.shape))
        raise ValueError(f"the network's output is {got}; expected one picture's 1×C×H×W or H×W")
    return planes if settings.layout == "nchw" else np.moveaxis(planes, -1, 0)


def _spread(plane: Floats, settings: Output) -> Floats:
    """Map the range of the output to 0 to 1."""
    if settings.range == "stretch":
        low, high = float(plane.min()), float(plane.max())
        return (plane - low) / max(high - low, 1e-6)
    low, high = (float(end) for end in settings.range)
    return plane if (low, high) == (0, 1) else (plane - low) / (high - low)
