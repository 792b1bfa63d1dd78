"""Cached mattes: one PNG an image, which carries in its header what made it.

A cached matte is used again only if the same method (by hash) saw the same input (by hash), so new
metrics, regions and trimap rules need no new inference, and a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.png import write_bytes

ImageU8 = npt.NDArray[np.uint8]
_KEY = "matting-prediction"


@dataclass(frozen=True)
class Prediction:
    """A matte and how it came about.

    Attributes
    ----------
    alpha_u8
        uint8 H×W.
    status
        ``"ok"``, or ``"n/a"`` where the method could not work and the matte is the trimap with
        0.5 in the unknown region.
    notes
        What a reader should know.
    seconds
        CPU seconds of the call.
    """

    alpha_u8: ImageU8
    status: str
    notes: dict[str, Any]
    seconds: float


def input_hash(image: ImageU8, trimap: ImageU8 | None) -> str:
    """Return 16 hex digits of what a method sees."""
    digest = hashlib.sha256(np.ascontiguousarray(image).tobytes())
    digest.update(str(image.shape).encode())
    if trimap is not None:
        digest.update(np.ascontiguousarray(trimap).tobytes())
    return digest.hexdigest()[:16]


def save(path: Path, prediction: Prediction, key: str) -> None:
    """Write a prediction as 8-bit grey PNG under a temporary name, then rename it.

    Parameters
    ----------
    path
        Ends in ``.png``; its folder must exist.
    prediction
        What to keep.
    key
        `input_hash` of what it was made from.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    facts = {
        "input": key,
        "status": prediction.status,
        "notes": prediction.notes,
        "seconds": prediction.seconds,
    }
    header = PngInfo()
    header.add_text(_KEY, json.dumps(facts, sort_keys=True))
    content = io.BytesIO()
    Image.fromarray(prediction.alpha_u8).save(content, "PNG", pnginfo=header, compress_level=1)
    write_bytes(path, content.getvalue())


def load(path: Path, key: str) -> Prediction | None:
    """Return a cached prediction, or None if there is none for this input.

    A file that is damaged, or was made from another input, counts as none.
    """
    from PIL import Image

    if not path.is_file():
        return None
    try:
        with Image.open(path) as picture:
            facts = json.loads(picture.info.get(_KEY, "{}"))
            if facts.get("input") != key:
                return None
            alpha_u8 = np.array(picture)
    except (OSError, SyntaxError, ValueError):
        return None
    return Prediction(alpha_u8, facts["status"], facts["notes"], facts["seconds"])
