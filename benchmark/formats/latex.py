"""The leaderboard in LaTeX: booktabs tables, best bold, second underlined, ready to paste.

Needs the package booktabs, and longtable for more rows than a page holds. Each table carries the
sentence of its protocol, so that the numbers keep their conditions in the paper they go to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.board.board import Board, Row
from benchmark.formats.layout import (
    TRACK_TITLES,
    Section,
    name_of,
    notes,
    printed,
    regions,
    sections,
    sentence,
    source_numbers,
)

_ESCAPES = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    " %": r"~\%", "–": "--", "−": "$-$", "×": r"$\times$", "±": r"$\pm$",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}  # fmt: skip
_MARKS = "In each track the best measured here is bold, the next rank underlined."
_PAGE = 48
_SPECIAL = re.compile("|".join(re.escape(mark) for mark in _ESCAPES))


def to_latex(boards: Sequence[Board], only: Sequence[str] | None = None) -> str:
    """Lay out boards as LaTeX tables.

    Parameters
    ----------
    boards
        What to show.
    only
        Regions; all if left out.
    """
    tables = [
        _table(board, region)
        for board in boards
        for region in regions(board)
        if only is None or region in only
    ]
    return "% \\usepackage{booktabs,longtable}\n" + "\n".join(tables)


def escape(text: str) -> str:
    r"""Make a name plain text in LaTeX.

    Examples
    --------
    >>> escape("50 % of a_b")
    '50~\\% of a\\_b'
    """
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)


def _table(board: Board, region: str) -> str:
    found = sections(board, region)
    metrics = found[0].metrics
    cited = source_numbers(board, region)
    caption = f"{sentence(board, region)} {_MARKS}"
    label = rf"\label{{tab:{re.sub(r'[^A-Za-z0-9-]+', '-', board.key)}-{region}}}"
    head = " & ".join(["Method", *(name_of(metric) for metric in metrics)]) + r" \\"
    body = []
    for section in found:
        title = TRACK_TITLES[section.track].capitalize()
        body += [
            r"\midrule",
            rf"\multicolumn{{{len(metrics) + 1}}}{{l}}{{\emph{{{title}}}}} \\",
            *(_line(section, row, cited) for row in section.rows),
        ]
    below = [escape(note) for note in notes(board, [region], intervals=False)]
    below += [f"[{place}] {escape(source)}." for source, place in cited.items()]
    columns = "l" + "r" * len(metrics)
    frame = _one_page if len(body) <= _PAGE else _several_pages
    return "\n".join(
        [*frame(columns, rf"\caption{{{escape(caption)}}}", label, head, body, below), ""]
    )


def _one_page(
    columns: str, caption: str, label: str, head: str, body: list[str], below: list[str]
) -> list[str]:
    return [
        r"\begin{table}", r"\centering", caption, label, r"\smallskip",
        rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, *body,
        r"\bottomrule", r"\end{tabular}",
        "", r"\smallskip", r"\parbox{\linewidth}{\small\sloppy", *below, "}", r"\end{table}",
    ]  # fmt: skip


def _several_pages(
    columns: str, caption: str, label: str, head: str, body: list[str], below: list[str]
) -> list[str]:
    """Lay out more lines than a page holds, the heading repeated on each."""
    return [
        r"\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{columns}}}", caption, label + r"\\",
        r"\toprule", head, r"\endfirsthead", r"\toprule", head, r"\endhead", *body,
        r"\bottomrule", r"\end{longtable}",
        r"{\small\sloppy", *below, r"\par}",
    ]  # fmt: skip


def _line(section: Section, row: Row, cited: dict[str, int]) -> str:
    name = escape(row.title)
    if row.kind == "published":
        name = rf"\textit{{{name}}} [{cited[row.source or '']}]"
    elif row.kind == "scored":
        name += " (scored)"
    if row.not_applicable:
        name += f" ({row.not_applicable} n/a)"
    return " & ".join([name, *(_number(section, row, m) for m in section.metrics)]) + r" \\"


def _number(section: Section, row: Row, metric: str) -> str:
    text = printed(row, metric)
    if text in ("", "-"):
        return "--"
    if row.kind == "published":
        return rf"\textit{{{text}}}"
    command = {"best": r"\textbf", "second": r"\underline", "": ""}[section.mark(row, metric)]
    return f"{command}{{{text}}}" if command else text
