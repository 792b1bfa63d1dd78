"""Terms under which the parts of a dataset may be used and passed on.

The sentences repeat what the owners state; they are not legal advice. A built dataset is covered
by the terms of all its parts.
"""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "nothing is known here of their terms: ask their owners"


@dataclass(frozen=True)
class Terms:
    """The terms of a dataset's parts.

    Attributes
    ----------
    foregrounds, backgrounds
        A sentence each, without a full stop.
    license
        The licence as the Hugging Face Hub names it, for the head of a card.
    may_be_public
        Whether its pixels may be published: False where the terms forbid it, None where nothing
        is known.
    """

    foregrounds: str = UNKNOWN
    backgrounds: str = UNKNOWN
    license: str = "other"
    may_be_public: bool | None = None
