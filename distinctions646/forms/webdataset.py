"""WebDataset: a split as plain tar files that any loader reads from front to back.

A sample's members share a key, the composite's position in the split in eight digits (names may
have dots, at which loaders cut): ``<key>.image.png`` (or ``.jpg``), ``<key>.alpha.png``,
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
from typing import BinaryIO

from distinctions646.checks.files import open_regular
from distinctions646.forms.parquet import TEXT_COLUMNS, write_numbered
from distinctions646.forms.samples import Contents
from distinctions646.images.formats import suffix_of
from distinctions646.plan.recipe import RecipeRow

FOLDER = "webdataset"


def write_webdataset(rows: Sequence[RecipeRow], pictures: Path, folder: Path) -> list[Path]:
    """Write ``<split>-00000-of-0000n.tar`` with the pictures inside.

    The same pictures give the same bytes: no times, no owners.

    Parameters
    ----------
    rows
        The recipe of one split.
    pictures
        Has ``image/``, ``alpha/`` and, with a trimap rule, ``trimap/``.
    folder
        Folder for the files.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OSError
        If a file cannot be read or written.
    """
    return write_numbered(rows, folder, "tar", partial(_write_tar, pictures))


def _write_tar(pictures: Path, file: BinaryIO, rows: Sequence[RecipeRow]) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for row in rows:
            for suffix, content in _members(row, pictures):
                member = tarfile.TarInfo(f"{row.index:08d}.{suffix}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))


def webdataset_contents(files: Sequence[Path], rows: Sequence[RecipeRow]) -> Iterator[Contents]:
    """Find the pictures of a recipe in tar files.

    Parameters
    ----------
    files
        The tar files of one split.
    rows
        Its recipe.

    Yields
    ------
    Contents
        The pictures of each row, read on demand and without the rest of the tar.

    Raises
    ------
    ValueError
        If a tar file is damaged or lacks a picture.
    """
    members: dict[str, tuple[Path, int, int]] = {}
    for file in files:
        try:
            with open_regular(file) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
                for member in tar:
                    if member.isreg():  # nothing is unpacked, and no link is followed
                        members[member.name] = (file, member.offset_data, member.size)
        except (tarfile.TarError, ValueError, EOFError) as error:
            raise ValueError(f"{file}: cannot be read as a tar file: {error}") from error
    for row in rows:
        contents: Contents = {}
        for kind in row.kinds:
            name = f"{row.index:08d}.{kind}{suffix_of(kind, row.image_format)}"
            if name not in members:
                raise ValueError(f"{files[0].parent}: has no {name} ({row.name}); build again")
            file, offset, size = members[name]
            contents[kind] = (Path(f"{file}:{name}"), partial(_read, file, offset, size))
        yield contents


def _members(row: RecipeRow, pictures: Path) -> Iterator[tuple[str, bytes]]:
    for kind in row.kinds:
        content = (pictures / kind / row.file_name(kind)).read_bytes()
        yield kind + suffix_of(kind, row.image_format), content
    texts = {column: getattr(row, column) for column in (*TEXT_COLUMNS, "name")}
    yield "json", json.dumps(texts, ensure_ascii=False).encode()


def _read(file: Path, offset: int, size: int) -> bytes:
    with file.open("rb") as tar:
        tar.seek(offset)
        return tar.read(size)
