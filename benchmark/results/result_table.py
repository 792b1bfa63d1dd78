"""The results table: its schema, and reading and writing it. Long Parquet, one row per metric.

`COLUMNS` names the columns and ``schema/result-v1.json`` describes each. Metric ids carry region
and version (``conn/whole/v1``). Values come from the 8-bit matte, in the official units: SAD, Grad
and Conn in thousands, MSE absolute. The file's metadata states the version of the schema; files of
older versions are migrated when they are read.

Pages have checksums, and the metadata has a hash of all columns, so that no damage is read as other
numbers. Files from before they had the hash are read without that check; `has_digest` tells them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmark.results.matte_store import LACKED
from benchmark.results.stored_fields import check_table
from benchmark.results.text_columns import encode, is_text, plain_type
from distinctions646.checks.tables import read_parquet
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Row = dict[str, Any]

SCHEMA_VERSION = 1
SCHEMAS = Path(__file__).parent / "schema"
COLUMNS = (
    *("dataset", "dataset_root", "method", "method_hash", "image_id", "foreground"),
    *("metric", "region", "trimap_rule", "value", "status", "notes", "seconds"),
)
_NUMBERS = frozenset({"value", "seconds"})
_TEXTS = tuple(name for name in COLUMNS if name not in _NUMBERS)
_ORDER = ("image_id", "trimap_rule", "region", "metric")
_VERSION_KEY = b"matting-results"
_DIGEST_KEY = b"matting-digest"


def write(path: Path, rows: list[Row]) -> pd.DataFrame:
    """Write rows as Parquet, sorted, under a temporary name first; return them as a table.

    The same rows give the same bytes, in whatever order they come.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.sort_values(list(_ORDER), ignore_index=True)
    content = pa.Table.from_pandas(table, schema=_arrow_schema(), preserve_index=False)
    content = content.replace_schema_metadata({_VERSION_KEY: str(SCHEMA_VERSION).encode()})
    digest = {_DIGEST_KEY: _digest(content)}
    content = content.replace_schema_metadata(content.schema.metadata | digest)
    buffer = pa.BufferOutputStream()
    pq.write_table(content, buffer, write_page_checksum=True)
    write_bytes(path, buffer.getvalue().to_pybytes())
    return _to_pandas(content)


def read(path: Path, *, encoded: bool = False) -> pd.DataFrame:
    """Read a result table, of this version of the schema or an older one.

    Parameters
    ----------
    path
        Its file.
    encoded
        Whether columns of text stay encoded (``category``), a trimap rule that is missing NaN: a
        tenth of the memory.

    Raises
    ------
    ValueError
        If the file is missing, damaged, of a newer version, lacks a column or has it twice, or has
        a value of another type or range.
    """
    content = _read_parquet(path)
    version = _version(content)
    if version > SCHEMA_VERSION:
        raise ValueError(
            f"{path}: results of schema version {version}; this suite reads up to {SCHEMA_VERSION}"
        )
    twice = sorted({name for name in content.column_names if content.column_names.count(name) > 1})
    if twice:
        raise ValueError(f"{path}: results have the columns {twice} more than once")
    for old in range(version, SCHEMA_VERSION):
        content = MIGRATIONS[old](content)
    missing = [column for column in COLUMNS if column not in content.column_names]
    if missing:
        raise ValueError(f"{path}: results lack the columns {missing}")
    content = content.select(COLUMNS).replace_schema_metadata(None)  # pandas would read its own
    check_table(content, path)
    return content.to_pandas() if encoded else _to_pandas(content)


def has_digest(path: Path) -> bool:
    """Return whether a readable result table has a hash of its content."""
    return _DIGEST_KEY in (_read_parquet(path).schema.metadata or {})


def read_rows(path: Path) -> list[Row]:
    """Read a result table as rows; none where there is no file."""
    if not path.is_file():
        return []
    rows: list[Row] = read(path).to_dict("records")  # type: ignore[assignment]
    return rows


def merge(older: Iterable[Row], newer: Iterable[Row]) -> list[Row]:
    """Join rows of one method; of two for the same image, trimaps and metric the newer is kept.

    Rows that lacked memory go where the image has others under the same trimaps.
    """
    rows = [*older, *newer]
    made = {(row["image_id"], row["trimap_rule"]) for row in rows if not lacks_memory(row)}
    merged = {
        (row["image_id"], row["trimap_rule"], row["metric"]): row
        for row in rows
        if not lacks_memory(row) or (row["image_id"], row["trimap_rule"]) not in made
    }
    return list(merged.values())


