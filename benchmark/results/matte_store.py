"""Cached mattes: one PNG per input; its header holds key, pixel hash, status, notes and seconds.

A cached matte is used again only if the same method (its hash names the folder) was given the same
input (its hash is the key).
A damaged one counts as none. Mattes from before they had the pixel hash are still used, checked in
all other ways.
So new metrics, regions and trimap rules need no new inference, and a killed run continues where it
was. The cache is shared by all datasets and trimap rules; the files in a run's own folder are links
to it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from distinctions646.checks.files import parse_json
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.opening import open_header
from distinctions646.images.pixels import decode_pixels
from distinctions646.images.png import encode_png
from distinctions646.images.reading import read_alpha
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.process.whole_files import link_file, write_bytes

if TYPE_CHECKING:
    from PIL.Image import Image

ImageU8 = npt.NDArray[np.uint8]
_KEY = "matting-prediction"
LACKED = "lacked_memory"
"""The note on a matte that was not made because memory was too short."""


@dataclass(frozen=True)
class Prediction:
    """A matte, with its status, notes and seconds.

    Attributes
    ----------
    alpha_u8
        uint8 H×W.
    status
        ``"ok"``, or ``"n/a"`` where the method could not work and the matte is the trimap with
        0.5 in the unknown region.
    notes
        The method's own remarks, as JSON values.
    seconds
        CPU seconds of the call.
    """

    alpha_u8: ImageU8
    status: str
    notes: dict[str, Any]
    seconds: float

    @property
    def lacks_memory(self) -> bool:
        """Whether it stands in for a matte for which memory was too short, as it may not be now."""
        return self.status == "n/a" and LACKED in self.notes


@dataclass(frozen=True)
class MatteStore:
    """The folders where one method's mattes are kept.

    Attributes
    ----------
    cache
        Folder of the method's mattes by input key, of all datasets.
    mattes
        One run's mattes by image name, for people and figures; None keeps none.
    """

    cache: Path
    mattes: Path | None = None

    def find(self, name: str, key: str, shape: tuple[int, int]) -> Prediction | None:
        """Return the matte that was made from an input of a shape, or None; link it to its name.

        One that lacked memory counts as none.
        """
        cached = self.cache / f"{key}.png"
        if self.mattes is None:
            return _made(load(cached, key, shape))
        named = self.mattes / f"{name}.png"
        prediction = _made(load(named, key, shape))
        if prediction is None:
            prediction = _made(load(cached, key, shape))
            if prediction is not None:
                link_file(cached, named)
        return prediction

    def keep(self, name: str, prediction: Prediction, key: str) -> None:
        """Keep a new matte, and link it to its name; one that lacked memory has a name alone."""
        if prediction.lacks_memory:
            self.name(name, prediction, key)
            return
        self.cache.mkdir(parents=True, exist_ok=True)
        save(self.cache / f"{key}.png", prediction, key)
        if self.mattes is not None:
            link_file(self.cache / f"{key}.png", self.mattes / f"{name}.png")

    def name(self, name: str, prediction: Prediction, key: str) -> None:
        """Keep a matte under its image's name alone, such as a ready-made one."""
        if self.mattes is not None:
            self.mattes.mkdir(parents=True, exist_ok=True)
            save(self.mattes / f"{name}.png", prediction, key)

    def keys(self) -> frozenset[str]:
        """Return the inputs whose mattes are kept."""
        return frozenset(path.stem for path in self.cache.glob("[!.]*.png"))


def _made(prediction: Prediction | None) -> Prediction | None:
    return None if prediction is None or prediction.lacks_memory else prediction


