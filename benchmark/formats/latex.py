"""The leaderboard in LaTeX: booktabs tables, best bold, second underlined, ready to paste.

The first metric ranks the methods and has its intervals in a column of their own; those of the
others are in the other formats, as a page is not wide enough. Needs the package booktabs, and
longtable for more rows than a page holds. Each table carries the sentence of its protocol, so that
the numbers keep their conditions in the paper they go to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import (
    TRACK_TITLES,
    Section,
    interval,
    name_of,
    notes,
    printed,
    rank,
    regions,
    sections,
    sentence,
    source_numbers,
)

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    " %": r"~\%",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    " †": r"\,$\dagger$",
    "†": r"$\dagger$",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
_MARKED = "Of the methods measured here, the best rank of a track is bold, the next underlined."
_UNMARKED = "All methods measured here share a rank in their track, so none is marked."
_PARTLY_MARKED = "A column has no mark where a track has one method or all share a rank."
_PUBLISHED = "Published numbers are in italics, are not ranked, and were not measured here."
_LINES_ON_A_PAGE = 48  # longer tables are set with longtable
_SPECIAL = re.compile("|".join(re.escape(mark) for mark in _ESCAPES))


def to_latex(boards: Sequence[Board], only: Sequence[str] | None = None) -> str:
    """Return boards as LaTeX tables.

    Parameters
    ----------
    boards
        Each gets a table for every region.
    only
        Regions to show; all if left out.
    """
    tables = [
        _table(board, region)
        for board in boards
        for region in regions(board)
        if only is None or region in only
    ]
    return "% \\usepackage{booktabs,longtable}\n" + "\n".join(tables)


def escape(text: str) -> str:
    r"""Return a text with LaTeX's special characters escaped.

    Examples
    --------
    >>> escape("50 % of a_b")
    '50~\\% of a\\_b'
    """
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)


def _table(board: Board, region: str) -> str:
    tracks = sections(board, region)
    metrics = tracks[0].metrics
    cited = source_numbers(board, region)
    caption = " ".join([sentence(board, region), *_words_on_marks(tracks)])
    label = rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]+', '-', board.key)}-{region}}}"
    shown = _Shown.of(tracks)
    names = [name_of(metric) for metric in metrics]
    head = " & ".join(shown.around("Rank", "Method", names[0], r"95~\%", names[1:])) + r" \\"
    columns = "".join(shown.around("r", "l", "r", "c", ["r"] * len(names[1:])))
    body = []
    for section in tracks:
        title = TRACK_TITLES[section.track].capitalize()
        body += [
            r"\midrule",
            rf"\multicolumn{{{len(columns)}}}{{l}}{{\emph{{{title}}}}} \\",
            *(_line(section, row, cited, shown) for row in section.rows),
        ]
    below = [escape(note) for note in notes(board, [region], intervals=shown.intervals)]
    below += [f"[{reference}] {escape(source)}." for source, reference in cited.items()]
    frame = _one_page if len(body) <= _LINES_ON_A_PAGE else _several_pages
    return "\n".join(
        [*frame(columns, rf"\caption{{{escape(caption)}}}", label, head, body, below), ""]
    )


@dataclass(frozen=True)
class _Shown:
    """Which of the columns that only some tables have a table has."""

    ranks: bool
    intervals: bool

    @classmethod
    def of(cls, tracks: Sequence[Section]) -> _Shown:
        """Return the columns that a row of the tracks fills."""
        lead = [row.cells.get(part.metrics[0]) for part in tracks for row in part.rows]
        cells = [cell for cell in lead if cell is not None]
        return cls(
            any(cell.rank is not None for cell in cells),
            any(cell.low is not None for cell in cells),
        )

    def around(
        self, rank: str, method: str, first: str, interval: str, others: Sequence[str]
    ) -> list[str]:
        """Return the cells of a line that are shown, in order."""
        before, after = [rank] * self.ranks, [interval] * self.intervals
        return [*before, method, first, *after, *others]


def _words_on_marks(tracks: Sequence[Section]) -> list[str]:
    """Return what the type of a number means, where a table has it, and why nothing is marked."""
    kinds = {row.kind for section in tracks for row in section.rows}
    said = [_PUBLISHED] if "published" in kinds else []
    marked = [
        any(section.mark(row, metric) == "best" for row in section.rows)
        for section in tracks
        for metric in section.metrics
        if _ranked(section, metric) > 0
    ]
    if any(marked):
        return [_MARKED, *([] if all(marked) else [_PARTLY_MARKED]), *said]
    several = any(_ranked(section, metric) > 1 for section in tracks for metric in section.metrics)
    return [_UNMARKED, *said] if several else said


def _ranked(section: Section, metric: str) -> int:
    """Count the rows of a track that have a rank in a column."""
    cells = [row.cells.get(metric) for row in section.rows]
    return sum(cell is not None and cell.rank is not None for cell in cells)


def _one_page(
    columns: str, caption: str, label: str, head: str, body: list[str], below: list[str]
) -> list[str]:
    return [
        r"\begin{table}",
        r"\centering",
        caption,
        label,
        r"\smallskip",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        "",
        r"\smallskip",
        r"\parbox{\linewidth}{\small\sloppy",
        *below,
        "}",
        r"\end{table}",
    ]


def _several_pages(
    columns: str, caption: str, label: str, head: str, body: list[str], below: list[str]
) -> list[str]:
    """Return a table of more lines than a page holds, with its heading on each page."""
    return [
        r"\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{columns}}}",
        caption,
        label + r"\\",
        r"\toprule",
        head,
        r"\endfirsthead",
        r"\toprule",
        head,
        r"\endhead",
        *body,
        r"\bottomrule",
        r"\end{longtable}",
        r"{\small\sloppy",
        *below,
        r"\par}",
    ]


def _line(section: Section, row: BoardRow, cited: dict[str, int], shown: _Shown) -> str:
    name = escape(row.label)
    if row.kind == "published":
        name = rf"\textit{{{name}}} [{cited[row.source or '']}]"
    elif row.kind == "scored":
        name += " (scored)"
    if row.not_applicable:
        name += f" ({row.not_applicable} n/a)"
    lead = section.metrics[0]
    cell = row.cells.get(lead)
    ends = "" if cell is None else escape(interval(cell, lead))
    first, *others = (_number(section, row, metric) for metric in section.metrics)
    return " & ".join(shown.around(rank(cell), name, first, ends, others)) + r" \\"


def _number(section: Section, row: BoardRow, metric: str) -> str:
    text = printed(row, metric)
    if text in ("", "-"):
        return "--"
    if row.kind == "published":
        return rf"\textit{{{text}}}"
    command = {"best": r"\textbf", "second": r"\underline", "": ""}[section.mark(row, metric)]
    return f"{command}{{{text}}}" if command else text