def lacks_memory(row: Mapping[str, Any]) -> bool:
    """Return whether a row was scored without a matte because memory was too short.

    Examples
    --------
    >>> lacks_memory({"status": "n/a", "notes": '{"lacked_memory": true, "reason": "needs ..."}'})
    True
    """
    return row["status"] == "n/a" and f'"{LACKED}": true' in row["notes"]


def read_schema(name: str) -> dict[str, Any]:
    """Return a published JSON Schema: ``"result"`` for one row, or ``"run-card"``."""
    text = (SCHEMAS / f"{name}-v{SCHEMA_VERSION}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _arrow_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema(
        [(name, pa.float64() if name in _NUMBERS else pa.string()) for name in COLUMNS]
    )


def _read_parquet(path: Path) -> pa.Table:
    try:
        content = read_parquet(path, encoded=_TEXTS)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: unreadable results ({error}); remove it to score again"
        ) from None
    stated = (content.schema.metadata or {}).get(_DIGEST_KEY)
    if stated is not None and stated != _digest(content):
        raise ValueError(
            f"{path}: damaged results (they are not what was written); remove it to score again"
        )
    return content


def _digest(content: pa.Table) -> bytes:
    """Hash the names, types and values of all columns, and the version."""
    digest = hashlib.sha256((content.schema.metadata or {}).get(_VERSION_KEY, b""))
    for field, column in zip(content.schema, content.columns, strict=True):
        type_ = str(plain_type(field.type))
        digest.update(f"[{json.dumps(field.name)}, {json.dumps(type_)}, [".encode())
        digest.update(_to_json(column))
        digest.update(b"]]")
    return digest.hexdigest().encode()


def _to_json(column: pa.ChunkedArray) -> bytes:
    """Return a column as `json.dumps` words the values of its list; equal ones are worded once."""
    import pyarrow as pa

    if is_text(column.type):
        codes, texts = encode(column)
        return _join(codes, [json.dumps(text).encode() for text in texts])
    if column.null_count or column.type != pa.float64():
        return json.dumps(column.to_pylist(), default=repr)[1:-1].encode()
    values = column.to_numpy()
    starts, lengths = _runs(values.view(np.int64))  # bits tell -0 from 0
    if 2 * len(starts) > len(values) or not len(values):
        return json.dumps(values.tolist())[1:-1].encode()
    words = json.dumps(values[starts].tolist())[1:-1].encode().split(b", ")
    return _join(np.repeat(np.arange(len(starts)), lengths), words)


def _join(codes: npt.NDArray[np.int64], words: list[bytes]) -> bytes:
    """Return the words of all codes, with commas between."""
    starts, lengths = _runs(codes)
    if 2 * len(starts) > len(codes):
        return b", ".join(map(words.__getitem__, codes.tolist()))
    repeated = [
        (words[code] + b", ") * length
        for code, length in zip(codes[starts].tolist(), lengths, strict=True)
    ]
    return b"".join(repeated)[:-2]


def _runs(values: npt.NDArray[np.integer[Any]]) -> tuple[npt.NDArray[np.intp], list[int]]:
    """Return where runs of equal values start, and their lengths."""
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
    return starts, np.diff(np.append(starts, len(values))).tolist()


def _to_pandas(content: pa.Table) -> pd.DataFrame:
    """Return a table whose trimap rule is None, not NaN, where there were no trimaps."""
    import pyarrow as pa

    fields = [field.with_type(plain_type(field.type)) for field in content.schema]
    table: pd.DataFrame = content.cast(pa.schema(fields)).to_pandas(ignore_metadata=True)
    rules = table["trimap_rule"].astype(object)
    table["trimap_rule"] = rules.where(rules.notna(), None)
    return table


def _version(content: pa.Table) -> int:
    """Return the version that a file states; for files without one, that of their columns."""
    stated = (content.schema.metadata or {}).get(_VERSION_KEY)
    if stated is not None:
        return int(stated) if stated.isdigit() else SCHEMA_VERSION + 1
    return 1 if "seconds" in content.column_names else 0


def _from_0(content: pa.Table) -> pa.Table:
    """Add the columns that version 0 did not have, in place of any of these names."""
    import pyarrow as pa

    content = content.drop_columns([n for n in ("notes", "seconds") if n in content.column_names])
    notes = pa.array(["{}"] * len(content), pa.string())
    seconds = pa.array([float("nan")] * len(content), pa.float64())
    return content.append_column("notes", notes).append_column("seconds", seconds)


MIGRATIONS: Mapping[int, Callable[[pa.Table], pa.Table]] = MappingProxyType({0: _from_0})
"""The migration from each older version of the schema to the next."""
