"""Read a model file: TOML in, a checked `ModelFile` out, one clear error for anything else."""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from baselines.onnx.model_file.consistency import check_consistency
from baselines.onnx.model_file.schema import CONSTANT, LISTS, SECTIONS, Key, ModelFile
from baselines.onnx.model_file.values import RefusedError
from distinctions646.checks.files import MOST_NESTED, deeper_than, read_text

SHIPPED = Path(__file__).with_name("shipped")
SUFFIX = ".toml"
Table = dict[str, Any]


def shipped_names() -> list[str]:
    """Return the names of the model files that ship."""
    return sorted(path.stem for path in SHIPPED.glob(f"*{SUFFIX}"))


def find_model_file(name: str) -> Path:
    """Return the path of a model file.

    Parameters
    ----------
    name
        A path that ends in ``.toml``, or the name of a file that ships.

    Raises
    ------
    ValueError
        If there is no such file.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected a model file in TOML")
        return path
    if name.endswith(".onnx"):
        raise ValueError(
            f"{name}: expected a model file; python -m baselines.onnx {name} drafts one"
        )
    names = shipped_names()
    if name not in names:
        raise ValueError(f"no model file {name!r}; {_suggest(name, [*names, f'FILE{SUFFIX}'])}")
    return SHIPPED / f"{name}{SUFFIX}"


def read_model_file(path: Path) -> ModelFile:
    """Read a model file and those that it starts from.

    Parameters
    ----------
    path
        The TOML file.

    Returns
    -------
    ModelFile
        Checked in itself; `baselines.onnx.graph` checks it against the network.

    Raises
    ------
    ValueError
        If it is no TOML, has an unknown key (the nearest is named), a value that its key does not
        accept, or keys that contradict each other or have no effect.
    OSError
        If it cannot be read.
    """
    given, whole = _read_with_bases(path, ())
    model = _build(whole, path)
    check_consistency(path, model, _dotted(given))
    return model


def keys_of(kind: type) -> dict[str, Key]:
    """Return the keys of a table of the schema by name, in order."""
    hints = typing.get_type_hints(kind, include_extras=True)
    return {
        name: marks[0]
        for name, hint in hints.items()
        if (marks := [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Key)])
    }


def _read_with_bases(path: Path, seen: tuple[Path, ...]) -> tuple[Table, Table]:
    """Return a file's own keys, and those with its base's below them."""
    if path.resolve() in seen:
        raise ValueError(f"{path}: base leads back to this file")
    own = _checked_keys(path, _parse(path))
    if "weights" in own:
        own["weights"] = path.parent / own["weights"]
    base = own.get("base")
    if base is None:
        return own, own
    try:
        start = find_model_file(str(path.parent / base) if base.endswith(SUFFIX) else base)
    except ValueError as error:
        raise ValueError(f"{path}: base: {error}") from None
    _, below = _read_with_bases(start, (*seen, path.resolve()))
    below.pop("name", None)
    if "weights" in own:
        below.pop("sha256", None)  # of other weights
    return own, _merge(below, own)


def _parse(path: Path) -> Table:
    text = read_text(path, "a model file in TOML")
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ValueError(f"{path}: not TOML: {reason}") from None
    if deeper_than(table, MOST_NESTED):
        raise ValueError(f"{path}: is nested more than {MOST_NESTED} levels deep")
    return table


def _checked_keys(path: Path, table: Table) -> Table:
    """Return the tables with every value checked by itself."""
    own: Table = {}
    top = keys_of(ModelFile)
    for name, value in table.items():
        if name in SECTIONS:
            own[name] = _checked_table(path, name, value, SECTIONS[name])
        elif name in LISTS:
            own[name] = [
                _checked_table(path, name, one, LISTS[name]) for one in _tables(path, name, value)
            ]
        elif name == "constant":
            own[name] = {
                key: _checked_value(path, f"constant.{key}", one, Key(CONSTANT, ""))
                for key, one in _table(path, name, value).items()
            }
        elif name in top:
            own[name] = _checked_value(path, name, value, top[name])
        else:
            tables = [*SECTIONS, *LISTS, "constant"]
            if isinstance(value, dict):
                raise ValueError(f"{path}: unknown table [{name}]; {_suggest(name, tables)}")
            raise ValueError(_unknown(path, "", name, [*top, *tables]))
    return own


def _checked_table(path: Path, section: str, value: object, kind: type) -> Table:
    keys = keys_of(kind)
    checked = {}
    for name, one in _table(path, section, value).items():
        if name not in keys:
            raise ValueError(_unknown(path, section, name, list(keys)))
        checked[name] = _checked_value(path, f"{section}.{name}", one, keys[name])
    required = [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]
    for name in required:
        if name not in checked:
            raise ValueError(f"{path}: [[{section}]] has no {name}; expected it in each")
    return checked


def _checked_value(path: Path, name: str, value: object, key: Key) -> Any:
    try:
        return key.kind.accept(value)
    except RefusedError:
        raise ValueError(f"{path}: {name} is {value!r}; expected {key.kind.expected}") from None


def _table(path: Path, name: str, value: object) -> Table:
    if not isinstance(value, dict):
        raise ValueError(f"{path}: {name} is {value!r}; expected a table [{name}]")
    return value


def _tables(path: Path, name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{path}: {name} is one value; expected tables [[{name}]]")
    return value


def _unknown(path: Path, section: str, name: str, keys: list[str]) -> str:
    """Word the error of an unknown key: of another table, like one here, or like one elsewhere."""
    tables = {"": ModelFile, **SECTIONS, **LISTS}
    elsewhere = [
        (key, f"[{other}] {key}" if other else key)
        for other, kind in tables.items()
        for key in keys_of(kind)
    ]
    same = [title for key, title in elsewhere if key == name]
    near = [title for key, title in elsewhere if difflib.get_close_matches(name, [key])]
    meant = [*same, *difflib.get_close_matches(name, keys, n=1), *near]
    where = f"{section}.{name}" if section else name
    if meant:
        return f"{path}: unknown key {where}; did you mean {meant[0]}?"
    return f"{path}: unknown key {where}; expected one of {', '.join(keys)}"


def _suggest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {close[0]}?" if close else f"expected one of {', '.join(names)}"


def _merge(below: Table, own: Table) -> Table:
    """Lay a file's keys over its base's: tables key by key, anything else whole."""
    merged = dict(below)
    for name, value in own.items():
        under = merged.get(name)
        if isinstance(under, dict) and isinstance(value, dict):
            value = {**under, **value}
        merged[name] = value
    return merged


def _build(table: Table, path: Path) -> ModelFile:
    parts = dict(table)
    for name, kind in SECTIONS.items():
        parts[name] = kind(**parts.get(name, {}))
    for name, kind in LISTS.items():
        parts[name] = tuple(kind(**one) for one in parts.get(name, []))
    parts.setdefault("name", path.stem)
    return ModelFile(**parts)


def _dotted(table: Mapping[str, Any]) -> frozenset[str]:
    def walk() -> Iterator[str]:
        for name, value in table.items():
            yield name
            if isinstance(value, dict):
                yield from (f"{name}.{key}" for key in value)

    return frozenset(walk())
