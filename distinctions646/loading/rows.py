"""Splits as ``datasets.Dataset`` objects, with the same columns for every form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.forms.parquet import PICTURE_COLUMNS, TEXT_COLUMNS
from distinctions646.forms.samples import Sample, Split
from distinctions646.sources.datasets import explain_missing

if TYPE_CHECKING:
    import datasets


def parquet_rows(files: Sequence[Path], split: str) -> datasets.Dataset:
    """Load the Parquet files of a split."""
    import datasets

    data_files = {split: [str(path) for path in files]}
    loaded: datasets.Dataset = datasets.load_dataset("parquet", data_files=data_files, split=split)
    return loaded


def webdataset_rows(files: Sequence[Path], split: str) -> datasets.Dataset:
    """Load the tar files of a split, with the columns of the other forms."""
    import datasets

    data_files = {split: [str(path) for path in files]}
    loaded = datasets.load_dataset("webdataset", data_files=data_files, split=split).flatten()
    names = {f"json.{name}": name for name in TEXT_COLUMNS}
    names |= {"image.jpg": "image"} | {f"{kind}.png": kind for kind in PICTURE_COLUMNS}
    present = {old: new for old, new in names.items() if old in loaded.column_names}
    loaded = loaded.select_columns(list(present)).rename_columns(present)
    for kind in PICTURE_COLUMNS:
        feature = datasets.Image(mode="RGB" if kind == "image" else "L")
        if kind in loaded.column_names:
            loaded = loaded.cast_column(kind, feature)
        else:
            loaded = loaded.add_column(kind, [None] * len(loaded), feature=feature)
    result: datasets.Dataset = loaded
    return result


def virtual_rows(split: Split) -> datasets.Dataset:
    """Return a dataset whose rows are composed when they are read."""
    import datasets

    numbers = list(range(len(split.samples)))
    columns: dict[str, list[Any]] = {
        name: [getattr(sample, name) for sample in split.samples] for name in TEXT_COLUMNS
    }
    # A picture column holds the number of its sample, and the transform puts the picture there.
    columns |= {kind: numbers for kind in PICTURE_COLUMNS}
    rows: datasets.Dataset = datasets.Dataset.from_dict(columns)
    rows.set_transform(partial(compose_rows, split.samples))
    return rows


def compose_rows(samples: Sequence[Sample], batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Replace the sample numbers in a batch of a virtual split by pictures.

    Parameters
    ----------
    samples
        All of the split.
    batch
        Some of its columns.

    Returns
    -------
    dict
        The same columns, with `PIL.Image` objects, or None where there is no trimap.
    """
    from PIL import Image

    def picture(kind: str, number: int) -> Image.Image | None:
        sample = samples[number]
        if kind == "trimap":
            array = sample.trimap()
        else:
            array = sample.image() if kind == "image" else sample.alpha_u8()
        return None if array is None else Image.fromarray(array)

    return {
        name: [picture(name, number) for number in values] if name in PICTURE_COLUMNS else values
        for name, values in batch.items()
    }


def files_rows(split: Split) -> datasets.Dataset:
    """Load a split of plain files."""
    import datasets

    columns: dict[str, list[str | None]] = {
        name: [getattr(sample, name) for sample in split.samples] for name in TEXT_COLUMNS
    }
    features: dict[str, Any] = {name: datasets.Value("string") for name in TEXT_COLUMNS}
    for kind in PICTURE_COLUMNS:
        columns[kind] = [
            str(sample.contents[kind][0]) if kind in sample.contents else None
            for sample in split.samples
        ]
        features[kind] = datasets.Image(mode="RGB" if kind == "image" else "L")
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def hub_rows(name: str, config: str | None, split: str) -> datasets.Dataset:
    """Load a dataset of the Hugging Face Hub; a ValueError where there is none."""
    if not re.fullmatch(r"\w[\w.-]*/[\w.-]+", name):
        raise ValueError(f"{name}: {explain_missing(name)}")
    import datasets

    try:
        loaded: datasets.Dataset = datasets.load_dataset(name, config, split=split)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{name}: no such folder, and no dataset of that name from the Hub: {error}"
        ) from error
    return loaded
