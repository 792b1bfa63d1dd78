"""Cards of all methods: the same entries in the same order, with or without weights."""

from __future__ import annotations

import pytest

from benchmark.methods.finding import kinds, registered
from benchmark.methods.listing import ENTRIES, complete_card, read_card

LABELS = [label for label, _ in ENTRIES.values()]
SHIPPED = [f"onnx:{name}" for name in kinds()["onnx"].load().names() if name.islower()]


@pytest.mark.parametrize("name", [*registered(), *SHIPPED])
def test_every_method_has_a_whole_card(name):
    card = read_card(name)
    assert [label for label, _ in card][: len(LABELS)] == LABELS
    texts = dict(card)
    assert texts["fidelity"] in ("faithful", "inferred", "ours")
    assert texts["needs a trimap"] in ("yes", "no")
    assert texts["paper"] == "none" or texts["year"] in texts["paper"]
    for label in ("implementation", "licence", "trained on"):
        assert texts[label] != "not stated"


def test_entries_of_its_own_follow():
    card = complete_card({"paper": "Xu et al. 2017", "variant": "small", "leak": ""})
    assert card[0] == ("paper", "Xu et al. 2017")
    assert card[-1] == ("variant", "small")
    assert dict(card)["leak"] == "none known"
