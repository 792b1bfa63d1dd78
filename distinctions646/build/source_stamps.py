"""Stamps of the sources beside a finished build, so that unchanged files are not read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.checks.schema import check_columns, text, whole
from distinctions646.checks.tables import read_parquet
from distinctions646.process.whole_files import write_bytes
from distinctions646.sources.stamps import KnownFile, KnownFiles, Stamp

if TYPE_CHECKING:
    from distinctions646.build.shards import Shard

_NAMES: Sequence[str] = (*Stamp._fields, "sha256", "height", "width")
_SCHEMAS = {
    **dict.fromkeys((*Stamp._fields, "height", "width"), whole(0, 2**64)),
    "sha256": text("[0-9a-f]{64}"),
}


def write_stamps(folder: Path, split: str, shards: Iterable[Shard]) -> None:
    """Write the stamps of a build's sources, with hashes and sizes.

    Parameters
    ----------
    folder
        Folder of the tables of sources.
    split
        Name of the split.
    shards
        All of the split, with the hashes of their sources.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    known = {
        stamp: KnownFile(sha256, source.height, source.width)
        for shard in shards
        for source, sha256, stamp in zip(
            shard.sources, shard.source_sha256, shard.stamps, strict=True
        )
        if stamp is not None
    }
    rows = [{**stamp._asdict(), **vars(one)} for stamp, one in known.items()]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=_schema()), sink)
    write_bytes(_file(folder, split), sink.getvalue().to_pybytes())


def read_stamps(folder: Path, split: str) -> KnownFiles:
    """Read the stamps that an earlier build wrote.

    Parameters
    ----------
    folder, split
        As for `write_stamps`.

    Returns
    -------
    mapping
        Stamp to hash and size; empty where there is no file of stamps.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    path = _file(folder, split)
    if not path.is_file():
        return {}
    try:
        table = read_parquet(path)
        if table.column_names != list(_NAMES):
            raise ValueError(f"{path}: has other columns than {', '.join(_NAMES)}")
        columns = table.to_pydict()
        check_columns(columns, _SCHEMAS, str(path))
    except ValueError as error:
        raise ValueError(f"{error}; remove it") from error
    values = zip(*(columns[name] for name in _NAMES), strict=True)
    return {Stamp(*row[:4]): KnownFile(*row[4:]) for row in values}


def _schema() -> object:
    import pyarrow as pa

    return pa.schema([(name, pa.string() if name == "sha256" else pa.uint64()) for name in _NAMES])


def _file(folder: Path, split: str) -> Path:
    # Hidden, and named unlike a table: it is about one machine and is never published.
    return folder / f".seen-{split}"
