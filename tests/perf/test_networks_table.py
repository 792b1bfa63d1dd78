"""The documentation's table of the learned methods' sizes is what the networks have."""

from __future__ import annotations

from pathlib import Path

import pytest

from perf.baselines.networks import learned_methods, sizes

DOCUMENT = Path(__file__).parents[2] / "docs" / "learned.md"


@pytest.mark.slow
def test_the_table_of_sizes_is_current() -> None:
    assert sizes().strip() in DOCUMENT.read_text(encoding="utf-8")


def test_the_document_names_every_learned_method() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in learned_methods() if f"`{name}`" not in text] == []
