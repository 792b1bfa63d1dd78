"""The leaderboard in Markdown: a table for each region, the tracks under headings of their own."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import (
    TRACK_TITLES,
    Section,
    conditions,
    heading,
    interval,
    name_of,
    notes,
    printed,
    rank,
    regions,
    sections,
    source_numbers,
)
from distinctions646.checks.escapes import markdown as escape


def to_markdown(boards: Sequence[Board], only: Sequence[str] | None = None) -> str:
    """Return boards as Markdown tables.

    Parameters
    ----------
    boards
        Each gets a heading, and a table for every region.
    only
        Regions to show; all if left out.
    """
    parts = []
    for board in boards:
        parts.append(f"### {escape(heading(board))}")
        parts += [_region(board, name) for name in regions(board) if only is None or name in only]
    return "\n\n".join(parts) + "\n"


def _region(board: Board, region: str) -> str:
    tracks = sections(board, region)
    cited = source_numbers(board, region)
    columns = ["rank", "method", *(escape(name_of(metric)) for metric in tracks[0].metrics)]
    columns += ["images", "n/a", "CPU s"]
    lines = [
        "| " + " | ".join(columns) + " |",
        "|:--|:--|" + "--:|" * (len(columns) - 2),
    ]
    for section in tracks:
        if len(tracks) > 1:
            title = f"*{TRACK_TITLES[section.track]}*"
            lines.append("| | " + title + " |" + " |" * (len(columns) - 2))
        lines += [_line(section, row, cited) for row in section.rows]
    cells = [
        row.cells.get(metric) for part in tracks for row in part.rows for metric in part.metrics
    ]
    ends = " (95 % interval)" if any(cell and cell.low is not None for cell in cells) else ""
    text = [f"*{escape(conditions(board, region))}; mean over images{ends}*", "\n".join(lines)]
    text.append("\n".join(f"- {escape(note)}" for note in notes(board, [region])))
    if cited:
        text.append(
            "\n".join(f"{reference}. {escape(source)}" for source, reference in cited.items())
        )
    return "\n\n".join(part for part in text if part)


def _line(section: Section, row: BoardRow, cited: dict[str, int]) -> str:
    cells = [rank(row.cells.get(section.metrics[0])), _name(row, cited)]
    cells += [_number(section, row, metric) for metric in section.metrics]
    if row.kind == "published":
        cells += ["", "", ""]
    else:
        seconds = "" if row.seconds is None else f"{row.seconds:.2f}"
        cells += [str(row.images), str(row.not_applicable), seconds]
    return "| " + " | ".join(cells) + " |"


def _name(row: BoardRow, cited: dict[str, int]) -> str:
    if row.kind == "published":
        return f"*{escape(row.title)}, {row.year}* (published \\[{cited[row.source or '']}\\])"
    return escape(row.label) + (" (scored)" if row.kind == "scored" else "")


def _number(section: Section, row: BoardRow, metric: str) -> str:
    value = printed(row, metric)
    if not value:
        return ""
    cell = row.cells[metric]
    if row.kind == "published":
        return f"*{value}*"
    if section.mark(row, metric) == "best":
        value = f"**{value}**"
    return f"{value} ({interval(cell, metric)})" if interval(cell, metric) else value
