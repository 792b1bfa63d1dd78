"""One part of a work list, for a cluster: ``i/n``, or the numbers that SLURM gives its job array.

A part is what one process does: of a build (``--shard``), or of a benchmark run (its rank).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SLURM = "slurm"
SETTINGS = "settings.json"
"""File beside parts, with what they all have in common."""
PAIRING = "pairing"
"""The setting of parts that is a hash."""
_REMOVE = (
    "expected the same settings for every part: give these again, or remove that to begin anew"
)


@dataclass(frozen=True)
class Part:
    """Every `count`-th item of a work list, from number `index` on.

    Attributes
    ----------
    index
        Number of the part, from 0.
    count
        Number of parts.
    """

    index: int
    count: int

    def of(self, items: int) -> range:
        """Return the positions of the part's items in a list of `items`."""
        return range(self.index, items, self.count)

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


def parse_part(text: str, environment: Mapping[str, str]) -> Part:
    """Return the part that a process does.

    Parameters
    ----------
    text
        ``"i/n"`` with i from 0 to n - 1, or ``"slurm"``.
    environment
        Environment variables of the process, in which SLURM sets ``SLURM_ARRAY_TASK_ID`` and
        related ones.

    Returns
    -------
    Part
        Its number and the number of parts.

    Raises
    ------
    ValueError
        If it is neither, or SLURM's variables are missing or leave gaps between the numbers.

    Examples
    --------
    >>> parse_part("2/8", {})
    Part(index=2, count=8)
    """
    if text == SLURM:
        return _slurm_part(environment)
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None:
        raise ValueError(f"--shard is {text!r}; expected i/n, such as 0/8, or {SLURM}")
    index, count = int(match[1]), int(match[2])
    if index >= count:
        wanted = f"0/{count} to {count - 1}/{count}" if count else "i/n with n of 1 or more"
        raise ValueError(f"--shard is {text}; expected {wanted}")
    return Part(index, count)


def _slurm_part(environment: Mapping[str, str]) -> Part:
    numbers = {}
    for name in ("ID", "MIN", "MAX", "COUNT"):
        variable = f"SLURM_ARRAY_TASK_{name}"
        value = environment.get(variable, "")
        if not value.isdecimal():
            came = f"is {value!r}" if value else "is not set"
            raise ValueError(f"{variable} {came}; expected a job array, as of sbatch --array=0-7")
        numbers[name] = int(value)
    step, rest = divmod(numbers["MAX"] - numbers["MIN"], max(numbers["COUNT"] - 1, 1))
    index, off = divmod(numbers["ID"] - numbers["MIN"], step or 1)
    if rest or off or index >= numbers["COUNT"]:
        raise ValueError(
            "the job array has gaps: it would leave shards undone; "
            "expected consecutive numbers, as of sbatch --array=0-7"
        )
    return Part(index, numbers["COUNT"])


def refuse_other_settings(place: object, held: str, wanted: Mapping[str, Any]) -> None:
    """Refuse to join parts of a build of other settings.

    Parameters
    ----------
    place
        Where the parts are, for the message.
    held
        Settings of what is there, as `settings_text` writes them.
    wanted
        Those of the part that is to join.

    Raises
    ------
    ValueError
        Naming what differs, in both.
    """
    try:
        there = json.loads(held)
    except ValueError:
        there = None
    if not isinstance(there, dict):
        raise ValueError(f"{place}: holds parts of a build with damaged settings; {_REMOVE}")
    wanted = json.loads(settings_text(wanted))
    names = [
        name for name in dict.fromkeys((*wanted, *there)) if wanted.get(name) != there.get(name)
    ]
    plain = [
        f"{name} {_shown(there.get(name))}, not {_shown(wanted.get(name))}"
        for name in names
        if name != PAIRING  # it differs with the others
    ]
    if names:
        differences = "; ".join(plain) or "another pairing of sources"
        raise ValueError(f"{place}: holds parts of a build with {differences}; {_REMOVE}")


def settings_text(settings: Mapping[str, Any]) -> str:
    """Return settings as they lie beside parts."""
    return json.dumps(settings, sort_keys=True)


def _shown(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
