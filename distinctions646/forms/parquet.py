"""A built split as Parquet with the pictures inside, and as metadata beside plain files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from distinctions646.plan.recipe import PICTURE_KINDS, RecipeRow
from distinctions646.process.engine import Unit, current_engine
from distinctions646.process.pool import map_unordered
from distinctions646.process.whole_files import remove_partials, whole_file, write_bytes

if TYPE_CHECKING:
    import pyarrow as pa

# Planned by pixels, not by file sizes, so that the cut is known before a picture is written.
_FILE_PIXELS = 150_000_000  # about 300 MB at two bytes a pixel, image, alpha and trimap together
_GROUP_PIXELS = 16_000_000
_FEATURES: dict[str, Any] = {
    "id": {"dtype": "string", "_type": "Value"},
    "foreground": {"dtype": "string", "_type": "Value"},
    "background": {"dtype": "string", "_type": "Value"},
    "image": {"mode": "RGB", "_type": "Image"},
    "alpha": {"mode": "L", "_type": "Image"},
    "trimap": {"mode": "L", "_type": "Image"},
}
TEXT_COLUMNS = ("id", "foreground", "background")
PICTURE_COLUMNS = PICTURE_KINDS


def write_parquet(rows: Sequence[RecipeRow], pictures: Path, folder: Path) -> list[Path]:
    """Write ``<split>-00000-of-0000n.parquet`` with the pictures' bytes inside.

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
    return write_numbered(rows, folder, "parquet", partial(_write_groups, pictures))


def _write_groups(pictures: Path, file: BinaryIO, rows: Sequence[RecipeRow]) -> None:
    import pyarrow.parquet as pq

    # Pictures are compressed already, and no two are equal.
    with pq.ParquetWriter(file, _schema(), compression="none", use_dictionary=False) as writer:
        for group in _cut(rows, _GROUP_PIXELS):
            writer.write_table(_table(group, pictures), row_group_size=len(group))


def write_numbered(
    rows: Sequence[RecipeRow],
    folder: Path,
    suffix: str,
    write: Callable[[BinaryIO, Sequence[RecipeRow]], None],
) -> list[Path]:
    """Write the files of a split, ``<split>-00000-of-0000n.<suffix>``, each whole or not at all.

    Parameters
    ----------
    rows
        The recipe of one split.
    folder
        Folder for the files; made if absent.
    suffix
        Suffix of their names, without its dot.
    write
        Called with a file and the rows whose pictures go there, about 300 MB of them. Each file is
        a unit of work: another engine's workers write them, so it must be picklable.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    OSError
        Naming the file, if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = list(_cut(rows, _FILE_PIXELS))
    paths = [
        folder / f"{part[0].split}-{number:05d}-of-{len(parts):05d}.{suffix}"
        for number, part in enumerate(parts)
    ]
    files = list(zip(paths, parts, strict=True))
    # No copies of slow ones: a late copy would write into the finished dataset.
    unit = Unit(repeatable=False, name=_name_of_file)
    for _ in map_unordered([partial(_write_file, write)], files, unit=unit):
        pass
    if current_engine() is not None:  # a worker that was killed may have left half a file
        remove_partials.__wrapped__(folder.absolute())
    return paths


def _write_file(
    write: Callable[[BinaryIO, Sequence[RecipeRow]], None], task: tuple[Path, Sequence[RecipeRow]]
) -> None:
    path, rows = task
    with whole_file(path) as file:
        write(file, rows)


def _name_of_file(task: tuple[Path, Sequence[RecipeRow]]) -> str:
    return str(task[0])


def write_table(path: Path, table: pa.Table) -> None:
    """Write a small table as Parquet, whole or not at all; `OSError` where that fails."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_bytes(path, sink.getvalue().to_pybytes())


def write_folder_metadata(rows: Sequence[RecipeRow], pictures: Path) -> None:
    """Write ``metadata.parquet`` beside plain files, so that ``datasets`` reads them as rows.

    Parameters
    ----------
    rows
        The recipe of one split.
    pictures
        Has ``image/``, ``alpha/`` and, with a trimap rule, ``trimap/``.
    """
    import pyarrow as pa

    # Parquet and not JSON lines: an id such as 2007-01-02 must stay a string.
    columns: dict[str, pa.Array] = {
        column: pa.array([getattr(row, column) for row in rows], pa.string())
        for column in TEXT_COLUMNS
    }
    for column in PICTURE_COLUMNS:
        # Of one type whether there are trimaps or not: another split may differ in that.
        present = column in rows[0].kinds
        names = [f"{column}/{row.file_name(column)}" if present else None for row in rows]
        columns[f"{column}_file_name"] = pa.array(names, pa.string())
    write_table(pictures / "metadata.parquet", pa.table(columns))


def _schema() -> pa.Schema:
    import pyarrow as pa

    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [(column, pa.string()) for column in TEXT_COLUMNS]
    fields += [(column, picture) for column in PICTURE_COLUMNS]
    information = {"info": {"features": _FEATURES}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(information)})


def _table(rows: Sequence[RecipeRow], pictures: Path) -> pa.Table:
    import pyarrow as pa

    records = []
    for row in rows:
        record: dict[str, Any] = {column: getattr(row, column) for column in TEXT_COLUMNS}
        for kind in row.kinds:
            name = row.file_name(kind)
            # The base name only: a path of this machine is nobody's business.
            record[kind] = {"bytes": (pictures / kind / name).read_bytes(), "path": name}
        records.append(record)
    return pa.Table.from_pylist(records, schema=_schema())


def _cut(rows: Sequence[RecipeRow], pixels: int) -> Iterator[list[RecipeRow]]:
    """Yield runs of rows of at most `pixels` pixels together, of one row at least."""
    run: list[RecipeRow] = []
    size = 0
    for row in rows:
        if run and size + row.width * row.height > pixels:
            yield run
            run, size = [], 0
        run.append(row)
        size += row.width * row.height
    if run:
        yield run
