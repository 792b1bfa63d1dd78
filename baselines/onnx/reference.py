"""The generated parts of ``docs/onnx.md``: every key of the schema, every model file that ships."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator

from baselines.onnx.card import describe_settings
from baselines.onnx.model_file.reading import (
    find_model_file,
    keys_of,
    read_model_file,
    shipped_names,
)
from baselines.onnx.model_file.schema import CONSTANT, LISTS, SECTIONS, ModelFile


def fill(page: str) -> str:
    """Return a page with what stands between its markers written anew.

    ``<!-- keys:begin -->`` … ``<!-- keys:end -->`` enclose the keys, ``shipped`` the model files.

    Raises
    ------
    ValueError
        If a marker is missing.
    """
    for name, text in (("keys", describe_keys()), ("shipped", describe_shipped())):
        before, begin, rest = page.partition(f"<!-- {name}:begin -->\n")
        _, end, after = rest.partition(f"<!-- {name}:end -->")
        if not (begin and end):
            raise ValueError(f"has no marker <!-- {name}:begin --> ... <!-- {name}:end -->")
        page = f"{before}{begin}{text}{end}{after}"
    return page


def describe_keys() -> str:
    """Return a section for each table of the model file, in Markdown."""
    sections = {"": ModelFile, **SECTIONS, **LISTS}
    return "".join(f"{_section(name, kind)}\n" for name, kind in sections.items()) + _constant()


def describe_shipped() -> str:
    """Return a table of the model files that ship, in Markdown."""
    lines = [
        "| name | trimap | trained on | leak | licence | settings |",
        "|---|---|---|---|---|---|",
    ]
    for name in shipped_names():
        model = read_model_file(find_model_file(name))
        lines.append(
            f"| `{name}` | {'yes' if model.needs_trimap else 'no'} | "
            f"{_trained_on(model)} | {', '.join(model.card.leak or ())} | {model.card.licence} | "
            f"{describe_settings(model)} |"
        )
    lines += ["", "Their files, where a SHA-256 is known:", ""]
    lines += ["| file | SHA-256 | where |", "|---|---|---|"]
    files = {
        known.sha256: known
        for name in shipped_names()
        for known in read_model_file(find_model_file(name)).known
    }
    lines += [f"| {one.file} | `{one.sha256}` | {one.source} |" for one in files.values()]
    return "\n".join(lines) + "\n"


def _trained_on(model: ModelFile) -> str:
    sets = {", ".join(known.trained_on): None for known in model.known if known.trained_on}
    return " or ".join(sets) or ", ".join(model.card.trained_on)


def _section(name: str, kind: type) -> str:
    title = f"`[{name}]`" if name in SECTIONS else f"`[[{name}]]`" if name else "Before any table"
    about = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    about[0] = about[0].partition(": ")[2] if name else ""
    text = "\n".join(" ".join(part.split()) for part in about if part)
    text = text[:1].upper() + text[1:].replace("``", "`")
    rows = "\n".join(_rows(kind))
    head = "| key | holds | default | meaning |\n|---|---|---|---|"
    return "\n\n".join(part for part in (f"### {title}", text, f"{head}\n{rows}") if part) + "\n"


def _rows(kind: type) -> Iterator[str]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name, key in keys_of(kind).items():
        default = fields[name].default
        yield f"| `{name}` | {key.kind.expected} | {_shown(default)} | {key.meaning} |"


def _shown(default: object) -> str:
    if default is dataclasses.MISSING:
        return "must be there"
    if default in (None, "", ()):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, str):
        return f'`"{default}"`'
    if isinstance(default, tuple):
        shown = ", ".join(f'"{one}"' if isinstance(one, str) else f"{one:g}" for one in default)
        return f"`[{shown}]`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _constant() -> str:
    return (
        "### `[constant]`\n\n"
        "Inputs that show neither picture nor trimap, by their name in the graph: "
        f"{CONSTANT.expected}. One number fills the whole input; `long_side` is the scale, at most "
        "1, that brings the network's input to that long side.\n"
    )
