"""The code that a method is made of: what it uses of its own package and of the suite's.

It is found by reading sources, so nothing is imported. Libraries do not count; their versions are
in the run card.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distinctions646.process.source_digest import source_digest
from distinctions646.process.source_modules import Locate, locate_module, read_module

SUITE = ("distinctions646", "benchmark", "baselines", "hattmatting")
"""Packages that count for every method that imports them."""
_INSTALLED = ("site-packages", "dist-packages")
_WITHOUT = {"card", "memory_needs"}  # attributes that change nothing about mattes


def code_digest(kind: Callable[..., Any]) -> str:
    """Hash what a class or function does, whatever its modules and files are called.

    Comments, docstrings, formatting, the text of method cards and `memory_needs` do not count.

    Parameters
    ----------
    kind
        The class of a method, or a function that makes one.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    module, file = kind.__module__, Path(inspect.getfile(kind)).resolve()
    return source_digest(_roots(kind, module, file), find_sources(module, file), _WITHOUT)


def find_sources(module: str, file: Path) -> Locate:
    """Return the function that locates the modules which count for a method.

    Parameters
    ----------
    module
        Dotted name of the method's module.
    file
        Its file. Of a module that is in no package, the modules beside it count as its own
        package, unless it is installed among others.
    """
    own_package = module.partition(".")[0]
    is_package = file.name == "__init__.py"
    root = file.parents[module.count(".") + is_package]
    alone = "." not in module and not is_package
    neighbours = alone and set(_INSTALLED).isdisjoint(root.parts)

    def locate(name: str) -> Path | None:
        if name == module:
            return file
        package = name.partition(".")[0]
        if neighbours or (package == own_package and not alone):
            path = locate_module(root, name)
            if path is not None:
                return path
        return locate_module(_suite_root(package), name) if package in SUITE else None

    return locate


def _roots(kind: Callable[..., Any], module: str, file: Path) -> list[str]:
    """Return the definition of a class; of one made at run time, all definitions of its module."""
    name = kind.__qualname__.partition(".")[0]
    definitions = read_module(module, file).definitions
    return [f"{module}:{each}" for each in ([name] if name in definitions else definitions)]


def _suite_root(package: str) -> Path:
    """Return the folder that a package of the suite is in."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ValueError(f"package {package} of the suite is not installed")
    return Path(spec.origin).parents[1]
