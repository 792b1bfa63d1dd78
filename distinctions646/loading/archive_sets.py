"""Splits of official datasets as ``NAME:DIR``: known by names and pixels, or refused.

DIR is a build, or pictures that the official program composed, in ``image/``, ``alpha/`` and
perhaps ``trimap/`` under the official names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from distinctions646.forms.composite_check import CompositeCheck
from distinctions646.forms.manifest import MANIFEST, read_manifest
from distinctions646.forms.samples import Split
from distinctions646.images.formats import PNG
from distinctions646.plan.identity import roots_of
from distinctions646.plan.recipe import read_recipe
from distinctions646.sources.datasets import find_dataset, layout_of
from distinctions646.sources.layouts import SplitLayout
from distinctions646.sources.lists import OFFICIAL, in_order, judge

_NUMBERED = re.compile(r"(.+)_(0|[1-9]\d*)")
_SUFFIXES = (".png", ".jpg")  # of the files that the lists of foregrounds name
_NO_HASH = "no hash of the official list is known"
_OFFICIAL_RULES = {"preset": "adobe", "alpha_cleanup": None, "image_format": PNG}
_NOT_COMPARABLE = "its numbers are not comparable with published ones"


class _Place(NamedTuple):
    """A composite's foreground, and its position among that foreground's composites."""

    foreground: str
    k: int


def check_archive_set(name: str, opened: Split) -> Split:
    """Check that an opened split is all of an official one.

    Of a build the lists, the arithmetic and the root are compared; the pixels of each picture are
    compared with the recipe where it is scored, and by ``distinctions646.verify``. Of a plain
    folder the names are compared; `CompositeCheck` looks at the pixels while the root is computed.
    No root of an official archive is published, so that pictures which contradict neither are
    believed.

    Parameters
    ----------
    name
        One of `distinctions646.sources.datasets.archive_names`.
    opened
        What lies in the folder.

    Returns
    -------
    Split
        Of a plain folder with the official name, the foreground of each composite, and the
        official order, so that its root is that of a build of the same pictures.

    Raises
    ------
    ValueError
        Naming what differs from the official split.
    """
    layout = layout_of(name, opened.split)
    known = find_dataset(name)
    title = f"{known.title if known else name} {opened.split}"
    manifest = read_manifest(opened.folder)
    if manifest is None:
        return _known_pictures(name, opened, layout, title)
    if opened.name != name:
        hint = (
            f"; give --dataset {opened.folder} instead" if find_dataset(opened.name) is None else ""
        )
        raise ValueError(f"{opened.folder}: is a build of {opened.name}, not of {name}{hint}")
    _check_build(opened, manifest["splits"][opened.split], layout, title)
    return opened


def _check_build(opened: Split, record: Mapping[str, Any], layout: SplitLayout, title: str) -> None:
    folder, wanted = opened.folder, layout.backgrounds.count
    if len(opened.samples) != wanted:
        raise ValueError(
            f"{folder}: has {len(opened.samples)} images; {title} has {wanted}, and a part of it "
            "is not comparable with published numbers"
        )
    for rule, official in _OFFICIAL_RULES.items():
        if record.get(rule, official) != official:
            raise ValueError(
                f"{folder}: was built with {rule} {record[rule]}; {title} has {official}, and "
                f"{_NOT_COMPARABLE}; give --dataset {folder} instead"
            )
    for kind, verdict in record.get("lists", {}).items():
        if verdict != OFFICIAL and _NO_HASH not in verdict:
            raise ValueError(
                f"{folder}: was built with other {kind}s than {title}: {verdict}; {_NOT_COMPARABLE}"
            )
    rows = read_recipe(folder / "recipe" / f"{opened.split}.parquet")
    root = roots_of(rows, dict.fromkeys((row.background for row in rows), ""))["root"]
    if root != record["root"]:
        raise ValueError(
            f"{folder}: recipe/{opened.split}.parquet has the root {root}, but {MANIFEST} says "
            f"{record['root']}; build again"
        )


def _known_pictures(name: str, opened: Split, layout: SplitLayout, title: str) -> Split:
    numbered = {sample.name: _place(sample.name, layout) for sample in opened.samples}
    strange = next((stem for stem, place in numbered.items() if place is None), None)
    if strange is not None:
        raise ValueError(
            f"{opened.folder}: {strange} is no name of {title}; expected {_example(layout)}"
        )
    places = {stem: place for stem, place in numbered.items() if place is not None}
    found = _in_foregrounds(places)
    _check_foregrounds(opened, found, layout, title)
    order = {each: number for number, each in enumerate(_ordered(found, layout))}
    samples = [
        replace(sample, foreground=places[sample.name].foreground) for sample in opened.samples
    ]
    samples.sort(key=lambda sample: (order[sample.foreground], places[sample.name].k))
    return replace(opened, name=name, samples=tuple(samples), check=CompositeCheck())


def _place(stem: str, layout: SplitLayout) -> _Place | None:
    match = _NUMBERED.fullmatch(stem)
    if match is None:
        return None
    number = int(match[2])
    if layout.names == "adobe":
        return _Place(match[1], number)
    group, k = divmod(number, layout.per_foreground)
    return _Place(f"{match[1]}_{group}", k)


def _in_foregrounds(places: Mapping[str, _Place]) -> dict[str, dict[int, str]]:
    """Return the names of the composites of each foreground, by their position."""
    found: dict[str, dict[int, str]] = {}
    for stem, place in places.items():
        found.setdefault(place.foreground, {})[place.k] = stem
    return found


def _check_foregrounds(
    opened: Split, found: Mapping[str, Mapping[int, str]], layout: SplitLayout, title: str
) -> None:
    folder, each, wanted = opened.folder, layout.per_foreground, layout.backgrounds.count
    if len(found) != layout.foregrounds.count:
        raise ValueError(
            f"{folder}: has {len(opened.samples)} images of {len(found)} foregrounds; {title} has "
            f"{wanted} of {layout.foregrounds.count}, named {_example(layout)}, and a part of it "
            "is not comparable with published numbers"
        )
    for foreground, composites in found.items():
        missing = [k for k in range(each) if k not in composites]
        surplus = [stem for k, stem in composites.items() if k >= each]
        if missing or surplus:
            what = f"{surplus[0]} is none of {title}" if surplus else ""
            what = what or f"has no {_stem(foreground, missing[0], layout)}, which {title} has"
            raise ValueError(
                f"{folder}: {what}: it has {len(opened.samples)} images, {title} has {wanted}, "
                f"{each} of each foreground"
            )
    if layout.names == "adobe" or opened.split == "test":
        verdicts = [
            judge(in_order([f"{one}{suffix}" for one in found], order), layout.foregrounds)
            for suffix in _SUFFIXES
            if (order := layout.foregrounds.order) is not None
        ]
        if verdicts and OFFICIAL not in verdicts:
            raise ValueError(
                f"{folder}: its foregrounds are not those of {title}: {verdicts[0]} (compare with "
                f"{layout.foregrounds.file} of the archive); {_NOT_COMPARABLE}"
            )


def _ordered(found: Mapping[str, object], layout: SplitLayout) -> list[str]:
    names = [f"{foreground}{_SUFFIXES[0]}" for foreground in found]
    ordered = in_order(names, layout.foregrounds.order or "bytes")
    return [foreground.removesuffix(_SUFFIXES[0]) for foreground in ordered]


def _stem(foreground: str, k: int, layout: SplitLayout) -> str:
    if layout.names == "adobe":
        return f"{foreground}_{k}"
    prefix, _, group = foreground.rpartition("_")
    return f"{prefix}_{int(group) * layout.per_foreground + k}"


def _example(layout: SplitLayout) -> str:
    if layout.names == "adobe":
        return f"<foreground>_0 to <foreground>_{layout.per_foreground - 1}"
    return f"test_0 to test_{layout.backgrounds.count - 1}"
