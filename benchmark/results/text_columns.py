"""Columns of text as codes and different texts, as Parquet stores them: few texts, many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa


def is_text(type_: pa.DataType) -> bool:
    """Return whether a column's type is text, encoded or not."""
    import pyarrow as pa

    plain = plain_type(type_)
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain))


def plain_type(type_: pa.DataType) -> pa.DataType:
    """Return the type of the values of an encoded column; any other type as it is."""
    import pyarrow as pa

    return type_.value_type if pa.types.is_dictionary(type_) else type_


def encode(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[str | None]]:
    """Return the code of each row, and the text of each code.

    Parameters
    ----------
    column
        Of text, encoded or not.

    Returns
    -------
    codes : ndarray
        int64, one a row.
    texts : list of str or None
        By code, each once, and None for a row without text; no row may have some of them.
    """
    import pyarrow as pa

    combined = column.combine_chunks()
    if not pa.types.is_dictionary(combined.type):
        combined = combined.dictionary_encode()
    texts = combined.dictionary.to_numpy(zero_copy_only=False).tolist()
    if len(set(texts)) < len(texts) or None in texts:  # not by our writer
        return encode(column.cast(plain_type(column.type)))
    indices = combined.indices
    if indices.null_count:
        indices, texts = indices.fill_null(len(texts)), [*texts, None]
    return indices.to_numpy().astype(np.int64), texts


def different(column: pa.ChunkedArray) -> list[str | None]:
    """Return the different texts of a column, in no order."""
    codes, texts = encode(column)
    return [texts[code] for code in np.flatnonzero(np.bincount(codes, minlength=len(texts)))]


def row_codes(*columns: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return a code for each row, the same where all columns have the same texts.

    A column that is not of text is left out: one without any value.
    """
    codes = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if is_text(column.type):
            more, texts = encode(column)
            codes = codes * len(texts) + more
    return codes
