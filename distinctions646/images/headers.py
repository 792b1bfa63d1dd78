"""Checks of a picture by its header, before a pixel is decoded: mode, size, orientation.

Whether to follow an EXIF orientation is a choice here: the official Composition-1k script ignores
it, the Distinctions-646 generator turns the picture, as it decodes with OpenCV.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from PIL import Image

from distinctions646.images.opening import decoding, open_header

Exif = Literal["ignore", "apply"]
EXIF_CHOICES: tuple[Exif, ...] = get_args(Exif)
_ORIENTATION = 0x0112  # the EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = (5, 6, 7, 8)
_TAIL = 4096  # bytes in which a file must have its end
_ALPHA_MODES = frozenset({"1", "L", "LA", "RGB", "RGBA"})
_GREY_MODES = {"alpha": _ALPHA_MODES, "trimap": _ALPHA_MODES | {"P"}}
_REFUSED_IMAGE_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L", "I;16N"})


def orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation of a picture.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.

    Returns
    -------
    int
        From 1 to 8; 1 is upright, and the default where there is no such tag.
    """
    if "exif" not in picture.info and picture.format != "TIFF":
        return 1  # Pillow would look further, in a PNG behind all its pixels; OpenCV does not
    exif = decoding(getattr(picture, "filename", "picture"), picture.getexif)
    tag = exif.get(_ORIENTATION, 1)
    return tag if isinstance(tag, int) and tag in _TURNS else 1


def choose_turn(picture: Image.Image, exif: Exif) -> tuple[int, list[str]]:
    """Return the orientation to turn a picture by, and a note where it has one that is ignored.

    Parameters
    ----------
    picture
        As opened by Pillow, not yet loaded.
    exif
        ``"apply"`` follows the orientation.

    Returns
    -------
    turn : int
        For `turned`; 1 where nothing is to be done.
    notes : list of str
        Why the picture may lie otherwise than another that belongs to it.
    """
    tag = orientation(picture)
    if exif == "apply" or tag == 1:
        return tag, []
    return 1, [f"EXIF orientation {tag}, not applied; --exif apply turns the picture upright"]


def turned(picture: Image.Image, exif_orientation: int) -> Image.Image:
    """Turn a picture upright.

    Parameters
    ----------
    picture
        Loaded.
    exif_orientation
        As of `orientation`, which must be read before the picture is loaded.

    Returns
    -------
    PIL.Image.Image
        A turned copy, or the picture itself where it is upright.
    """
    turn = _TURNS.get(exif_orientation)
    return picture if turn is None else picture.transpose(turn)


def picture_size(picture: Image.Image, exif: Exif = "ignore") -> tuple[int, int]:
    """Return height and width, from the header alone.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    exif
        ``"apply"`` counts the picture as turned by its EXIF orientation.

    Returns
    -------
    (int, int)
        Height and width.
    """
    if exif == "apply" and orientation(picture) in _QUARTER_TURNS:
        return picture.width, picture.height
    return picture.height, picture.width


def ends_whole(path: Path, format_: str | None) -> bool:
    """Return whether a JPEG or PNG has its end; True for other formats, which are not judged."""
    end = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}.get(format_ or "")
    if end is None:
        return True
    with path.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(length - _TAIL, 0))
        return end in file.read()


def turn_hint(paths: Iterable[Path], exif: Exif = "ignore") -> str:
    """Return what to add to a message about sizes that differ: that an EXIF turn may be why.

    Parameters
    ----------
    paths
        The pictures whose sizes differ.
    exif
        What was done with their orientations.

    Returns
    -------
    str
        Empty where no picture is stored lying on its side.
    """
    for path in paths:
        with open_header(path) as picture:
            if orientation(picture) in _QUARTER_TURNS:
                done = "applied" if exif == "apply" else "not applied"
                other = "ignore" if exif == "apply" else "apply"
                return (
                    f"; {path.name} has an EXIF orientation, which was {done}: --exif {other} may "
                    "fit"
                )
    return ""


def check_image_mode(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a picture that cannot become 8-bit RGB as the scripts do it.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If the picture is 16-bit or floating-point grey.
    """
    if picture.mode in _REFUSED_IMAGE_MODES:
        raise ValueError(f"{path}: image has mode {picture.mode}; expected 8 bits per channel")


def check_grey_mode(
    picture: Image.Image, path: Path | str, kind: Literal["alpha", "trimap"]
) -> None:
    """Refuse, from its header alone, a picture that cannot be an alpha or a trimap.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.
    kind
        What it is to be; a trimap may have a palette.

    Raises
    ------
    ValueError
        If the mode is not 1, L, LA, RGB, RGBA, P of a trimap, or 16-bit grey of an alpha.
    """
    if kind == "alpha" and is_deep_grey(picture):
        return
    mode = _sixteen_bit_mode(picture) or picture.mode
    if mode not in _GREY_MODES[kind]:
        or_deep = "16-bit grey, or " if kind == "alpha" else ""
        raise ValueError(f"{path}: {kind} has mode {mode}; expected 8-bit grey (or {or_deep}RGB)")


def is_deep_grey(picture: Image.Image) -> bool:
    """Return whether a picture is grey of 16 bits, which older Pillow opens as mode I."""
    deep = picture.mode == "I" and picture.format in ("PNG", "PPM")
    return deep or picture.mode.startswith("I;16")


def check_own_alpha(picture: Image.Image, path: Path | str) -> None:
    """Refuse, from its header alone, a foreground that has no 8-bit alpha channel.

    Parameters
    ----------
    picture
        As opened by Pillow; need not be loaded.
    path
        Named in the message.

    Raises
    ------
    ValueError
        If there is no alpha channel, or the file has 16 bits a channel.
    """
    deep = _sixteen_bit_mode(picture)
    if deep:
        raise ValueError(f"{path}: foreground has mode {deep}; expected 8 bits per channel")
    transparent_palette = picture.mode == "P" and "transparency" in picture.info
    if picture.mode not in ("RGBA", "LA", "PA") and not transparent_palette:
        raise ValueError(
            f"{path}: foreground has mode {picture.mode} and no alpha channel; "
            "expected RGBA, or a folder of alphas"
        )


def _sixteen_bit_mode(picture: Image.Image) -> str | None:
    """Return the file's own 16-bit mode where Pillow hides it (a 16-bit RGB PNG opens as RGB)."""
    tiles = getattr(picture, "tile", None)
    if not tiles:
        return None
    arguments = tiles[0][3]
    raw_mode = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    return raw_mode if isinstance(raw_mode, str) and ";16" in raw_mode else None
