"""Leaks: test sets whose pictures a method has seen in training, as its card states them.

The entry ``leak`` of a card is a list, separated by commas, of names in
`distinctions646.sources.datasets`.
"""

from __future__ import annotations

from collections.abc import Mapping

from distinctions646.sources.datasets import check_dataset_name, share_test_images


def read_leaks(card: Mapping[str, str]) -> tuple[str, ...]:
    """Return the datasets whose test images a card says were seen in training.

    Examples
    --------
    >>> read_leaks({"leak": "composition1k, aim-500"}), read_leaks({})
    (('composition1k', 'aim-500'), ())
    """
    names = (name.strip() for name in card.get("leak", "").split(","))
    return tuple(name for name in names if name)


def check_leaks(method: str, card: Mapping[str, str]) -> None:
    """Check that a card names datasets that the suite knows.

    Raises
    ------
    ValueError
        Naming the method, and the nearest dataset.
    """
    for name in read_leaks(card):
        try:
            check_dataset_name(name)
        except ValueError as error:
            raise ValueError(f"method {method}: leak on its card: {error}") from None


def has_leaked(card: Mapping[str, str], dataset: str) -> bool:
    """Return whether a method has seen the test images of a dataset, or of one that shares them."""
    return any(share_test_images(name, dataset) for name in read_leaks(card))
