"""The results that the tables are written from were made by the methods of this commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.methods.description import describe_method
from benchmark.methods.finding import registered
from benchmark.results.run_card import read_card

ROOT = Path(__file__).parents[1]
CARDS = sorted((ROOT / "results").glob("*-test-*/*/run.json"))


@pytest.mark.slow
@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_a_row_has_the_hash_of_its_method(path: Path) -> None:
    """Where one has not, `results/README.md` says how to measure it again."""
    card = read_card(path)
    if card["method"] not in registered():
        pytest.skip(f"{card['method']} is not registered")
    try:
        method = describe_method(card["method"], None, None)
    except ValueError as error:
        if "weights do not ship" not in str(error):
            raise
        pytest.skip(str(error))
    assert card["method_hash"] == method.method_hash
    assert not card["dirty"]
