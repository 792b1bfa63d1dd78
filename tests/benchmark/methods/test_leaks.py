"""Leaks on cards: datasets by the suite's names, and which test sets they spoil."""

from __future__ import annotations

import pytest

from baselines.trivial import Constant
from benchmark.methods import finding
from benchmark.methods.leaks import check_leaks, has_leaked, read_leaks


class Leaky(Constant):
    """A method whose card may be changed."""

    name = "leaky"


SPEC = f"{__name__}:Leaky"


@pytest.mark.parametrize(
    ("leak", "dataset", "expected"),
    [
        ("composition1k", "composition1k", True),
        ("composition1k", "composition1k-cleaned", True),
        ("composition1k", "distinctions646", False),
        ("aim-500, distinctions646", "distinctions646-github80", True),
        ("distinctions646-github80", "distinctions646", True),
        ("alphamatting-low", "alphamatting-high", False),  # a card names each
        ("", "mini", False),
    ],
)
def test_which_test_sets_a_leak_spoils(leak, dataset, expected):
    assert has_leaked({"leak": leak}, dataset) == expected


def test_names_are_split_at_commas():
    assert read_leaks({"leak": " aim-500 ,composition1k,"}) == ("aim-500", "composition1k")


def test_a_typo_is_refused_with_the_nearest_name(monkeypatch):
    with pytest.raises(ValueError, match=r"method x: leak .* did you mean 'composition1k'\?"):
        check_leaks("x", {"leak": "composition-1k"})
    with pytest.raises(ValueError, match=r"no dataset 'zzz'; known: mini, composition1k"):
        check_leaks("x", {"leak": "zzz"})
    monkeypatch.setattr(Leaky, "card", Constant.card | {"leak": "Distinctions-646"})
    with pytest.raises(ValueError, match=r"leaky|Leaky.*did you mean 'distinctions646'\?"):
        finding.load_method(SPEC)
