"""WebDataset: a split as plain tar files that any loader reads from front to back.

A sample's members share a key, the composite's number of the split in eight digits (names may have
dots, at which loaders cut): ``<key>.image.png`` (or ``.jpg``), ``<key>.alpha.png``,
``<key>.trimap.png`` where there are trimaps, and ``<key>.json`` with id, foreground, background
and name.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from distinctions646.forms.parquet import PICTURE_COLUMNS, TEXT_COLUMNS, numbered_files
from distinctions646.forms.samples import Contents
from distinctions646.images.formats import suffix_of
from distinctions646.images.png import PARTIAL_PREFIX
from distinctions646.plan.recipe import Row

FOLDER = "webdataset"


def write_webdataset(rows: Sequence[Row], pictures: Path, folder: Path) -> list[Path]:
    """Write ``<split>-00000-of-0000n.tar`` with the pictures inside.

    The same pictures give the same bytes: no times, no owners.

    Parameters
    ----------
    rows
        Of one split.
    pictures
        Has ``image/``, ``alpha/`` and, with a trimap rule, ``trimap/``.
    folder
        Where the files go.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    """
    paths = []
    for path, part in numbered_files(rows, folder, "tar"):
        partial_path = path.with_name(PARTIAL_PREFIX + path.name)
        try:
            with tarfile.open(partial_path, "w", format=tarfile.USTAR_FORMAT) as tar:
                for row in part:
                    for suffix, content in _members(row, pictures):
                        member = tarfile.TarInfo(f"{row.index:08d}.{suffix}")
                        member.size = len(content)
                        tar.addfile(member, io.BytesIO(content))
            partial_path.replace(path)
        except OSError as error:
            partial_path.unlink(missing_ok=True)
            raise OSError(f"{path}: cannot be written: {error}") from error
        paths.append(path)
    return paths


def webdataset_contents(files: Sequence[Path], rows: Sequence[Row]) -> Iterator[Contents]:
    """Find the pictures of a recipe in tar files.

    Parameters
    ----------
    files
        Of one split.
    rows
        Its recipe.

    Yields
    ------
    Contents
        For each row where its pictures are; read when asked, without the rest of the tar.

    Raises
    ------
    ValueError
        If a tar file is damaged or lacks a picture.
    """
    places: dict[str, tuple[Path, int, int]] = {}
    for file in files:
        try:
            with tarfile.open(file, "r:") as tar:
                for member in tar:
                    places[member.name] = (file, member.offset_data, member.size)
        except tarfile.TarError as error:
            raise ValueError(f"{file}: cannot be read as a tar file: {error}") from error
    for row in rows:
        kinds = [kind for kind in PICTURE_COLUMNS if kind != "trimap" or row.trimap_rule]
        contents: Contents = {}
        for kind in kinds:
            name = f"{row.index:08d}.{kind}{suffix_of(kind, row.image_format)}"
            if name not in places:
                raise ValueError(f"{files[0].parent}: has no {name} ({row.name}); build again")
            file, offset, size = places[name]
            contents[kind] = (Path(f"{file}:{name}"), partial(_read, file, offset, size))
        yield contents


def _members(row: Row, pictures: Path) -> Iterator[tuple[str, bytes]]:
    for kind in PICTURE_COLUMNS:
        if kind != "trimap" or row.trimap_rule is not None:
            content = (pictures / kind / row.file_name(kind)).read_bytes()
            yield kind + suffix_of(kind, row.image_format), content
    facts = {column: getattr(row, column) for column in (*TEXT_COLUMNS, "name")}
    yield "json", json.dumps(facts, ensure_ascii=False).encode()


def _read(file: Path, offset: int, size: int) -> bytes:
    with file.open("rb") as tar:
        tar.seek(offset)
        return tar.read(size)
