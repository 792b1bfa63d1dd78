"""Numbers read in papers and repositories, each with its source: ``numbers.csv`` and its reader."""

from benchmark.board.published.reader import NUMBERS, Published, published_beside, read_published

__all__ = ["NUMBERS", "Published", "published_beside", "read_published"]
