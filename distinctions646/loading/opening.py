"""Opening a built dataset, a plain folder or an open set, in whatever form it was written.

`open_split` returns samples that read their arrays on demand and needs no ``datasets``;
`load` returns a ``datasets.Dataset``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from distinctions646.checks.names import same_form
from distinctions646.checks.tables import open_parquet, read_parquet, read_row_group
from distinctions646.forms.manifest import read_manifest
from distinctions646.forms.parquet import PICTURE_COLUMNS
from distinctions646.forms.plain import open_plain
from distinctions646.forms.samples import Contents
from distinctions646.forms.samples import Sample as Sample
from distinctions646.forms.samples import Split as Split
from distinctions646.forms.virtual import virtual_samples
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.forms.webdataset import webdataset_contents
from distinctions646.images.folders import match_images
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.loading.archive_sets import check_archive_set
from distinctions646.loading.open_sets import open_set
from distinctions646.loading.rows import (
    files_rows,
    hub_rows,
    parquet_rows,
    virtual_rows,
    webdataset_rows,
)
from distinctions646.plan.recipe import RecipeRow, read_recipe
from distinctions646.sources.datasets import (
    archive_names,
    explain_missing,
    open_set_names,
    parse_address,
)
from distinctions646.sources.locations import OpenSetSources

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

Mode = Literal["auto", "folder", "parquet", "virtual", "webdataset"]
Backgrounds = Path | str | Iterable[Path | str] | None
_FORMS = ("folder", "parquet", "webdataset", "virtual")  # the order in which "auto" takes them


def open_split(
    folder: Path | str,
    split: str = "test",
    mode: Mode = "auto",
    backgrounds: Backgrounds = None,
    reading: ReadingRules = AS_STORED,
) -> Split:
    """Open one split of a built dataset, or a plain folder of ``image/ alpha/ [trimap/]``.

    Parameters
    ----------
    folder
        A folder that `distinctions646.build` made; or pictures with their alphas under the same
        stems, directly in `folder` or under ``folder/<split>``; or an open set in its own layout,
        as ``"aim-500:folder"``; or ``"composition1k:folder"``, which is refused unless it holds the
        whole official split, built or composed by the official program. A plain folder of such a
        name is taken for it.
    split
        Name of the split.
    mode
        The form to read where a dataset was written in several; ``"auto"`` takes the plain
        files where they exist, and composes only where there is no other form.
    backgrounds
        For ``"virtual"``: the folder of the backgrounds, or several; None means
        ``backgrounds/`` inside `folder`, or else what the environment variable
        ``MATTING_BACKGROUNDS`` names.
    reading
        How the pictures of a plain folder or open set are read where there is a choice: their EXIF
        orientation, and mattes with several channels.

    Returns
    -------
    Split
        Its samples read their arrays on demand.

    Raises
    ------
    ValueError
        If the folder is none of these or has no such split, a picture has no partner, or the
        sizes of a sample differ.
    """
    folder = Path(folder)
    if not folder.is_dir():
        address = parse_address(folder)
        if address is not None:
            name, source = address
            if name in open_set_names():
                return open_set(OpenSetSources(name, split, source), reading)
            opened = open_split(source, split, mode, backgrounds, reading)
            return check_archive_set(name, opened)
        raise ValueError(f"{folder}: {explain_missing(folder)}")
    manifest = read_manifest(folder)
    if manifest is not None:
        return _open_built(folder, manifest, split, mode, backgrounds)
    for root in (folder, folder / split):
        if (root / "image").is_dir() and (root / "alpha").is_dir():
            kinds = [kind for kind in PICTURE_COLUMNS if (root / kind).is_dir()]
            pictures = match_images({kind: root / kind for kind in kinds})
            name = folder.resolve().name
            opened = open_plain(name, split, folder, pictures, reading)
            return check_archive_set(name, opened) if name in archive_names() else opened
    raise ValueError(
        f"{folder}: neither a built dataset (build.json) nor a folder with image/ and alpha/"
    )


def load(
    folder_or_name: Path | str,
    config: str | None = None,
    split: str = "test",
    mode: Mode = "auto",
    backgrounds: Backgrounds = None,
    reading: ReadingRules = AS_STORED,
) -> datasets.Dataset:
    """Load a split as a ``datasets.Dataset``, with the same columns whatever was written.

    Parameters
    ----------
    folder_or_name
        A folder or ``NAME:DIR``, as for `open_split`; or, where there is none of that name, a
        dataset of the Hugging Face Hub, ``owner/name``.
    config
        The dataset's own name or None for the composites; ``"recipe"`` or ``"sources"`` for the
        tables of a built dataset.
    split
        Name of the split.
    mode, backgrounds, reading
        As for `open_split`.

    Returns
    -------
    datasets.Dataset
        Of composites: id, foreground, background, image, alpha, trimap. Rows of a virtual split
        are composed when they are read.

    Raises
    ------
    ValueError
        If there is no such folder, config or split, or a picture is wrong.
    """
    folder = Path(folder_or_name)
    if not folder.is_dir():
        address = parse_address(folder_or_name)
        if address is None:
            return hub_rows(str(folder_or_name), config, split)
        opened = open_split(folder, split, mode, backgrounds)
        if read_manifest(address[1]) is None:
            return files_rows(opened)
        folder = address[1]
    manifest = read_manifest(folder)
    if manifest is not None and config in ("recipe", "sources"):
        import datasets

        _choose_form(folder, manifest, split, "auto")
        return datasets.Dataset(read_parquet(folder / config / f"{split}.parquet"))
    name = manifest["dataset"] if manifest is not None else folder.resolve().name
    if config not in (None, name):
        known = f"{name}, recipe, sources" if manifest is not None else name
        raise ValueError(f"{folder}: has no config {config!r}; expected one of {known}")
    form = _choose_form(folder, manifest, split, mode) if manifest is not None else "folder"
    if form == "parquet":
        return parquet_rows(_parquet_files(folder, split), split)
    if form == "webdataset":
        return webdataset_rows(_tar_files(folder, split), split)
    opened = open_split(folder, split, mode, backgrounds, reading)
    return virtual_rows(opened) if form == "virtual" else files_rows(opened)


def _open_built(
    folder: Path, manifest: dict[str, Any], split: str, mode: Mode, backgrounds: Backgrounds
) -> Split:
    form = _choose_form(folder, manifest, split, mode)
    if backgrounds is not None and form != "virtual":
        raise ValueError(f"{folder}: backgrounds are given; {form} has its pictures already")
    rows = read_recipe(folder / "recipe" / f"{split}.parquet")
    samples: tuple[Sample, ...]
    if form == "virtual":
        samples = virtual_samples(folder, rows, backgrounds)
    else:
        locate = {"folder": _in_files, "parquet": _in_parquet, "webdataset": _in_tars}[form]
        samples = tuple(
            Sample(row.id, row.foreground, row.background, row.name, row.trimap_rule, contents)
            for row, contents in zip(rows, locate(folder, split, rows), strict=True)
        )
    return Split(
        name=manifest["dataset"],
        split=split,
        folder=folder,
        trimap_rule=manifest["splits"][split]["trimap_rule"],
        trimap_seed=manifest["splits"][split]["trimap_seed"],
        samples=samples,
        built_root=manifest["splits"][split]["root"],
        source_root=manifest["splits"][split].get("source_root"),
    )


def _choose_form(folder: Path, manifest: dict[str, Any], split: str, mode: Mode) -> str:
    if split not in manifest["splits"]:
        known = ", ".join(manifest["splits"])
        raise ValueError(f"{folder}: has no split {split!r}; expected one of {known}")
    written = manifest["splits"][split]["write"]
    if mode == "auto":
        return next(form for form in _FORMS if form in written)
    if mode not in written:
        raise ValueError(f"{folder}: was not written as {mode!r}; expected {' or '.join(written)}")
    return mode


def _in_files(folder: Path, split: str, rows: Sequence[RecipeRow]) -> Iterator[Contents]:
    kinds = rows[0].kinds
    there = {
        kind: {same_form(path.name): path for path in (folder / split / kind).glob("*")}
        for kind in kinds
    }
    for row in rows:
        names = {kind: same_form(row.file_name(kind)) for kind in kinds}
        for kind, name in names.items():
            if name not in there[kind]:
                path = folder / split / kind / row.file_name(kind)
                raise ValueError(f"{path}: no such file, but the recipe has it; build again")
        yield {kind: (there[kind][name], None) for kind, name in names.items()}


def _in_parquet(folder: Path, split: str, rows: Sequence[RecipeRow]) -> Iterator[Contents]:
    kinds = rows[0].kinds
    positions: list[tuple[Path, int, int]] = []
    for file in _parquet_files(folder, split):
        with open_parquet(file) as opened:
            counts = [
                opened.metadata.row_group(group).num_rows
                for group in range(opened.metadata.num_row_groups)
            ]
        if sum(counts) + len(positions) > len(rows):
            break  # before a number in a damaged file takes all memory
        positions += [(file, group, i) for group, count in enumerate(counts) for i in range(count)]
    if len(positions) != len(rows):
        raise ValueError(
            f"{folder}: data/ has other rows than the recipe, which has {len(rows)}; build again"
        )
    for row, (file, group, i) in zip(rows, positions, strict=True):
        yield {
            kind: (Path(f"{file}:{row.name}:{kind}"), partial(_embedded, file, group, i, kind))
            for kind in kinds
        }


def _in_tars(folder: Path, split: str, rows: Sequence[RecipeRow]) -> Iterator[Contents]:
    return webdataset_contents(_tar_files(folder, split), rows)


def _tar_files(folder: Path, split: str) -> list[Path]:
    files = sorted((folder / WEBDATASET).glob(f"{split}-*.tar"))
    if not files:
        raise ValueError(f"{folder}: {WEBDATASET}/{split}-*.tar is missing; build again")
    return files


def _parquet_files(folder: Path, split: str) -> list[Path]:
    files = sorted((folder / "data").glob(f"{split}-*.parquet"))
    if not files:
        raise ValueError(f"{folder}: data/{split}-*.parquet is missing; build again")
    return files


def _embedded(file: Path, group: int, row: int, kind: str) -> bytes:
    # The time of the file is part of the key, so that a new build is not read from the cache.
    table = _read_group(file, file.stat().st_mtime_ns, group)
    value = table[kind][row].as_py() if kind in table.column_names else None
    content = value.get("bytes") if isinstance(value, dict) else None
    if not isinstance(content, bytes):
        raise ValueError(f"{file}: row {row} of group {group} has no {kind}; build again")
    return content


@lru_cache(maxsize=1)
def _read_group(file: Path, _mtime_ns: int, group: int) -> pa.Table:
    return read_row_group(file, group)
