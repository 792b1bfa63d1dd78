"""The command-line options that every command comparing mattes with their truth takes."""

from __future__ import annotations

import argparse
from pathlib import Path

from distinctions646.images.rules import add_exif, add_matte_channel


def add_pair_arguments(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the options that choose mattes, truths and trimaps, and how errors count."""
    add = parser.add_argument
    add("--alpha", type=Path, required=required, help="predicted mattes")
    add("--alpha-gt", type=Path, required=required, help="true mattes")
    add("--trimap", type=Path, help="trimaps; 128 is unknown")
    add("--region", choices=("whole", "unknown"), default="whole", help="where errors count")
    add(
        "--fill-known",
        action="store_true",
        help="before scoring, set mattes to 0 and 255 where the trimap is; "
        "also changes Grad and Conn",
    )
    add_exif(parser)
    add_matte_channel(parser)
    add(
        "--trimap-values",
        choices=("strict", "official"),
        default="strict",
        help="refuse values other than 0, 128, 255, or count them as known like the official code",
    )
