"""Numbers printed in papers and repositories, each with its source.

To add one, add a line to ``numbers.csv``; `read_published` checks it.
"""

from benchmark.board.published.counterparts import find_counterpart, is_in_paper
from benchmark.board.published.reader import NUMBERS, Published, published_beside, read_published

__all__ = [
    "NUMBERS",
    "Published",
    "find_counterpart",
    "is_in_paper",
    "published_beside",
    "read_published",
]
