"""The cards of all registered methods, for a reader who has to choose."""

from __future__ import annotations

from collections.abc import Mapping

from benchmark.methods.finding import kinds, load_method, registered

_COLUMN = 16


def list_cards() -> str:
    """Return every registered method's card, a block of lines each."""
    return "\n\n".join(
        "\n".join(
            [name, *(f"  {key:{_COLUMN - 1}} {text}" for key, text in read_card(name).items())]
        )
        for name in (*registered(), *_of_kinds())
    )


def read_card(name: str) -> Mapping[str, str]:
    """Return a method's card, without weights where none ship.

    A method that cannot be built without weights has the card of its class, if that has one, or
    says what it wants.
    """
    try:
        return load_method(name).card
    except ValueError as error:
        entry = registered().get(name)
        card: Mapping[str, str] | None = None
        if entry is not None:
            card = getattr(entry.load(), "card", None)
        return {"weights": str(error)} if card is None else card


def _of_kinds() -> list[str]:
    """Return the named methods of each kind; ``FILE…`` among its names stands for a user's file."""
    return [
        f"{kind}:{name}"
        for kind, entry in kinds().items()
        for name in entry.load().names()
        if not name.startswith("FILE")
    ]
