"""Write a built split as Parquet with embedded pictures, and as metadata beside plain files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.images.png import write_bytes
from distinctions646.plan.recipe import Row

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
PICTURE_COLUMNS = ("image", "alpha", "trimap")


def write_parquet(rows: Sequence[Row], pictures: Path, folder: Path) -> list[Path]:
    """Write ``<split>-00000-of-0000n.parquet`` with the pictures' bytes inside.

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
    import pyarrow.parquet as pq

    paths = []
    for path, part in numbered_files(rows, folder, "parquet"):
        try:
            # Pictures are compressed already, and no two are equal.
            with pq.ParquetWriter(
                path, _schema(), compression="none", use_dictionary=False
            ) as writer:
                for group in _cut(part, _GROUP_PIXELS):
                    writer.write_table(_table(group, pictures), row_group_size=len(group))
        except OSError as error:
            raise OSError(f"{path}: cannot be written: {error}") from error
        paths.append(path)
    return paths


def write_table(path: Path, table: pa.Table) -> None:
    """Write a small table as Parquet, whole or not at all.

    Parameters
    ----------
    path
        The file.
    table
        To be written.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    write_bytes(path, sink.getvalue().to_pybytes())


def write_folder_metadata(rows: Sequence[Row], pictures: Path) -> None:
    """Write ``metadata.parquet`` beside plain files, so that ``datasets`` reads them as rows.

    Parameters
    ----------
    rows
        Of one split.
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
        there = column != "trimap" or rows[0].trimap_rule is not None
        names = [f"{column}/{row.file_name(column)}" if there else None for row in rows]
        columns[f"{column}_file_name"] = pa.array(names, pa.string())
    write_table(pictures / "metadata.parquet", pa.table(columns))


def _schema() -> pa.Schema:
    import pyarrow as pa

    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [(column, pa.string()) for column in TEXT_COLUMNS]
    fields += [(column, picture) for column in PICTURE_COLUMNS]
    information = {"info": {"features": _FEATURES}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(information)})


def _table(rows: Sequence[Row], pictures: Path) -> pa.Table:
    import pyarrow as pa

    records = []
    for row in rows:
        record: dict[str, Any] = {column: getattr(row, column) for column in TEXT_COLUMNS}
        for column in PICTURE_COLUMNS:
            name = row.file_name(column)
            if column == "trimap" and row.trimap_rule is None:
                record[column] = None
            else:
                # The base name only: a path of this machine is nobody's business.
                record[column] = {"bytes": (pictures / column / name).read_bytes(), "path": name}
        records.append(record)
    return pa.Table.from_pylist(records, schema=_schema())


def numbered_files(
    rows: Sequence[Row], folder: Path, suffix: str
) -> Iterator[tuple[Path, list[Row]]]:
    """Name the files of a split, ``<split>-00000-of-0000n.<suffix>``, and cut it into their rows.

    Parameters
    ----------
    rows
        Of one split.
    folder
        Where the files go; made if absent.
    suffix
        Without its dot.

    Yields
    ------
    (Path, list of Row)
        In order, of about 300 MB of pictures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = list(_cut(rows, _FILE_PIXELS))
    for number, part in enumerate(files):
        yield folder / f"{part[0].split}-{number:05d}-of-{len(files):05d}.{suffix}", part


def _cut(rows: Sequence[Row], pixels: int) -> Iterator[list[Row]]:
    """Cut rows into runs of at most so many pixels, of one row at least."""
    run: list[Row] = []
    size = 0
    for row in rows:
        if run and size + row.width * row.height > pixels:
            yield run
            run, size = [], 0
        run.append(row)
        size += row.width * row.height
    if run:
        yield run
