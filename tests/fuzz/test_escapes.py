"""What once escaped from a reader as a traceback, kind by kind: each is read or refused by name."""

from __future__ import annotations

import copy
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fuzz.fuzzing import outcome_of
from tests.fuzz.readers import READERS

pytestmark = pytest.mark.slow
Edit = Callable[[bytes], bytes]
GONE: Any = object()
SPLIT = ("splits", "test")


def put(*place: Any, value: Any) -> Edit:
    """Return an edit that puts a value into JSON, or removes what is there."""

    def edit(content: bytes) -> bytes:
        holder = whole = [json.loads(content)]
        for key in (0, *place)[:-1]:
            holder = holder[key]
        if value is GONE:
            del holder[(0, *place)[-1]]
        else:
            holder[(0, *place)[-1]] = copy.deepcopy(value)
        return json.dumps(whole[0]).encode()

    return edit


def in_line(number: int, edit: Edit) -> Edit:
    """Return an edit of one line of a journal, which then has no checksum."""

    def whole(content: bytes) -> bytes:
        lines = content.splitlines()
        lines[number] = edit(lines[number].rpartition(b" ")[0])
        return b"\n".join(lines) + b"\n"

    return whole


def column(name: str, values: Callable[[list[Any]], Any]) -> Edit:
    """Return an edit of a column of a Parquet file, without the file's own hash."""

    def edit(content: bytes) -> bytes:
        table = pq.read_table(io.BytesIO(content)).replace_schema_metadata(None)
        new = values(table.column(name).to_pylist())
        place = table.column_names.index(name)
        table = (
            table.drop_columns([name])
            if new is None
            else table.set_column(place, name, pa.array(new))
        )
        sink = io.BytesIO()
        pq.write_table(table, sink)
        return sink.getvalue()

    return edit


def rows(count: int) -> Edit:
    """Return an edit that leaves so many rows of a Parquet file."""

    def edit(content: bytes) -> bytes:
        sink = io.BytesIO()
        pq.write_table(pq.read_table(io.BytesIO(content)).slice(0, count), sink)
        return sink.getvalue()

    return edit


def first(value: Any) -> Callable[[list[Any]], list[Any]]:
    """Return a change of a column's first value."""
    return lambda values: [value, *values[1:]]


def record(value: Any) -> Edit:
    """Return an edit of a cached matte's record, the whole of it or some of its entries."""

    def edit(content: bytes) -> bytes:
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            stored = json.loads(picture.info["matting-prediction"])
            header, sink = PngInfo(), io.BytesIO()
            new = stored | value if isinstance(value, dict) else value
            header.add_text("matting-prediction", json.dumps(new))
            picture.save(sink, "PNG", pnginfo=header)
        return sink.getvalue()

    return edit


def npy(header: str) -> Edit:
    """Return an edit that replaces the header of an array."""

    def edit(content: bytes) -> bytes:
        sink = io.BytesIO()
        np.lib.format.write_array(sink, np.zeros(3))
        text = header.encode()
        return sink.getvalue()[:8] + len(text).to_bytes(2, "little") + text

    return edit


ODD = ("test", "nan", "/etc/passwd", 10**19, 3.5, float("inf"), True, 0, [[[]]], {}, None)
WRITTEN = ("2020", {}, 1e308, 0, None, "<script>", "x" * 20, "Folder", "\0", "None", 2**63)
KEYS = ("trimap_seed", "trimap_rule", "root", "key", "composites", "foregrounds", "lists", "write")
TYPES = (1, 3.5, True, None, [], [1, 2], {"a": 1}, "=1+1", float("nan"))


def escapes() -> Iterator[tuple[str, Edit]]:
    """Yield a reader's name and an edit of its seed."""
    for key in KEYS:
        yield "build.json", put(*SPLIT, key, value=GONE)
    for value in ODD:
        yield "build.json", put(*SPLIT, value=value)
        yield "build.json", put("splits", value=value)
        for key in ("root", "trimap_root", "lists", "composites", "names"):
            yield "build.json", put(*SPLIT, key, value=value)
    for value in WRITTEN:
        yield "build.json", put(*SPLIT, "write", value=value)
        yield "build.json", put(*SPLIT, "write", 1, value=value)
    yield "recipes", rows(0)
    for name in ("name", "foreground", "alpha_sha256", "trimap_rule"):
        for value in (None, "whole", ""):
            yield "recipes", column(name, first(value))
        yield "recipes", column(name, lambda values: [7] * len(values))
    for name in ("image", "alpha", "trimap"):
        yield "Parquet with pictures", column(name, lambda values: None)
        yield "Parquet with pictures", column(name, lambda values: ["x"] * len(values))
        yield "Parquet with pictures", column(name, lambda values: [None] * len(values))
    for name in ("seconds", "metric", "foreground", "method", "image_id", "dataset_root"):
        for value in (None, "\0", "nan", "é" * 20):
            yield "results.parquet", column(name, lambda values, v=value: [v] * len(values))
        yield "results.parquet", column(name, lambda values: [7] * len(values))
    yield "results.parquet", rows(0)
    yield "run.json", put("method_card", value="<script>alert(1)</script>")
    for name in ("metric", "image_id", "trimap_rule", "dataset_root", "notes", "method", "seconds"):
        yield "journals", in_line(0, put(0, name, value=GONE))
        for value in TYPES:
            yield "journals", in_line(0, put(0, name, value=value))
    for value in TYPES:
        yield "journals", in_line(0, lambda line, v=value: json.dumps(v).encode())
        yield "journals", in_line(0, put(0, value=value))
        yield "cached mattes", record({"seconds": value})
        if not isinstance(value, dict):
            yield "cached mattes", record(value)
    for name in ("aspp_channels", "attention_reduction", "backbone", "decoder_channels"):
        for value in ("<script>", {"a": 1}, 2**63, -1, [[[]]], [1, 2], None, True, 0):
            yield "checkpoint configuration", put(name, value=value)
    for header in ("{'descr': (\n", "(" * 5000, "{'descr': '|O'", "\0" * 60, "x\n"):
        yield "virtual foregrounds", npy(header)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="as for the fuzz suite")
@pytest.mark.parametrize("name", dict(escapes()))
def test_nothing_escapes(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir()
    reader = READERS[name]
    seeds = {path: path.read_bytes() for path in reader.seeds(folder)}
    path = min(seeds)
    outcomes = [
        outcome_of(reader, folder, seeds, path, edit(seeds[path]))
        for reading, edit in escapes()
        if reading == name
    ]
    assert set(outcomes) <= {"read", "refused"}
    assert outcomes.count("refused") >= len(outcomes) // 2
    assert outcome_of(reader, folder, seeds, path, seeds[path]) == "read"
