"""Columns of text as codes: the same texts come back, whatever the file's own encoding."""

from __future__ import annotations

import pyarrow as pa
import pytest

from benchmark.results.text_columns import different, encode, is_text, row_codes

ROWS = ["b", None, "a", "b"]
PLAIN = pa.chunked_array([ROWS[:2], ROWS[2:]], pa.string())
TWICE = pa.DictionaryArray.from_arrays(
    pa.array([0, None, 1, 2]), pa.array(["b", "a", "b", "never"])
)


@pytest.mark.parametrize(
    "column",
    [
        PLAIN,
        PLAIN.cast(pa.large_string()),
        PLAIN.dictionary_encode(),
        pa.chunked_array([pa.array(part).dictionary_encode() for part in (ROWS[:2], ROWS[2:])]),
        pa.chunked_array([TWICE]),
    ],
)
def test_every_encoding_gives_the_same_texts(column: pa.ChunkedArray) -> None:
    codes, texts = encode(column)
    assert is_text(column.type)
    assert [texts[code] for code in codes] == ROWS
    assert len(set(texts)) == len(texts)
    assert sorted(different(column), key=str) == [None, "a", "b"]


def test_nothing_has_no_texts() -> None:
    assert different(pa.chunked_array([], pa.string())) == []


def test_rows_are_told_apart_by_all_their_columns() -> None:
    other = pa.chunked_array([["x", "x", "x", "y"]])
    assert len(set(row_codes(PLAIN).tolist())) == 3
    assert len(set(row_codes(PLAIN, other).tolist())) == 4
    without = pa.chunked_array([pa.nulls(4)])
    assert row_codes(PLAIN, without).tolist() == row_codes(PLAIN).tolist()
