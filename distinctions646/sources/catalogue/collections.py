"""The collections that backgrounds come from: PASCAL VOC 2012 and COCO train2014 or train2017."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from distinctions646.sources.layouts import Collection, NameList

COCO_2014_PREFIX = "COCO_train2014_"  # the 2017 release has the same pictures without it
COCO_TERMS = (
    "COCO images are Flickr photographs under each photographer's own Creative Commons licence; "
    "the terms of use are at https://cocodataset.org/#termsofuse"
)
VOC_TERMS = (
    "PASCAL VOC images are Flickr photographs under Flickr's terms of use; "
    "see http://host.robots.ox.ac.uk/pascal/VOC/voc2012/"
)
# Regular expressions of the names that a list takes from a collection.
LISTED_NAMES: Mapping[Collection, str] = MappingProxyType(
    {"coco": r"COCO_train2014_\d{12}\.jpg", "voc": r"\d{4}_\d{6}\.jpg"}
)
# Regular expressions of the names of all its pictures, in every edition.
PICTURE_NAMES: Mapping[Collection, str] = MappingProxyType(
    {"coco": r"(COCO_(train|val)2014_)?\d{12}\.jpg", "voc": r"\d{4}_\d{6}\.jpg"}
)
# Below what --coco and --voc name, nearest first. Every picture of train2014 is in train2017 too.
BACKGROUND_FOLDERS: Mapping[Collection, tuple[str, ...]] = MappingProxyType(
    {
        "coco": tuple(
            f"{prefix}{folder}"
            for folder in ("", "train2014", "train2017")
            for prefix in ("", "images/", "coco/", "coco/images/")
            if folder or not prefix
        ),
        "voc": tuple(
            f"{prefix}{folder}"
            for prefix in ("", "VOCdevkit/")
            for folder in (
                "",
                "JPEGImages",
                *(f"VOC{year}/JPEGImages" for year in range(2012, 2006, -1)),
            )
            if folder or not prefix
        ),
    }
)


def voc_test_list(file: str) -> NameList:
    """Return the list of 1,000 test backgrounds, which three datasets share under two file names.

    They are the first 1,000 pictures of VOC 2012 by name.
    """
    sha256 = "742acac45a78b9c9310f7dabea1e3d8624f7b4569adc32a333bcd024ea5e1d63"
    return NameList(file, 1000, sha256, sha256, "bytes")
