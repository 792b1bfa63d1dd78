"""Reading of Parquet files, whose every damage is one sentence that names the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.checks.files import open_regular

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


def open_parquet(path: Path | str, encoded: Sequence[str] = ()) -> pq.ParquetFile:
    """Open a Parquet file, with its page checksums verified where it has some.

    Parameters
    ----------
    path
        A regular file.
    encoded
        Names of columns of text that are read as codes and different texts, as they are stored.

    Returns
    -------
    pyarrow.parquet.ParquetFile
        Its footer is read.

    Raises
    ------
    ValueError
        If it is no Parquet file, or damaged.
    OSError
        If it is missing or may not be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    open_regular(path).close()
    try:
        try:
            return pq.ParquetFile(path, page_checksum_verification=True, read_dictionary=encoded)
        except KeyError:  # it lacks one of them
            return pq.ParquetFile(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, error) from error


def read_parquet(path: Path | str, encoded: Sequence[str] = ()) -> pa.Table:
    """Read a Parquet file; parameters and errors as for `open_parquet`."""
    import pyarrow as pa

    with open_parquet(path, encoded) as file:
        try:
            table = file.read()
            table.validate(full=True)  # text that is no UTF-8, offsets beyond a column's end
            return table
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(path, error) from error


def read_row_group(path: Path | str, number: int) -> pa.Table:
    """Read one row group of a Parquet file; errors as for `open_parquet`."""
    import pyarrow as pa

    with open_parquet(path) as file:
        try:
            table = file.read_row_group(number)
            table.validate(full=True)
            return table
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _damaged(path, error) from error


def _damaged(path: Path | str, error: Exception) -> ValueError:
    return ValueError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())}")
