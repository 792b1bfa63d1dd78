"""The one reader of mattes, truths and trimaps, and what it notes about them.

A matte is grey. A file of several channels is grey where its colour channels agree, but for the
noise of JPEG, and its alpha channel is the same everywhere; otherwise there are two ways to read
it, and it is refused until ``--matte-channel`` says which.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from distinctions646.images.headers import (
    Exif,
    check_grey_mode,
    choose_turn,
    is_deep_grey,
)
from distinctions646.images.opening import LOSSY, decoding, open_header
from distinctions646.images.pixels import decode_pixels

Kind = Literal["alpha", "trimap"]
MatteChannel = Literal["first", "alpha"]
MATTE_CHANNELS: tuple[MatteChannel, ...] = get_args(MatteChannel)
Grey: TypeAlias = NDArray[np.uint8]

CHANNEL_NOISE = 8
"""Levels by which the colour channels of a grey picture may differ: JPEG's rounding of colour."""
_SAMPLE = 1 << 14  # pixels that are looked at first
_BORDER_OPAQUE, _CLEAR = 0.99, 0.5  # shares at which a lone matte looks inverted
_FAR, _NEARER = 64, 4  # mean difference in levels, and how much smaller the inverse's is
_PARTLY = 8  # partly covered pixels from which a source is judged


def read_grey(
    path: Path | str,
    content: bytes | None = None,
    *,
    kind: Kind = "alpha",
    exif: Exif = "ignore",
    channel: MatteChannel | None = None,
) -> tuple[Grey, list[str]]:
    """Read a matte, a truth or a trimap as 8-bit grey.

    Parameters
    ----------
    path
        A picture of 1 or 8 bits, RGB, RGBA, or a matte of 16 bits; a trimap may have a palette.
    content
        The file's bytes, if they are read already; `path` then only names them in messages.
    kind
        What it is to be; a trimap's values are not looked at here.
    exif
        ``"apply"`` turns the picture by its EXIF orientation.
    channel
        Of a matte that reads in two ways: ``"first"`` takes the first channel, as the official
        scripts do; ``"alpha"`` the alpha channel, wherever there is one. Not for trimaps.

    Returns
    -------
    grey : ndarray
        H×W, uint8; 16 bits are scaled by 255 / 65535 and rounded.
    notes : list of str
        What is unexpected about the file.

    Raises
    ------
    ValueError
        If the file is no whole picture of these kinds, or reads in two ways.
    """
    with open_header(path, content) as picture:
        check_grey_mode(picture, path, kind)  # first: a loaded picture no longer tells its depth
        turn, notes = choose_turn(picture, exif)
        deep, format_ = is_deep_grey(picture), picture.format or ""
        frames = 1
        if format_ != "MPO":
            frames = decoding(path, lambda: getattr(picture, "n_frames", 1))
        pixels = decode_pixels(picture, path, turn)
        if frames > 1:
            notes.append(f"{frames} pictures in one file, the first counts")
        if deep:
            grey, note = _from_16_bits(np.asarray(pixels).astype(np.int64))
            notes.append(note)
        elif isinstance(pixels, np.ndarray) and pixels.ndim == 2:
            grey = pixels
        else:
            loaded = Image.fromarray(pixels) if isinstance(pixels, np.ndarray) else pixels
            grey, more = _one_channel(loaded, path, kind, channel)
            notes += more
    if kind == "alpha":
        if format_ in LOSSY:
            notes.append("JPEG, in which 0 and 255 come back as neighbours")
        notes += _odd_levels(grey)
    elif format_ in LOSSY:
        notes.append("JPEG, in which 0, 128 and 255 come back as neighbours")
    return grey, notes


def _from_16_bits(deep: NDArray[np.int64]) -> tuple[Grey, str]:
    if 0 < deep.max(initial=0) <= 255:
        return _scaled(deep), "16 bits with no value above 255; such a matte runs to 65535"
    return _scaled(deep), "16 bits, scaled to 8 by 255 / 65535 and rounded"