def input_key(image_sha256: str, shape: tuple[int, ...], trimap_sha256: str | None) -> str:
    """Return 16 hex digits of what a method is given.

    Parameters
    ----------
    image_sha256, trimap_sha256
        SHA-256 of their decoded pixels; None without a trimap.
    shape
        Height and width of the image; more sides do not count.
    """
    text = f"{image_sha256} {shape[0]}x{shape[1]} {trimap_sha256}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(path: Path, prediction: Prediction, key: str) -> None:
    """Write a prediction as 8-bit grey PNG under a temporary name, then rename it.

    Parameters
    ----------
    path
        Ends in ``.png``; its folder must exist.
    prediction
        What to keep.
    key
        `input_key` of what it was made from.
    """
    record = {
        "input": key,
        "pixels": pixel_sha256(prediction.alpha_u8),
        "status": prediction.status,
        "notes": prediction.notes,
        "seconds": prediction.seconds,
    }
    text = {_KEY: json.dumps(record, sort_keys=True)}
    write_bytes(path, encode_png(prediction.alpha_u8, text=text))


def load(path: Path, key: str, shape: tuple[int, int] | None = None) -> Prediction | None:
    """Return a cached prediction, or None if there is none for this input.

    A file that is damaged, or was made from another input, counts as none.

    Parameters
    ----------
    path
        The file; it may be missing.
    key
        `input_key` of the input.
    shape
        Height and width of the input; None takes any.
    """
    try:
        prediction, record = read_cached(path)
    except ValueError:
        return None
    same = record["input"] == key and shape in (None, prediction.alpha_u8.shape)
    return prediction if same else None


def read_cached(path: Path) -> tuple[Prediction, dict[str, Any]]:
    """Return a cached prediction and the record in its header.

    Raises
    ------
    ValueError
        If it is missing or damaged: no grey picture, an incomplete record, or other pixels than
        the record's hash.
    """
    with _opened(path) as picture:
        record = _record(path, picture)
        alpha_u8 = np.require(decode_pixels(picture, path), requirements="W")
    sha256 = pixel_sha256(alpha_u8)
    if record.get("pixels", sha256) != sha256:
        raise ValueError(f"{path}: damaged matte; its pixels are not those that were written")
    seconds = float(record["seconds"])
    return Prediction(alpha_u8, record["status"], record["notes"], seconds), record


@contextmanager
def _opened(path: Path) -> Iterator[Image]:
    try:
        with open_header(path) as picture:
            yield picture
    except (OSError, ValueError) as error:
        named = str(error).startswith(str(path))
        raise ValueError(str(error) if named else f"{path}: unreadable matte ({error})") from None


def _record(path: Path, picture: Image) -> dict[str, Any]:
    record = parse_json(str(picture.info.get(_KEY, "null")), path)
    if picture.format != "PNG" or picture.mode != "L" or not _is_record(record):
        raise ValueError(
            f"{path}: not a cached matte; expected a grey PNG with the runner's record"
        )
    checked: dict[str, Any] = record
    return checked


def _is_record(record: Any) -> bool:
    return (
        isinstance(record, dict)
        and isinstance(record.get("input"), str)
        and record.get("status") in ("ok", "n/a")
        and isinstance(record.get("notes"), dict)
        and (record["status"] == "ok" or isinstance(record["notes"].get("reason"), str))
        and type(record.get("seconds")) in (int, float)
        and 0 <= record["seconds"] < math.inf
    )


def read_matte(path: Path, shape: tuple[int, int], reading: ReadingRules = AS_STORED) -> ImageU8:
    """Read a ready-made matte: H×W, uint8.

    Parameters
    ----------
    path
        A picture.
    shape
        Height and width of its image.
    reading
        How it is read where there is a choice.

    Raises
    ------
    ValueError
        If it is no matte, or has another size than its image.
    """
    alpha_u8 = read_alpha(path, exif=reading.exif, channel=reading.matte_channel)
    if alpha_u8.shape != shape:
        got, wanted = (f"{side[0]}×{side[1]}" for side in (alpha_u8.shape, shape))
        raise ValueError(f"{path}: matte is {got} pixels; expected {wanted}, as its image")
    return alpha_u8


def read_cost(path: Path) -> tuple[float, float] | None:
    """Return processor seconds and megapixels of a cached matte; None if its header has none."""
    try:
        with _opened(path) as picture:
            record = _record(path, picture)
            megapixels = picture.width * picture.height / 1e6
    except ValueError:
        return None
    return (float(record["seconds"]), megapixels) if record["status"] == "ok" else None
