"""Load what was built, or a plain folder of pictures, whatever form it was written in.

`open_split` gives samples that read their arrays when asked and needs no ``datasets``;
`load` gives a ``datasets.Dataset``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from distinctions646.folders import match_images
from distinctions646.images import open_header
from distinctions646.recipe import Row, read_recipe
from distinctions646.samples import Contents
from distinctions646.samples import Sample as Sample
from distinctions646.samples import Split as Split
from distinctions646.workspace import read_manifest
from distinctions646.writers import PICTURE_COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

Mode = Literal["auto", "folder", "parquet"]
GIVEN_TRIMAPS = "given"


def open_split(folder: Path | str, split: str = "test", mode: Mode = "auto") -> Split:
    """Open one split of a built dataset, or a plain folder of ``image/ alpha/ [trimap/]``.

    Parameters
    ----------
    folder
        What `distinctions646.build` made; or pictures with their alphas under the same stems,
        directly in `folder` or under ``folder/<split>``.
    split
        Name of the split.
    mode
        ``"folder"`` or ``"parquet"`` where a dataset was written as both; ``"auto"`` takes the
        plain files where they are.

    Returns
    -------
    Split
        With lazy samples in order.

    Raises
    ------
    ValueError
        If the folder is neither, has no such split, a picture has no partner, or sizes differ.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; expected a built dataset or image/ and alpha/")
    manifest = read_manifest(folder)
    if manifest is not None:
        return _open_built(folder, manifest, split, mode)
    for root in (folder, folder / split):
        if (root / "image").is_dir() and (root / "alpha").is_dir():
            return _open_plain(folder, root, split)
    raise ValueError(
        f"{folder}: neither a built dataset (build.json) nor a folder with image/ and alpha/"
    )


def load(
    folder_or_name: Path | str,
    config: str | None = None,
    split: str = "test",
    mode: Mode = "auto",
) -> datasets.Dataset:
    """Load a split as a ``datasets.Dataset``, with the same columns whatever was written.

    Parameters
    ----------
    folder_or_name
        A folder, as for `open_split`; or, where there is none of that name, a dataset of the
        Hugging Face Hub, ``owner/name``.
    config
        The dataset's own name or None for the composites; ``"recipe"`` or ``"sources"`` for the
        tables of a built dataset.
    split
        Name of the split.
    mode
        As for `open_split`.

    Returns
    -------
    datasets.Dataset
        Of composites: id, foreground, background, image, alpha, trimap.

    Raises
    ------
    ValueError
        If there is no such folder, config or split, or a picture is wrong.
    """
    folder = Path(folder_or_name)
    if not folder.is_dir():
        return _load_from_hub(str(folder_or_name), config, split)
    manifest = read_manifest(folder)
    if manifest is not None and config in ("recipe", "sources"):
        import datasets
        import pyarrow.parquet as pq

        _choose_form(folder, manifest, split, "auto")
        return datasets.Dataset(pq.read_table(folder / config / f"{split}.parquet"))
    name = manifest["dataset"] if manifest is not None else folder.resolve().name
    if config not in (None, name):
        known = f"{name}, recipe, sources" if manifest is not None else name
        raise ValueError(f"{folder}: has no config {config!r}; expected one of {known}")
    if manifest is not None and _choose_form(folder, manifest, split, mode) == "parquet":
        return _load_parquet(_parquet_files(folder, split), split)
    return _load_files(open_split(folder, split, mode))


def _load_parquet(files: Sequence[Path], split: str) -> datasets.Dataset:
    import datasets

    data_files = {split: [str(path) for path in files]}
    loaded: datasets.Dataset = datasets.load_dataset("parquet", data_files=data_files, split=split)
    return loaded


def _load_files(split: Split) -> datasets.Dataset:
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


def _load_from_hub(name: str, config: str | None, split: str) -> datasets.Dataset:
    if not re.fullmatch(r"\w[\w.-]*/[\w.-]+", name):
        raise ValueError(f"{name}: no such folder; expected a built dataset or image/ and alpha/")
    import datasets

    try:
        loaded: datasets.Dataset = datasets.load_dataset(name, config, split=split)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{name}: no such folder, and no dataset of that name from the Hub: {error}"
        ) from error
    return loaded


