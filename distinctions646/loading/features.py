"""Picture columns of a ``datasets.Dataset`` that are decoded by the suite's own readers.

The decoder of ``datasets`` opens any format that Pillow knows, turns pictures by their EXIF
orientation, takes any mode for a matte, and follows a path or address inside a file. Ours reads a
picture as `open_split` does, so that both give the same pixels and the same notes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from distinctions646.images.reading import read_alpha, read_image, read_trimap
from distinctions646.images.rules import AS_STORED, ReadingRules


class Picture(datasets.Image):  # type: ignore[misc]
    """A column of pictures of one kind; stored and typed as ``datasets.Image``.

    Attributes
    ----------
    kind
        ``"image"``, ``"alpha"`` or ``"trimap"``.
    embedded
        Whether the bytes are in the table; a path in it is then only a name.
    reading
        How files are read where there is a choice.
    """

    kind: str = "image"
    embedded: bool = False
    reading: ReadingRules = AS_STORED

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:
        """Decode one picture: a ``PIL.Image.Image`` of mode RGB or L."""
        if not self.decode:
            raise RuntimeError("decoding is off; expected Picture with decode=True")
        if not isinstance(value, dict):
            return value  # decoded already
        path, content = value.get("path"), value.get("bytes")
        if content is None and (self.embedded or path is None):
            raise ValueError(f"{path or self.kind}: has no bytes; expected a picture in the table")
        return Image.fromarray(self._read(Path(path or self.kind), content))

    def _read(self, path: Path, content: bytes | None) -> NDArray[np.uint8]:
        rules = self.reading
        if self.kind == "image":
            return read_image(path, content, exif=rules.exif)
        if self.kind == "alpha":
            return read_alpha(path, content, exif=rules.exif, channel=rules.matte_channel)
        return read_trimap(path, "official", content, exif=rules.exif)


def picture_column(
    kind: str, *, embedded: bool = False, reading: ReadingRules = AS_STORED
) -> Picture:
    """Return the feature of a column of pictures; parameters as the attributes of `Picture`."""
    feature = Picture(mode="RGB" if kind == "image" else "L")
    feature.kind, feature.embedded, feature.reading = kind, embedded, reading
    return feature
