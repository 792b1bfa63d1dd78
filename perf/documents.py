"""Tables in the documentation: each stands between two marker lines and is written by a command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from distinctions646.process.commandline import make_parser
from distinctions646.process.whole_files import write_bytes


def fill(document: Path, tables: Mapping[str, str]) -> None:
    """Replace the tables of a document.

    Parameters
    ----------
    document
        A Markdown file with the lines ``<!-- NAME: start -->`` and ``<!-- NAME: end -->``.
    tables
        Markdown by name.

    Raises
    ------
    ValueError
        If a marker line is absent; the document is then unchanged.
    """
    text = document.read_text(encoding="utf-8")
    for name, table in tables.items():
        start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
        if start not in text or end not in text:
            raise ValueError(f"{document}: expected the lines {start} and {end}")
        before, rest = text.split(start, 1)
        text = f"{before}{start}\n\n{table}\n{end}{rest.split(end, 1)[1]}"
    write_bytes(document, text.encode())


def document_parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser of the command ``python -m MODULE DOCUMENT``."""
    parser = make_parser(f"python -m {module}", description)
    parser.add_argument("document", type=Path, help="Markdown file to fill")
    return parser