def _scaled(deep: NDArray[np.int64]) -> Grey:
    return ((deep + 128) // 257).astype(np.uint8)  # 65535 = 257 * 255


def _one_channel(
    picture: Image.Image, path: Path | str, kind: Kind, channel: MatteChannel | None
) -> tuple[Grey, list[str]]:
    """Return the channel that is the matte, and how it was chosen where there was a choice."""
    mode = picture.mode
    if mode in ("1", "L"):
        return np.array(picture.convert("L")), []
    if mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    bands = picture.split()
    colours = bands[:-1] if picture.mode in ("LA", "RGBA") else bands
    own_alpha = bands[-1] if picture.mode in ("LA", "RGBA") else None
    spread = max((_difference(colours[0], other) for other in colours[1:]), default=0)
    low, high = (255, 255) if own_alpha is None else _extremes(own_alpha)
    if kind == "alpha" and channel is not None:
        if channel == "alpha" and own_alpha is not None:
            return np.array(own_alpha), [f"mode {mode}, its alpha channel was taken"]
        if channel == "first" and (spread > CHANNEL_NOISE or low < high):
            return np.array(colours[0]), [f"mode {mode}, its first channel was taken"]
    if spread > CHANNEL_NOISE or low < high:
        raise ValueError(f"{path}: {_two_readings(kind, mode, spread, (low, high), own_alpha)}")
    noise = [f"mode {mode}, channels differ by up to {spread}; the first was taken"]
    return np.array(colours[0]), noise if spread else []


def _difference(one: Image.Image, other: Image.Image) -> int:
    return _extremes(ImageChops.difference(one, other))[1]


def _extremes(band: Image.Image) -> tuple[int, int]:
    low, high = band.getextrema()
    return int(low), int(high)  # type: ignore[arg-type]


def _two_readings(
    kind: Kind, mode: str, spread: int, alphas: tuple[int, int], own_alpha: Image.Image | None
) -> str:
    """Return why a file is refused, with both readings and the option that chooses."""
    colour = f"colour channels that differ by up to {spread}" if spread else "grey channels"
    varies = alphas[0] < alphas[1]
    if kind == "trimap":
        why = "an alpha channel that varies" if varies and spread <= CHANNEL_NOISE else colour
        return f"trimap has mode {mode} with {why}; expected grey with 0, 128, 255"
    if not varies:
        other = "" if own_alpha is None else ", alpha the alpha channel"
        return (
            f"alpha has mode {mode} with {colour}; expected grey: --matte-channel first takes the "
            f"first channel{other}"
        )
    return (
        f"alpha has mode {mode} with {colour} and an alpha channel from {alphas[0]} to "
        f"{alphas[1]}; either may be the matte: --matte-channel alpha takes the alpha channel, "
        "first the first channel"
    )


def sample_step(grey: NDArray[np.uint8]) -> int:
    """Return the step at which rows and columns give `_SAMPLE` pixels or fewer."""
    return max(1, int(np.ceil(np.sqrt(grey.shape[0] * grey.shape[1] / _SAMPLE))))


def _odd_levels(grey: Grey) -> list[str]:
    """Return what a matte's levels tell: a mask of 0 and 1, empty, opaque, inverted."""
    step = sample_step(grey)
    some = grey[::step, ::step]
    low, high = int(some.min()), int(some.max())
    if high <= 1 and int(grey.max()) <= 1:
        return ["empty: no value above 0" if not grey.any() else _ZERO_ONE]
    if low == 255 and int(grey.min()) == 255:
        return ["opaque everywhere: no value below 255"]
    edges = (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    if min(edge[len(edge) // 2] for edge in edges) < 255:
        return []
    opaque = np.mean(np.concatenate([edge == 255 for edge in edges]))
    if opaque >= _BORDER_OPAQUE and np.mean(grey == 0) >= _CLEAR:
        return ["opaque along its border and clear inside; perhaps inverted"]
    return []


_ZERO_ONE = "no value above 1; a matte runs to 255"


def pair_notes(alpha_u8: Grey, alpha_gt: Grey) -> list[str]:
    """Return what a matte and its truth tell together: that one of them is inverted.

    Parameters
    ----------
    alpha_u8, alpha_gt
        H×W, uint8, of one size.
    """
    step = sample_step(alpha_gt)
    alpha = alpha_u8[::step, ::step].astype(np.int16)
    truth = alpha_gt[::step, ::step].astype(np.int16)
    if np.abs(alpha - truth).mean() <= _FAR:
        return []
    far, near = np.abs(alpha - truth).mean(), np.abs(255 - alpha - truth).mean()
    return ["nearer to the truth when inverted; perhaps inverted"] if near * _NEARER < far else []


def trimap_notes(trimap: Grey, alpha_gt: Grey) -> list[str]:
    """Return what a trimap and the truth tell together: that their sides are exchanged.

    Parameters
    ----------
    trimap, alpha_gt
        H×W, uint8, of one size.
    """
    step = sample_step(alpha_gt)
    some, truth = trimap[::step, ::step], alpha_gt[::step, ::step]
    known = (some == 0) | (some == 255)
    wrong = known & (np.abs(some.astype(np.int16) - truth) > 128)
    if wrong.sum() * 2 > known.sum():
        return ["trimap contradicts the truth on most known pixels; perhaps inverted"]
    return []


def source_notes(foreground: NDArray[np.uint8], alpha_u8: Grey) -> list[str]:
    """Return what a foreground and its alpha tell together: premultiplied colour, inverted alpha.

    Colour that was multiplied by its alpha is nowhere above it. That is tested on all partly
    covered pixels, exactly; a black object is the same either way.

    Parameters
    ----------
    foreground
        H×W×3, uint8.
    alpha_u8
        H×W, uint8.
    """
    if alpha_u8.max(initial=0) < 128:
        return []  # empty or a mask of 0 and 1, which is noted of the alpha alone
    if _bounded_by(foreground, alpha_u8):
        return ["premultiplied: no colour above its alpha on partly covered pixels"]
    if _bounded_by(foreground, 255 - alpha_u8) or _subject_outside(foreground, alpha_u8):
        return ["the foreground's colours lie where its alpha is 0; perhaps the alpha is inverted"]
    return []


def _bounded_by(foreground: NDArray[np.uint8], alpha_u8: Grey) -> bool:
    """Return whether no colour is above its alpha where that is neither 0 nor 255."""
    step = sample_step(alpha_u8)
    for one in (step, 1) if step > 1 else (1,):  # a few pixels nearly always settle it
        alpha = alpha_u8[::one, ::one]
        partly = (alpha > 0) & (alpha < 255)
        brightest = foreground[::one, ::one][partly].max(axis=1, initial=0)
        if (brightest > alpha[partly]).any():
            return False
    return bool(len(brightest) >= _PARTLY and brightest.any())


def _subject_outside(foreground: NDArray[np.uint8], alpha_u8: Grey) -> bool:
    """Return whether the foreground is black or white where opaque, and a picture where clear."""
    step = sample_step(alpha_u8)
    colours, alpha = foreground[::step, ::step], alpha_u8[::step, ::step]
    inside, outside = colours[alpha == 255], colours[alpha == 0]
    if min(len(inside), len(outside)) < _PARTLY:
        return False
    blank = int(inside.max()) == 0 or int(inside.min()) == 255
    return blank and not bool((outside == outside[0]).all())
