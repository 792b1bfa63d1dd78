"""Boards as HTML tables, which is how they show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

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
)


def to_html(boards: Sequence[Board]) -> str:
    """Return boards as HTML, without a document around it.

    Parameters
    ----------
    boards
        Each gets a heading, and a table for every region.
    """
    return "\n".join(part for board in boards for part in _board(board))


def _board(board: Board) -> Iterator[str]:
    yield f"<h4>{escape(heading(board))}</h4>"
    for region in regions(board):
        tracks = sections(board, region)
        names = [name_of(metric) for metric in tracks[0].metrics]
        yield f"<p><em>{escape(conditions(board, region))}; mean over images</em></p>"
        yield "<table><thead>" + _cells("th", ["rank", "method", *names, "images"]) + "</thead>"
        yield "<tbody>"
        for section in tracks:
            if len(tracks) > 1:
                title = TRACK_TITLES[section.track]
                yield f'<tr><td colspan="{len(names) + 3}"><em>{title}</em></td></tr>'
            yield from (_row(section, row) for row in section.rows)
        yield "</tbody></table>"
        shown = "".join(f"<li>{escape(note)}</li>" for note in notes(board, [region]))
        yield f"<ul>{shown}</ul>"


def _row(section: Section, row: BoardRow) -> str:
    name = escape(row.label)
    if row.kind == "published":
        name = f"<em>{name}, {row.year}</em> (published)"
    elif row.kind == "scored":
        name += " (scored)"
    numbers = [_number(section, row, metric) for metric in section.metrics]
    images = "" if row.kind == "published" else str(row.images)
    return _cells("td", [rank(row.cells.get(section.metrics[0])), name, *numbers, images])


def _number(section: Section, row: BoardRow, metric: str) -> str:
    text = printed(row, metric)
    if not text:
        return ""
    if section.mark(row, metric) == "best":
        text = f"<strong>{text}</strong>"
    ends = interval(row.cells[metric], metric)
    return f"{text} <small>({ends})</small>" if ends else text


def _cells(kind: str, texts: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{kind}>{text}</{kind}>" for text in texts) + "</tr>"
