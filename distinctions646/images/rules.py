"""How picture files are read where there is a choice, as settings and as command-line options."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from distinctions646.images.headers import EXIF_CHOICES, Exif
from distinctions646.images.mattes import MATTE_CHANNELS, MatteChannel


@dataclass(frozen=True)
class ReadingRules:
    """How the pictures of a dataset are read.

    Attributes
    ----------
    exif
        Whether an EXIF orientation is ignored or applied.
    matte_channel
        Which channel is the matte in files that read in two ways; None refuses them.
    """

    exif: Exif = "ignore"
    matte_channel: MatteChannel | None = None


AS_STORED = ReadingRules()
"""Orientations ignored, as by the official scripts; mattes must be grey."""


def add_exif(parser: argparse._ActionsContainer) -> None:
    """Add ``--exif``."""
    parser.add_argument(
        "--exif",
        choices=EXIF_CHOICES,
        default="ignore",
        help="orientation of pictures: ignored, as by the official Composition-1k script; or "
        "applied, as by the Distinctions-646 generator through OpenCV",
    )


def add_matte_channel(parser: argparse._ActionsContainer) -> None:
    """Add ``--matte-channel``."""
    parser.add_argument(
        "--matte-channel",
        choices=MATTE_CHANNELS,
        help="channel that is the matte in files with an alpha channel or colours: first, as in "
        "the official scripts; alpha, as in cut-outs (default: mattes must be grey)",
    )
