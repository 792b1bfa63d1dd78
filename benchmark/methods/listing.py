"""The cards of methods, for a reader who has to choose: same entries, same order for all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from benchmark.methods.finding import find_factory, kinds, load_method, registered

ENTRIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "paper": ("paper", "not stated"),
        "year": ("year", "not stated"),
        "needs_trimap": ("needs a trimap", "not stated"),
        "fidelity": ("fidelity", "not stated"),
        "implementation": ("implementation", "not stated"),
        "parameters": ("parameters", "not stated"),
        "gmac_512": ("GMAC at 512²", "not stated"),
        "licence": ("licence", "not stated"),
        "trained_on": ("trained on", "not stated"),
        "leak": ("leak", "none known"),
        "weights": ("weights", "none"),
    }
)
"""Label of each entry that every card shows, and what stands where a card lacks it."""
_COLUMN = 16


def list_cards() -> str:
    """Return every registered method's card, a block of lines each."""
    return "\n\n".join(
        "\n".join([name, *(f"  {key:{_COLUMN - 1}} {text}" for key, text in read_card(name))])
        for name in (*registered(), *_of_kinds())
    )


def read_card(name: str) -> list[tuple[str, str]]:
    """Return labels and texts of a method's card, without weights where none ship.

    A method that cannot be built without weights has the card of its class or of its kind.
    """
    try:
        method = load_method(name)
    except ValueError as error:
        return _card_without_weights(name, str(error))
    return complete_card(method.card, needs_trimap=method.needs_trimap)


def _card_without_weights(name: str, error: str) -> list[tuple[str, str]]:
    """Return the card of a method's class, or what its module says of it."""
    kind, _, argument = name.partition(":")
    factory = kinds()[kind].load() if kind in kinds() else find_factory(name)
    describe = getattr(import_module(factory.__module__), "describe", None)
    if describe is not None:
        return complete_card(describe(argument or name))
    card = getattr(factory, "card", {"weights": error})
    return complete_card(card, needs_trimap=getattr(factory, "needs_trimap", None))


def complete_card(
    card: Mapping[str, str], *, needs_trimap: bool | None = None
) -> list[tuple[str, str]]:
    """Return the labels and texts of a card: `ENTRIES` in their order, then those of its own.

    Parameters
    ----------
    card
        As a method has it.
    needs_trimap
        Whether it takes one; None leaves it to the card.

    Examples
    --------
    >>> complete_card({"paper": "Xu et al. 2017", "variant": "small"}, needs_trimap=True)[2]
    ('needs a trimap', 'yes')
    """
    given = {name: text for name, text in card.items() if text}
    if needs_trimap is not None:
        given["needs_trimap"] = "yes" if needs_trimap else "no"
    shown = [(label, given.pop(name, missing)) for name, (label, missing) in ENTRIES.items()]
    return shown + [(name.replace("_", " "), text) for name, text in given.items()]


def _of_kinds() -> list[str]:
    """Return the named methods of each kind; ``FILE…`` among its names stands for a user's file."""
    return [
        f"{kind}:{name}"
        for kind, entry in kinds().items()
        for name in entry.load().names()
        if not name.startswith("FILE")
    ]
