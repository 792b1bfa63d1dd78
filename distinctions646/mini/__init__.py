"""The embedded dataset: foregrounds and backgrounds drawn by program, which need no download."""

from distinctions646.mini.catalogue import CLASSES, UNSEEN_CLASSES, render_foreground
from distinctions646.mini.places.rendering import SCENES, render_background
from distinctions646.mini.sources import write_sources

__all__ = [
    "CLASSES",
    "SCENES",
    "UNSEEN_CLASSES",
    "render_background",
    "render_foreground",
    "write_sources",
]
