"""Splits as ``datasets.Dataset`` objects, with the same columns for every form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.checks.files import open_regular
from distinctions646.forms.parquet import PICTURE_COLUMNS, TEXT_COLUMNS
from distinctions646.forms.samples import Sample, Split
from distinctions646.sources.datasets import explain_missing

if TYPE_CHECKING:
    import datasets


def parquet_rows(files: Sequence[Path], split: str) -> datasets.Dataset:
    """Load the Parquet files of a split."""
    return _with_own_readers(_load("parquet", files, split))


def webdataset_rows(files: Sequence[Path], split: str) -> datasets.Dataset:
    """Load the tar files of a split, with the columns of the other forms."""
    import datasets

    loaded = _load("webdataset", files, split).flatten()
    names = {f"json.{name}": name for name in TEXT_COLUMNS}
    names |= {"image.jpg": "image"} | {f"{kind}.png": kind for kind in PICTURE_COLUMNS}
    present = {old: new for old, new in names.items() if old in loaded.column_names}
    loaded = loaded.select_columns(list(present)).rename_columns(present)
    for kind in PICTURE_COLUMNS:
        if kind not in loaded.column_names:
            feature = datasets.Image(mode="RGB" if kind == "image" else "L")
            loaded = loaded.add_column(kind, [None] * len(loaded), feature=feature)
    return _with_own_readers(loaded)


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

    from distinctions646.loading.features import picture_column

    columns: dict[str, list[str | None]] = {
        name: [getattr(sample, name) for sample in split.samples] for name in TEXT_COLUMNS
    }
    features: dict[str, Any] = {name: datasets.Value("string") for name in TEXT_COLUMNS}
    for kind in PICTURE_COLUMNS:
        columns[kind] = [
            str(sample.contents[kind][0]) if kind in sample.contents else None
            for sample in split.samples
        ]
        features[kind] = picture_column(kind, reading=split.samples[0].reading)
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
    return _with_own_readers(loaded)


def _load(form: str, files: Sequence[Path], split: str) -> datasets.Dataset:
    """Load files with ``datasets``; whatever it raises becomes one sentence."""
    import datasets

    data_files = {split: [str(path) for path in files]}
    for path in files:
        open_regular(path).close()
    try:
        loaded: datasets.Dataset = datasets.load_dataset(form, data_files=data_files, split=split)
    except Exception as error:  # datasets raises what its readers do
        cause = error.__cause__ or error
        reason = " ".join(str(cause).split()) or type(cause).__name__
        raise ValueError(f"{files[0].parent}: {split} cannot be loaded: {reason}") from error
    return loaded


def _with_own_readers(loaded: datasets.Dataset) -> datasets.Dataset:
    """Return a dataset whose columns of pictures are decoded by the suite."""
    import datasets

    from distinctions646.loading.features import picture_column

    for kind in PICTURE_COLUMNS:
        if isinstance(loaded.features.get(kind), datasets.Image):
            loaded = loaded.cast_column(kind, picture_column(kind, embedded=True))
    return loaded
