"""Composites that read their arrays on demand, and the split they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from distinctions646.images.fingerprint import pixel_sha256, split_root
from distinctions646.images.headers import picture_size
from distinctions646.images.opening import open_header
from distinctions646.images.reading import (
    check_trimap_values,
    read_alpha,
    read_image,
    read_trimap,
)
from distinctions646.images.rules import AS_STORED, ReadingRules

KEPT_BYTES = 1 << 29
"""Decoded pictures of a plain folder that its root leaves in memory for their scoring, at most."""
Contents: TypeAlias = dict[str, tuple[Path, Callable[[], bytes] | None]]
Check: TypeAlias = Callable[["Sample", NDArray[np.uint8], NDArray[np.uint8]], None]


@dataclass(frozen=True)
class Sample:
    """One composite, read on demand.

    Attributes
    ----------
    id
        Its name in results.
    foreground, background
        Names of its sources; of a plain folder the stem and "".
    name
        Name of its files, without suffix.
    trimap_rule
        Id of the rule that its trimap was made by, ``"given"`` where it came with the pictures,
        None where it has none.
    contents
        For each of image, alpha and trimap that exists: the path that errors name, and a function
        that returns its bytes, or None where the path is a file.
    reading
        How its files are read where there is a choice.
    decoded
        Its pictures that have been decoded and are still in memory.
    sha256
        SHA-256 of the pixels of these, as `images.fingerprint.pixel_sha256` hashes them.
    """

    id: str
    foreground: str
    background: str
    name: str
    trimap_rule: str | None
    contents: Contents = field(repr=False)
    reading: ReadingRules = field(default=AS_STORED, kw_only=True)
    decoded: dict[str, NDArray[np.uint8]] = field(
        default_factory=dict, repr=False, compare=False, kw_only=True
    )
    sha256: dict[str, str] = field(default_factory=dict, repr=False, compare=False, kw_only=True)

    def size(self) -> tuple[int, int]:
        """Return height and width, from the header of the composite."""
        path, content = self._content("image")
        with open_header(path, content) as picture:
            return picture_size(picture, self.reading.exif)

    def image(self) -> NDArray[np.uint8]:
        """Read the composite: H×W×3, uint8, RGB."""
        if "image" in self.decoded:
            return self.decoded["image"].copy()
        return read_image(*self._content("image"), exif=self.reading.exif)

    def alpha_u8(self) -> NDArray[np.uint8]:
        """Read the ground-truth alpha: H×W, uint8."""
        if "alpha" in self.decoded:
            return self.decoded["alpha"].copy()
        rules = self.reading
        return read_alpha(*self._content("alpha"), exif=rules.exif, channel=rules.matte_channel)

    def alpha(self) -> NDArray[np.float32]:
        """Read the ground-truth alpha: H×W, float32 in [0, 1]."""
        return self.alpha_u8().astype(np.float32) / np.float32(255)

    def trimap(self, values: Literal["strict", "official"] = "strict") -> NDArray[np.uint8] | None:
        """Read the trimap: H×W, uint8; None where there is none."""
        if "trimap" not in self.contents:
            return None
        if "trimap" in self.decoded:
            trimap = self.decoded["trimap"].copy()
            others = (trimap != 0) & (trimap != 128) & (trimap != 255)
            if values == "strict" and others.any():
                check_trimap_values(trimap, f"{self.contents['trimap'][0]}: trimap")
            return trimap
        path, content = self._content("trimap")
        return read_trimap(path, values, content, exif=self.reading.exif)

    def keep_trimap(self, trimap: NDArray[np.uint8], sha256: str) -> None:
        """Serve the next reading of a trimap from memory, where its image is there, too."""
        if "image" in self.decoded:
            self.decoded["trimap"], self.sha256["trimap"] = trimap, sha256

    def _content(self, kind: str) -> tuple[Path, bytes | None]:
        path, read = self.contents[kind]
        return path, None if read is None else read()


@dataclass(frozen=True)
class Split:
    """The samples of one split.

    Attributes
    ----------
    name, split
        Names of the dataset and of the split.
    folder
        Folder of the dataset.
    trimap_rule, trimap_seed
        How its trimaps were made; ``"given"`` where they came with the pictures, None where there
        are none.
    samples
        The composites in the order of the recipe.
    built_root, source_root
        Roots in the manifest; both None for a plain folder, the first None for a split that is
        composed on reading.
    check
        Is called with each sample, its image and its alpha while the root is computed; raises
        `ValueError` where they cannot be right.
    """

    name: str
    split: str
    folder: Path
    trimap_rule: str | None
    trimap_seed: int | None
    samples: tuple[Sample, ...] = field(repr=False)
    built_root: str | None = None
    source_root: str | None = None
    check: Check | None = field(default=None, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """The root, or the source root where nothing is composed; neither is computed if built."""
        return self.built_root or self.source_root or self.root

    @cached_property
    def root(self) -> str:
        """Fingerprint of names and decoded pixels; computed on first use for a plain folder."""
        return self.built_root or split_root((name, *pair) for name, pair in self.hashes.items())

    @cached_property
    def hashes(self) -> dict[str, tuple[str, str]]:
        """SHA-256 of the pixels of image and alpha by name, as they are now.

        Everything is decoded for it; up to `KEPT_BYTES` of that serve the next reading, too.
        """
        found, room = {}, KEPT_BYTES if self.source_root is None else 0
        for sample in self.samples:
            pictures, found[sample.name] = self._read(sample)
            room -= sum(picture.nbytes for picture in pictures.values())
            room -= pictures["alpha"].nbytes if "trimap" in sample.contents else 0
            if room >= 0:
                sample.decoded.update(pictures)
                sample.sha256.update(zip(pictures, found[sample.name], strict=True))
        return found

    def compute_root(self) -> str:
        """Decode everything and return the fingerprint, whatever the manifest says."""
        return split_root((sample.name, *self._read(sample)[1]) for sample in self.samples)

    def _read(self, sample: Sample) -> tuple[dict[str, NDArray[np.uint8]], tuple[str, str]]:
        """Decode and check a sample; return image and alpha with the hashes of their pixels."""
        image, alpha_u8 = sample.image(), sample.alpha_u8()
        if self.check is not None:
            self.check(sample, image, alpha_u8)
        return {"image": image, "alpha": alpha_u8}, (pixel_sha256(image), pixel_sha256(alpha_u8))
