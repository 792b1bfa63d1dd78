"""The dotted names that docstrings and documents put in backticks, and whether they exist.

A name such as ``benchmark.metrics.registry.TABLE`` must be a module of ours or a name in one. In a
docstring a short one in single backticks counts as well: ``registry.TABLE`` for any module of that
name, ``Metric.load`` for a class of ours, ``config.out`` for a name of the same file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure import PACKAGES, ROOT, Tree, module_name

_DOTTED = re.compile(r"(`{1,2})([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\1(?!`)")
_FILES = (
    "csv",
    "html",
    "json",
    "m",
    "md",
    "parquet",
    "pdf",
    "png",
    "pt",
    "py",
    "safetensors",
    "onnx",
)
_LIBRARIES = ("datasets", "numpy", "os", "PIL", "skimage", "torch", "torchmetrics")


class Names:
    """The modules of a tree and the names that each defines or imports."""

    def __init__(self, tree: Tree) -> None:
        self.defined = {module_name(path): _names(text) for path, text in tree.sources.items()}
        for path in tree.sources:
            stub = (ROOT / path).with_suffix(".pyi")
            if stub.is_file():
                self.defined[module_name(path)] |= _names(stub.read_text(encoding="utf-8"))
        self.everywhere = set().union(*self.defined.values())
        self.folders = {
            module.rsplit(".", cut)[0]
            for module in self.defined
            for cut in range(module.count(".") + 1)
        }

    def exists(self, name: str) -> bool:
        """Return whether a full dotted name is a module, or begins with one that defines the rest.

        Attributes of a class are not looked at.
        """
        parts = name.split(".")
        if name in self.folders:
            return True
        for end in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:end])
            if module in self.folders:
                return parts[end] in self.defined.get(module, ())
        return False

    def exists_short(self, name: str, path: str) -> bool:
        """Return whether a name in a docstring of a file is clear without its package."""
        head = name.split(".")[0]
        heads = [module for module in self.folders if f".{module}".endswith(f".{head}")]
        rest = name.removeprefix(head)
        if any(self.exists(module + rest) for module in heads):
            return True
        if head in self.defined[module_name(path)] or head in _LIBRARIES:
            return True
        return head[0].isupper() and head in self.everywhere


def _names(text: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.arg():
                names.add(node.arg)
            case ast.Import() | ast.ImportFrom():
                names |= {(one.asname or one.name).split(".")[0] for one in node.names}
    return names


def stale_in_docstrings(tree: Tree, names: Names) -> Iterator[str]:
    """Yield ``path: name`` for each name in a docstring that does not exist."""
    for path, text in tree.sources.items():
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                continue
            for ticks, name in _DOTTED.findall(ast.get_docstring(node) or ""):
                if name.split(".")[-1] in _FILES:
                    continue
                full = name.split(".")[0] in PACKAGES
                short = ticks == "`" and not full
                if (full and not names.exists(name)) or (
                    short and not names.exists_short(name, path)
                ):
                    yield f"{path}: {name}"


def stale_in_documents(documents: list[Path], names: Names) -> Iterator[str]:
    """Yield ``path: name`` for each full name in a Markdown file that does not exist."""
    for path in documents:
        for _, name in _DOTTED.findall(path.read_text(encoding="utf-8")):
            if name.split(".")[0] in PACKAGES and name.split(".")[-1] not in _FILES:
                if not names.exists(name):
                    yield f"{path.name}: {name}"
