"""The source files that a method is made of: its module, and what that imports of its own package.

Found by reading import statements, so that nothing is imported; imports made by name at run time
(``importlib``) stay unseen.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

_INSTALLED = ("site-packages", "dist-packages")


def source_files(kind: type) -> dict[str, Path]:
    """Find the modules of a class's own package that its module imports, however indirectly.

    Parameters
    ----------
    kind
        The class of a method.

    Returns
    -------
    dict
        Module name to file, sorted by name. Of a module that is in no package, what lies beside it
        counts as its own package, unless it is installed among others.
    """
    start, file = kind.__module__, Path(inspect.getfile(kind)).resolve()
    if start == "__main__":
        return {start: file}
    root = file.parents[start.count(".") + (file.name == "__init__.py")]
    alone = "." not in start and file.name != "__init__.py"
    found: dict[str, Path] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        path = _locate(root, name)
        if path is None or name in found:
            continue
        found[name] = path
        if alone and not set(_INSTALLED).isdisjoint(root.parts):
            continue
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        own = name.partition(".")[0] if not alone else None
        for wanted in _imports(path, package):
            if own in (None, wanted.partition(".")[0]):
                waiting += _with_parents(wanted)
    return dict(sorted(found.items()))


def _locate(root: Path, name: str) -> Path | None:
    base = root.joinpath(*name.split("."))
    places = (base.with_name(f"{base.name}.py"), base / "__init__.py")
    return next((place for place in places if place.is_file()), None)


def _with_parents(name: str) -> list[str]:
    """Return a module and the packages around it, whose ``__init__`` runs first."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _imports(path: Path, package: str) -> Iterator[str]:
    """Yield every module that a file may import; of ``from a import b`` both a and a.b."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            if node.level:
                base = importlib.util.resolve_name(base, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