def _open_built(folder: Path, manifest: dict[str, Any], split: str, mode: Mode) -> Split:
    form = _choose_form(folder, manifest, split, mode)
    rows = read_recipe(folder / "recipe" / f"{split}.parquet")
    locate = _in_files if form == "folder" else _in_parquet
    samples = tuple(
        Sample(row.id, row.foreground, row.background, row.name, row.trimap_rule, contents)
        for row, contents in zip(rows, locate(folder, split, rows), strict=True)
    )
    return Split(
        name=manifest["dataset"],
        split=split,
        folder=folder,
        trimap_rule=manifest["trimap_rule"],
        trimap_seed=manifest["trimap_seed"],
        samples=samples,
        built_root=manifest["splits"][split]["root"],
    )


def _choose_form(folder: Path, manifest: dict[str, Any], split: str, mode: Mode) -> str:
    if split not in manifest["splits"]:
        known = ", ".join(manifest["splits"])
        raise ValueError(f"{folder}: has no split {split!r}; expected one of {known}")
    written = manifest["write"]
    if mode == "auto":
        return "folder" if "folder" in written else "parquet"
    if mode not in written:
        raise ValueError(f"{folder}: was not written as {mode!r}; expected {' or '.join(written)}")
    return mode


def _in_files(folder: Path, split: str, rows: Sequence[Row]) -> Iterator[Contents]:
    kinds = [kind for kind in PICTURE_COLUMNS if kind != "trimap" or rows[0].trimap_rule]
    there = {kind: {path.name for path in (folder / split / kind).glob("*")} for kind in kinds}
    for row in rows:
        for kind in kinds:
            if f"{row.name}.png" not in there[kind]:
                path = folder / split / kind / f"{row.name}.png"
                raise ValueError(f"{path}: no such file, but the recipe has it; build again")
        yield {kind: (folder / split / kind / f"{row.name}.png", None) for kind in kinds}


def _in_parquet(folder: Path, split: str, rows: Sequence[Row]) -> Iterator[Contents]:
    import pyarrow.parquet as pq

    kinds = [kind for kind in PICTURE_COLUMNS if kind != "trimap" or rows[0].trimap_rule]
    places = []
    for file in _parquet_files(folder, split):
        facts = pq.read_metadata(file)
        for group in range(facts.num_row_groups):
            places += [(file, group, i) for i in range(facts.row_group(group).num_rows)]
    if len(places) != len(rows):
        raise ValueError(
            f"{folder}: data/ has {len(places)} rows, the recipe {len(rows)}; build again"
        )
    for row, (file, group, i) in zip(rows, places, strict=True):
        yield {
            kind: (Path(f"{file}:{row.name}:{kind}"), partial(_embedded, file, group, i, kind))
            for kind in kinds
        }


def _parquet_files(folder: Path, split: str) -> list[Path]:
    files = sorted((folder / "data").glob(f"{split}-*.parquet"))
    if not files:
        raise ValueError(f"{folder}: data/{split}-*.parquet is missing; build again")
    return files


def _embedded(file: Path, group: int, row: int, kind: str) -> bytes:
    # The time of the file is part of the key, so that a new build is not read from the cache.
    table = _read_group(file, file.stat().st_mtime_ns, group)
    content: bytes = table[kind][row].as_py()["bytes"]
    return content


@lru_cache(maxsize=1)
def _read_group(file: Path, _mtime_ns: int, group: int) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.ParquetFile(file).read_row_group(group)


def _open_plain(folder: Path, root: Path, split: str) -> Split:
    folders = {kind: root / kind for kind in PICTURE_COLUMNS if (root / kind).is_dir()}
    rule = GIVEN_TRIMAPS if "trimap" in folders else None
    samples = []
    for stem, paths in match_images(folders).items():
        _check_sizes(paths)
        contents: Contents = {kind: (path, None) for kind, path in paths.items()}
        samples.append(Sample(stem, stem, "", stem, rule, contents))
    return Split(
        name=folder.resolve().name,
        split=split,
        folder=folder,
        trimap_rule=rule,
        trimap_seed=None,
        samples=tuple(samples),
    )


def _check_sizes(paths: dict[str, Path]) -> None:
    sizes = {}
    for kind, path in paths.items():
        with open_header(path) as picture:
            sizes[kind] = (picture.height, picture.width)
        if sizes[kind] != sizes["image"]:
            got, wanted = (f"{size[0]}×{size[1]}" for size in (sizes[kind], sizes["image"]))
            raise ValueError(f"{path}: {kind} is {got} pixels; expected {wanted}, as its image")
