"""The structure of the packages: entries, floors, imports between entries, circles.

    python -m tests.structure --revision REVISION
    python -m tests.structure --fill docs/design.md

An entry (room, in the code) is a file or folder directly in a package. An import is a pair of
entries, or of files in different entries, of one package; type-checking and lazy imports count.
A circle is a set of entries that import each other. An entry's floor is one above the highest that
it imports from.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from perf.documents import fill

ROOT = Path(__file__).parents[1]
PACKAGES = ("distinctions646", "benchmark", "baselines", "hattmatting", "renderer", "perf")


@dataclass(frozen=True)
class Tree:
    """The Python files of a checkout.

    Attributes
    ----------
    sources
        Text by path from the root, with forward slashes.
    """

    sources: Mapping[str, str]

    @cached_property
    def imports(self) -> set[tuple[str, str]]:
        """Return the pairs of files of which the first imports the second."""
        modules = {module_name(path): path for path in self.sources}
        pairs = set()
        for path, text in self.sources.items():
            for name in imported_names(text, path):
                target = _longest_known(name, modules)
                if target is not None and target != path:
                    pairs.add((path, target))
        return pairs

    def files(self, package: str) -> list[str]:
        """Return the paths of a package's files."""
        return [path for path in self.sources if path.startswith(f"{package}/")]

    def rooms(self, package: str) -> set[str]:
        """Return the names of a package's rooms; its own ``__init__`` is none."""
        return {room_of(path) for path in self.files(package)} - {"__init__"}

    def room_imports(self, package: str) -> set[tuple[str, str]]:
        """Return the pairs of rooms of one package of which the first imports the second."""
        return {(room_of(a), room_of(b)) for a, b in self._across(package)}

    def file_imports(self, package: str) -> int:
        """Return how many pairs of files in different rooms of one package there are."""
        return len(self._across(package))

    def _across(self, package: str) -> list[tuple[str, str]]:
        inside = f"{package}/"
        return [
            (a, b)
            for a, b in self.imports
            if a.startswith(inside)
            and b.startswith(inside)
            and room_of(a) != room_of(b)
            and "__init__" not in (room_of(a), room_of(b))
        ]


def working_tree() -> Tree:
    """Read the files as they lie in the checkout."""
    return Tree(
        {
            path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
            for package in PACKAGES
            for path in sorted((ROOT / package).rglob("*.py"))
        }
    )


def tree_of(revision: str) -> Tree:
    """Read the files of a git revision.

    Raises
    ------
    ValueError
        If git does not know it.
    """
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", revision]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise ValueError(f"--revision {revision}: {done.stderr.decode().strip()}")
    sources = {}
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        for member in archive:
            if member.name.endswith(".py") and member.name.split("/")[0] in PACKAGES:
                file = archive.extractfile(member)
                sources[member.name] = file.read().decode() if file else ""
    return Tree(sources)


def module_name(path: str) -> str:
    """Return the dotted name of a file.

    >>> module_name("benchmark/metrics/__init__.py"), module_name("benchmark/run.py")
    ('benchmark.metrics', 'benchmark.run')
    """
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def room_of(path: str) -> str:
    """Return the room of a file: the name directly below the package.

    >>> room_of("benchmark/metrics/conn.py"), room_of("benchmark/run.py")
    ('metrics', 'run')
    """
    return PurePosixPath(path).parts[1].removesuffix(".py")


def imported_names(text: str, path: str) -> Iterable[str]:
    """Return the dotted names that a file imports, at its top and inside functions."""
    package = module_name(path).split(".")
    if not path.endswith("/__init__.py"):
        package = package[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _longest_known(name: str, modules: Mapping[str, str]) -> str | None:
    while name:
        if name in modules:
            return modules[name]
        name = name.rpartition(".")[0]
    return None


def circles(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the sets of names that reach each other (strongly connected, more than one).

    >>> circles([("a", "b"), ("b", "c"), ("c", "b")])
    [['b', 'c']]
    """
    after: dict[str, set[str]] = {}
    for first, second in pairs:
        after.setdefault(first, set()).add(second)
        after.setdefault(second, set())
    reach = {name: _reached(name, after) for name in after}
    found = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in after
        if name in reach[name]
    }
    return [list(names) for names in sorted(found)]


def floors(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the floor of each name, 1 for what imports nothing; a circle shares one floor.

    >>> floors("abc", [("a", "b"), ("b", "c")])
    {'a': 3, 'b': 2, 'c': 1}
    """
    pairs = list(pairs)
    together = {name: group[0] for group in circles(pairs) for name in group}
    after: dict[str, set[str]] = {together.get(name, name): set() for name in names}
    for first, second in pairs:
        a, b = together.get(first, first), together.get(second, second)
        if a != b:
            after.setdefault(a, set()).add(b)
            after.setdefault(b, set())

    height: dict[str, int] = {}

    def floor(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((floor(below) for below in after[name]), default=0)
        return height[name]

    return {name: floor(together.get(name, name)) for name in names}


def _reached(start: str, after: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(after[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(after[name])
    return seen


def table(tree: Tree) -> str:
    """Return a Markdown table, one row per package."""
    lines = [
        "| package | files | entries | floors | imports between entries | of files | circles |",
        "|:--|--:|--:|--:|--:|--:|--:|",
    ]
    for package in PACKAGES:
        rooms, pairs = tree.rooms(package), tree.room_imports(package)
        if not rooms:
            continue
        cells = (
            package,
            len(tree.files(package)),
            len(rooms),
            max(floors(rooms, pairs).values()),
            len(pairs),
            tree.file_imports(package),
            len(circles(pairs)),
        )
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.structure",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--revision", help="a git revision; default: the files as they lie here")
    parser.add_argument("--fill", type=Path, help="document whose table is replaced")
    options = parser.parse_args()
    try:
        tree = tree_of(options.revision) if options.revision else working_tree()
        if options.fill:
            fill(options.fill, {"structure": table(tree)})
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(table(tree))
    for package in PACKAGES:
        for group in circles(tree.room_imports(package)):
            sys.stdout.write(f"circle in {package}: {', '.join(group)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
