"""Import single files of programs that lie outside this repository, without installing them."""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np


class _Permissive(type):
    """A class whose every attribute is a call that hands back what it decorates."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: lambda decorated: decorated


class _EmptyModule(types.ModuleType):
    """A package that was named as absent: it has every name, and none does anything."""

    __path__: list[str] = []  # noqa: RUF012  (what the import system expects of a package)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Permissive(name, (), {})


class _EmptyPackages:
    """An import hook that gives empty modules for packages named as absent."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if any(name == absent or name.startswith(f"{absent}.") for absent in self.names):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


@functools.cache
def load_file(
    checkout: Path,
    file: str,
    absent: tuple[str, ...] = (),
    instead: tuple[tuple[str, str], ...] = (),
) -> types.ModuleType:
    """Import one file of a checkout.

    The folders above it become packages whose ``__init__`` is not run, so that relative imports
    work and the rest of the program is not needed.

    Parameters
    ----------
    checkout
        Root of the other program.
    file
        Path of the Python file below it.
    absent
        Packages that the file imports and does not need for what is called.
    instead
        Pairs of a package and the one file that stands for it, where its ``__init__`` would
        import too much.

    Returns
    -------
    module
        The imported file.

    Raises
    ------
    ValueError
        If there is no such file.
    """
    path = checkout / file
    if not path.is_file():
        raise ValueError(f"{path}: no such file; expected a checkout that has {file}")
    sys.meta_path.insert(0, _EmptyPackages(absent))  # type: ignore[arg-type]
    parts = Path(file).with_suffix("").parts
    for depth in range(1, len(parts)):
        package = types.ModuleType(".".join(parts[:depth]))
        package.__path__ = [str(checkout.joinpath(*parts[:depth]))]
        sys.modules.setdefault(package.__name__, package)
    for package_name, substitute in instead:
        _run(package_name, checkout / substitute)
    return _run(".".join(parts), path)


def _run(name: str, path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def resolve(module: types.ModuleType, name: str) -> Any:
    """Return a function of a module, or the method of a fresh object for ``Class.method``."""
    if "." not in name:
        return getattr(module, name)
    class_name, method = name.split(".", 1)
    return getattr(getattr(module, class_name)(), method)


def restore_numpy_names() -> None:
    """Give NumPy the names back that it dropped in 1.24 and that older programs still use."""
    for name, replacement in (("int", int), ("float", float), ("bool", bool)):
        if name not in vars(np):
            setattr(np, name, replacement)
