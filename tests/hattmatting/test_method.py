"""HAttMatting as a method of the benchmark: what its card says."""

from __future__ import annotations

import pytest

from hattmatting.method import GMAC_512, SHIPPED, Hatt, count_gmac_512
from hattmatting.model.network import HAttMatting
from hattmatting.model.pretrained import CHECKPOINTS


@pytest.mark.parametrize("name", SHIPPED)
def test_cards_have_the_multiply_adds_that_are_counted(name: str) -> None:
    model = HAttMatting.from_pretrained(CHECKPOINTS / name)
    assert count_gmac_512(model) == pytest.approx(GMAC_512[name], abs=0.051)


def test_describing_what_ships_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting takes longer than all else that is done before the first image."""

    def refuse(_: object) -> float:
        raise AssertionError

    monkeypatch.setattr("hattmatting.method.count_gmac_512", refuse)
    assert Hatt().card["gmac_512"] == f"{GMAC_512['hatt-lite']:.1f}"
