"""Ways to spoil a file: by its bytes, by its lines, by its JSON values, by its Parquet columns."""

from __future__ import annotations

import copy
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2020, 3.5, 1e308, float("nan"), float("inf"), 2**63, -(2**63)),
    *(10**30, "", "0", "test", "None", "nan", "\0", "é" * 20, "x" * 5000, "a\nb", "a\tb", "\ud800"),
    *("../../../../x", "/etc/passwd", "C:\\x", ".", "con", "<script>alert(1)</script>", "=1+1"),
    *("a|b", "`x`", "$(id)", "%s%n", "{0}", [], [[[]]], [1, 2], ["a"], {}, {"a": 1}),
)
_MAGICS = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"II*\0", b"MM\0*", b"BM", b"RIFF"),
    *(b"%!PS-Adobe-3.0 EPSF-3.0\n", b"%PDF-1.4\n", b"DDS ", b"\0\0\0\x1cftypavif", b"PAR1"),
    *(b"PK\x03\x04", b"\x93NUMPY", b"SIMPLE  =", b"\x1f\x8b", b"<svg", b"\x80\x04", b"P5\n"),
)


def spoil_bytes(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, insert, repeat or replace bytes, or put another format's magic number first."""
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if not spoilt:
            break
        place = chance.randrange(len(spoilt))
        match chance.randrange(8):
            case 0 | 1:
                spoilt[place] ^= 1 << chance.randrange(8)
            case 2:
                spoilt[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 3:
                del spoilt[place:]
            case 4:
                del spoilt[place : place + chance.randrange(1, 64)]
            case 5:
                spoilt[place:place] = chance.randbytes(chance.randrange(1, 64))
            case 6:
                end = place + chance.randrange(1, 256)
                spoilt[place:place] = spoilt[place:end] * chance.randrange(1, 4)
            case _:
                magic = chance.choice(_MAGICS)
                spoilt[: len(magic)] = magic
    return bytes(spoilt)


def spoil_head(content: bytes, chance: random.Random) -> bytes:
    """Spoil one of the first 128 bytes, where headers and sizes are."""
    spoilt = bytearray(content)
    for _ in range(chance.randrange(1, 4)):
        if spoilt:
            spoilt[chance.randrange(min(128, len(spoilt)))] = chance.randrange(256)
    return bytes(spoilt)


def spoil_lines(content: bytes, chance: random.Random) -> bytes:
    """Drop, double, swap or replace lines or cells of a text."""
    lines = content.decode("utf-8", "replace").split("\n")
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                del lines[place]
                lines = lines or [""]
            case 1:
                lines.insert(place, lines[place])
            case 2:
                lines[place] = str(chance.choice(VALUES))
            case 3:
                cells = lines[place].split(",")
                cells[chance.randrange(len(cells))] = str(chance.choice(VALUES))
                lines[place] = ",".join(cells)
            case 4:
                chance.shuffle(lines)
            case _:
                lines[place] += chance.choice((",", '"', "\r", "\0", ",,,,", "#", "  ", "=[["))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def spoil_json(content: bytes, chance: random.Random) -> bytes:
    """Replace, remove or add values of a JSON text, or nest it without end."""
    if chance.random() < 0.02:
        return nest(b"", chance)
    document = [json.loads(content)]
    for _ in range(chance.choice((1, 1, 2, 3))):
        holder, key = chance.choice(list(_places(document)))
        value = copy.deepcopy(chance.choice(VALUES))
        match chance.randrange(4):
            case 0 if holder is not document:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(("a", "", "splits", "name", "\0"))] = value
            case _:
                holder[key] = value
    return json.dumps(document[0]).encode()


def nest(content: bytes, chance: random.Random) -> bytes:
    """Nest lists or tables without end, in the place of a value where there is one."""
    depth = chance.choice((60, 90, 500, 5000, 100_000))
    lists, tables = b"[" * depth, b'{"a":' * depth + b"1" + b"}" * depth
    toml = b"{a=" * depth + b"1" + b"}" * depth
    nested = chance.choice((lists, lists + b"]" * depth, tables, toml))
    lines = [line for line in content.splitlines() if b"=" in line]
    if not lines:
        return nested
    name = chance.choice(lines).partition(b"=")[0]
    return content + b"\n" + name + b" = " + nested + b"\n"


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def spoil_json_lines(content: bytes, chance: random.Random) -> bytes:
    """Spoil the JSON of one line, and leave out its checksum."""
    lines = content.splitlines()
    place = chance.randrange(len(lines))
    lines[place] = spoil_json(lines[place].rpartition(b" ")[0], chance)
    return b"\n".join(lines) + b"\n"


def spoil_parquet(content: bytes, chance: random.Random) -> bytes:
    """Replace a column of a Parquet file by other values or another type; drop it or its rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    table = table.replace_schema_metadata(
        {key: value for key, value in (table.schema.metadata or {}).items() if b"digest" not in key}
    )
    for _ in range(chance.choice((1, 1, 2))):
        if not table.num_columns:
            break
        place = chance.randrange(table.num_columns)
        name, column = table.field(place).name, table.column(place).to_pylist()
        match chance.randrange(6):
            case 0:
                table = table.drop_columns([name])
            case 1:
                table = table.slice(0, chance.randrange(2))
            case 2:
                table = table.rename_columns([*table.column_names[:-1], "other"])
            case 3:
                values = [chance.choice(_TYPED[chance.choice(list(_TYPED))])] * len(column)
                table = table.set_column(place, name, pa.array(values))
            case 4:
                table = pa.concat_tables([table, table])
            case _ if column:
                row = chance.randrange(len(column))
                same = [v for v in VALUES if isinstance(v, type(column[row])) and _storable(v)]
                column[row] = chance.choice([None, *same])
                table = table.set_column(place, name, pa.array(column, table.field(place).type))
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


_TYPED: dict[str, tuple[Any, ...]] = {
    "text": ("", "x" * 300, "../../x", "nan", "a\nb", "<b>"),
    "whole": (0, -1, 2**62),
    "real": (0.5, float("nan"), 1e308),
    "truth": (True, False),
    "bytes": (b"", b"\xff\xfe", b"\x89PNG"),
    "list": ([1], []),
    "none": (None,),
}


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\ud800" not in value
    return not isinstance(value, int) or abs(value) < 2**63


def spoil_chunk(content: bytes, chance: random.Random) -> bytes:
    """Spoil the JSON record in a cached matte's header, whose checksum is then right again."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        record = str(picture.info["matting-prediction"]).encode()
        header, sink = PngInfo(), io.BytesIO()
        header.add_text("matting-prediction", spoil_json(record, chance).decode()[:60_000])
        mode = chance.choice(("L", "L", "L", "RGB", "LA", "1", "P"))
        picture.convert(mode).save(sink, "PNG", pnginfo=header)
    return sink.getvalue()
