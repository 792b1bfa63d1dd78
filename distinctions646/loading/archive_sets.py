"""Test and training splits of official datasets as ``NAME:DIR``: whole, or refused.

DIR is a build, or pictures that the official program composed, in ``image/``, ``alpha/`` and
perhaps ``trimap/`` under Adobe's names ``<foreground>_<k>``.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from distinctions646.forms.manifest import read_manifest
from distinctions646.forms.samples import Sample, Split
from distinctions646.sources.datasets import DATASETS, layout_of
from distinctions646.sources.layouts import SplitLayout

_COMPOSITE = re.compile(r"(.+)_\d+")


def check_archive_set(name: str, opened: Split) -> Split:
    """Check that an opened split is all of an official one.

    Parameters
    ----------
    name
        One of `distinctions646.sources.datasets.archive_names`.
    opened
        What lies in the folder.

    Returns
    -------
    Split
        Of a plain folder with the official name, and the foreground of each composite.

    Raises
    ------
    ValueError
        If it is a build of another dataset, has another number of images than the official split,
        or not the same number for each foreground.
    """
    layout = layout_of(name, opened.split)
    if read_manifest(opened.folder) is None:
        samples = tuple(_with_foreground(sample) for sample in opened.samples)
        opened = replace(opened, name=name, samples=samples)
    elif opened.name != name:
        hint = f"; give --dataset {opened.folder} instead" if opened.name not in DATASETS else ""
        raise ValueError(f"{opened.folder}: is a build of {opened.name}, not of {name}{hint}")
    _check_counts(opened, DATASETS[name].title, layout)
    return opened


def _with_foreground(sample: Sample) -> Sample:
    match = _COMPOSITE.fullmatch(sample.name)
    return sample if match is None else replace(sample, foreground=match[1])


def _check_counts(opened: Split, title: str, layout: SplitLayout) -> None:
    images, wanted = len(opened.samples), layout.backgrounds.count
    if images != wanted:
        raise ValueError(
            f"{opened.folder}: has {images} images; {title} {opened.split} has {wanted}, and a "
            "part of it is not comparable with published numbers"
        )
    counts = Counter(sample.foreground for sample in opened.samples)
    if len(counts) != layout.foregrounds.count:
        raise ValueError(
            f"{opened.folder}: has {len(counts)} foregrounds; {title} {opened.split} has "
            f"{layout.foregrounds.count}, with {layout.per_foreground} composites each, named "
            "<foreground>_<k>"
        )
