"""Sources seen by an earlier build, so that unchanged files are not read again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.images.png import write_bytes

if TYPE_CHECKING:
    from distinctions646.build.shards import Shard
from distinctions646.sources.stamps import Known, Seen, Stamp


def remember(folder: Path, split: str, shards: Iterable[Shard]) -> None:
    """Write down what is known of the sources of a build.

    Parameters
    ----------
    folder
        With the table of sources.
    split
        Name of the split.
    shards
        Hashed.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    known = {
        stamp: Known(sha256, source.height, source.width)
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


def recall(folder: Path, split: str) -> Seen:
    """Read what an earlier build knew of its sources.

    Parameters
    ----------
    folder, split
        As for `remember`.

    Returns
    -------
    mapping
        Stamp to what is known; empty where nothing is.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    path = _file(folder, split)
    if not path.is_file():
        return {}
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_table(path, schema=_schema()).to_pydict()
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{path}: cannot be read: {error}; remove it") from error
    values = zip(*(columns[name] for name in _NAMES), strict=True)
    return {Stamp(*row[:4]): Known(*row[4:]) for row in values}


_NAMES: Sequence[str] = (*Stamp._fields, "sha256", "height", "width")


def _schema() -> object:
    import pyarrow as pa

    return pa.schema([(name, pa.string() if name == "sha256" else pa.uint64()) for name in _NAMES])


def _file(folder: Path, split: str) -> Path:
    # Hidden, and not by a table's name: it speaks of one machine and is never published.
    return folder / f".seen-{split}"
