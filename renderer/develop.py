"""From linear renders to the straight 8-bit RGBA that is stored, and its lossless WebP."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray

from distinctions646.mini.drawing.canvas import extend_colours, straight_rgba
from distinctions646.mini.drawing.fields import smoothstep
from renderer.engine import Render

Float32 = NDArray[np.float32]
Rgba = NDArray[np.uint8]

# Pixels around the object whose hidden colours continue its own; beyond, one colour packs well.
_BAND = 8


def expose(linear: Float32, alpha: Float32) -> Float32:
    """Scale straight linear colour to a common brightness, bend the highlights and encode as sRGB.

    Parameters
    ----------
    linear
        float32 height x width x 3, straight.
    alpha
        float32 height x width: the weights of the brightness.
    """
    weights = np.array([0.2126, 0.7152, 0.0722], np.float32)
    luminance = linear @ weights
    heavy = alpha > 0.3
    bright = float(np.percentile(luminance[heavy], 88)) if heavy.any() else 0.6
    scaled = linear * np.clip(0.52 / max(bright, 1e-3), 0.3, 1.35)
    knee = np.float32(0.65)
    over = np.maximum(scaled - knee, 0) / (1 - knee)
    bent = np.where(scaled > knee, knee + (1 - knee) * (1 - np.exp(-over)), scaled)
    grey = (bent @ weights)[..., None]
    bent = np.maximum(grey + (bent - grey) * 1.1, 0)
    low = 12.92 * bent
    high = 1.055 * np.maximum(bent, 1e-6) ** (1 / 2.4) - 0.055
    return np.asarray(np.clip(np.where(bent <= 0.0031308, low, high), 0, 1), np.float32)


def straight_colour(render: Render, smooth: bool) -> Float32:
    """Divide by alpha.

    Noise of colour and of alpha rise and fall together along a hair, so the raw ratio is the
    steady one there; in opaque parts, and in `smooth` media, the denoised colour is.
    """
    clean = np.maximum(render.denoised[..., :3], 0)
    if smooth:
        return np.asarray(clean / np.maximum(render.alpha[..., None], 1e-4), np.float32)
    alpha = np.maximum(render.raw[..., 3:], 1e-4)
    clean = clean / alpha
    trust = smoothstep(0.8, 0.995, render.raw[..., 3:])
    return np.asarray(trust * clean + (1 - trust) * render.raw[..., :3] / alpha, np.float32)


def develop(render: Render, *, smooth: bool = False) -> Rgba:
    """Turn a render into straight RGBA.

    Parameters
    ----------
    render
        Linear and premultiplied.
    smooth
        Whether alpha varies smoothly (smoke, glass, cloth) so that denoised colour serves all of
        it.

    Returns
    -------
    ndarray
        uint8 height x width x 4.
    """
    sampled = np.clip(render.alpha if smooth else render.raw[..., 3], 0, 1)
    encoded = expose(straight_colour(render, smooth), sampled)
    # Where the finer alpha reaches a little beyond the coarser, colour comes from beside.
    colour = extend_colours(encoded * sampled[..., None], sampled)
    alpha = np.clip(render.alpha, 0, 1)
    return pack(straight_rgba(np.clip(colour, 0, 1) * alpha[..., None], alpha))


def pack(rgba: Rgba) -> Rgba:
    """Set colours far outside the object to one colour, and pass over to it smoothly."""
    visible = rgba[..., 3] > 0
    if not visible.any() or visible.all():
        return rgba
    distance = cv2.distanceTransform((~visible).astype(np.uint8), cv2.DIST_L2, 5)
    constant = np.round(rgba[visible][:, :3].mean(axis=0))
    share = smoothstep(_BAND / 2, _BAND, distance.astype(np.float32))[..., None]
    colour = rgba[..., :3] * (1 - share) + constant * share
    return np.dstack([np.round(colour).astype(np.uint8), rgba[..., 3]])


def encode_webp(rgba: Rgba) -> bytes:
    """Encode losslessly; colours under alpha 0 are kept."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, "WEBP", lossless=True, exact=True, quality=75, method=4)
    return buffer.getvalue()
