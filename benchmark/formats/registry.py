"""The files that a leaderboard can be written as.

To add one, write a module here with a function from boards to str or bytes, and add its line to
`FORMATS`; `benchmark.leaderboard --formats` offers it. `benchmark.formats.layout` has the words and
the rounding that formats share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from benchmark.board.board import Board


@dataclass(frozen=True)
class FileFormat:
    """One format.

    Attributes
    ----------
    suffix
        End of the file's name.
    function
        ``module:name`` of the function that returns the file's content, imported when used.
    """

    suffix: str
    function: str

    def render(self, boards: Sequence[Board]) -> bytes:
        """Return boards as the content of a file."""
        module, _, name = self.function.partition(":")
        content = cast("str | bytes", getattr(import_module(module), name)(boards))
        return content.encode() if isinstance(content, str) else content


FORMATS: dict[str, FileFormat] = {
    "markdown": FileFormat(".md", "benchmark.formats.markdown:to_markdown"),
    "latex": FileFormat(".tex", "benchmark.formats.latex:to_latex"),
    "csv": FileFormat(".csv", "benchmark.formats.long_table:to_csv"),
    "parquet": FileFormat(".parquet", "benchmark.formats.long_table:to_parquet"),
    "json": FileFormat(".json", "benchmark.formats.json_document:to_json"),
}
"""Every format by its name."""


def write_table(name: str, boards: Sequence[Board], folder: Path) -> Path:
    """Write boards as ``leaderboard.<suffix>`` into a folder; return the file's path."""
    from distinctions646.process.whole_files import write_bytes

    path = folder / f"leaderboard{FORMATS[name].suffix}"
    write_bytes(path, FORMATS[name].render(boards))
    return path
