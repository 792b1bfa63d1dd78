"""The recipes that the trainer finds by the name of a method.

A package registers a mapping of recipes by preset as an entry point in the group
``matting.recipes``::

    my-method = "package.module:PRESETS"

One preset is called ``paper``; it is the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from hattmatting.training.recipe import Recipe

GROUP = "matting.recipes"
DEFAULT = "paper"


def registered() -> dict[str, EntryPoint]:
    """Return the registered methods by name, without importing any."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP))}


def load_presets(method: str) -> Mapping[str, Recipe]:
    """Return a method's recipes by preset.

    Raises
    ------
    ValueError
        If the method has none.
    """
    known = registered()
    if method not in known:
        raise ValueError(f"method is {method!r}; expected one of {', '.join(known)}")
    presets: Mapping[str, Recipe] = known[method].load()
    return presets
