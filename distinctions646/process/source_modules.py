"""What modules define and import, read from their sources without importing them."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Locate = Callable[[str], Path | None]
"""Returns the file of a module by its dotted name, or None for one that does not count."""

# Decorators of these modules change a definition and register nothing.
_PURE_DECORATORS = ("abc", "contextlib", "dataclasses", "functools", "numba", "torch", "typing")
_PURE_BUILTINS = ("property", "staticmethod", "classmethod")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Module:
    """A source file.

    Attributes
    ----------
    name
        Dotted.
    package
        Dotted; what its relative imports start from.
    definitions
        The statements that bind each name: functions, classes and assignments.
    imports
        Local name to the dotted name that it stands for.
    effects
        Statements that do more than bind names: calls, loops, conditions, registrations.
    imported
        Dotted names of what is imported when this module is.
    stars
        Modules whose every name is imported.
    """

    name: str
    package: str = ""
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)


def locate_module(root: Path, name: str) -> Path | None:
    """Return the file of a module below a folder, or None.

    Parameters
    ----------
    root
        A folder as on ``sys.path``.
    name
        Dotted name; a package's file is its ``__init__.py``.
    """
    base = root.joinpath(*name.split("."))
    candidates = (base / "__init__.py", base.with_name(f"{base.name}.py"))
    return next((path for path in candidates if path.is_file()), None)


def read_module(name: str, path: Path) -> Module:
    """Parse a source file.

    Parameters
    ----------
    name
        Dotted name of the module.
    path
        Its file; a stub ``__init__.pyi`` beside it gives the names that a package hands on lazily.

    Returns
    -------
    Module
        What it defines and imports.

    Raises
    ------
    ValueError
        If the file is not valid Python.
    OSError
        If it cannot be read.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    module = Module(name, package)
    for statement in _parse(path).body:
        _add(module, statement, package)
    stub = path.with_suffix(".pyi")
    if stub.is_file():
        for statement in _parse(stub).body:
            for local, dotted in imported_names(statement, package).items():
                if local not in module.definitions:
                    module.imports.setdefault(local, dotted)
    return module


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_bytes())
    except SyntaxError as error:
        raise ValueError(f"{path}: line {error.lineno} is not valid Python: {error.msg}") from error


def _add(module: Module, statement: ast.stmt, package: str) -> None:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        names = imported_names(statement, package)
        module.stars += [dotted[:-2] for local, dotted in names.items() if local == "*"]
        module.imports |= {local: dotted for local, dotted in names.items() if local != "*"}
        module.imported += imported_modules(statement, package)
    elif is_idle(statement):
        # What only a type checker reads still tells where a name of an annotation comes from.
        for nested in statement.body if isinstance(statement, ast.If) else ():
            for local, dotted in imported_names(nested, package).items():
                module.imports.setdefault(local, dotted)
    elif _only_binds(statement, module):
        for name in bound_names([statement], package):
            module.definitions.setdefault(name, []).append(statement)
    else:
        module.effects.append(statement)
        for name, origin in bound_names([statement], package).items():
            if origin is not None:
                module.imports.setdefault(name, origin)
            else:
                module.definitions.setdefault(name, []).append(statement)


def is_idle(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing in an imported module: docstrings, ``pass``, guards."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.If) and not statement.orelse:
        condition = ast.unparse(statement.test)
        return condition in ("TYPE_CHECKING", "typing.TYPE_CHECKING") or (
            condition.startswith("__name__ == ")
        )
    return isinstance(statement, ast.Pass)


def _only_binds(statement: ast.stmt, module: Module) -> bool:
    if isinstance(statement, _DEFINITIONS):
        return all(_is_pure(decorator, module) for decorator in statement.decorator_list)
    if isinstance(statement, ast.AnnAssign):
        return isinstance(statement.target, ast.Name)
    if isinstance(statement, ast.Assign):
        return all(isinstance(node, (ast.Name, ast.Tuple, ast.List)) for node in statement.targets)
    return isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name)


def _is_pure(decorator: ast.expr, module: Module) -> bool:
    base = decorator
    while isinstance(base, (ast.Call, ast.Attribute)):
        base = base.func if isinstance(base, ast.Call) else base.value
    if not isinstance(base, ast.Name):
        return False
    origin = module.imports.get(base.id)
    if origin is None:
        return base.id in _PURE_BUILTINS
    return origin.partition(".")[0] in _PURE_DECORATORS


def imported_names(statement: ast.stmt, package: str) -> dict[str, str]:
    """Return the local names that an import binds, each with the dotted name that it stands for.

    Parameters
    ----------
    statement
        Any statement; one that is no import binds none.
    package
        What a relative import starts from.
    """
    if isinstance(statement, ast.Import):
        names = {}
        for alias in statement.names:  # `import a.b` binds a
            first = alias.name.partition(".")[0]
            names[alias.asname or first] = alias.name if alias.asname else first
        return names
    if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
        base = _base(statement, package)
        return {alias.asname or alias.name: f"{base}.{alias.name}" for alias in statement.names}
    return {}


def imported_modules(statement: ast.stmt, package: str) -> list[str]:
    """Return the dotted names that an import may load: of ``from a import b`` a and a.b."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        base = _base(statement, package)
        return [base, *(f"{base}.{alias.name}" for alias in statement.names)]
    return []


def _base(statement: ast.ImportFrom, package: str) -> str:
    base = "." * statement.level + (statement.module or "")
    return importlib.util.resolve_name(base, package) if statement.level else base


def bound_names(nodes: Iterable[ast.AST], package: str) -> dict[str, str | None]:
    """Return the names that code binds in its own scope, in order.

    Parameters
    ----------
    nodes
        Statements, or the targets of a comprehension.
    package
        What a relative import starts from.

    Returns
    -------
    dict
        Name to the dotted name of an import, or to None. Names declared ``global`` or ``nonlocal``
        are not the scope's own.
    """
    bound: dict[str, str | None] = {}
    outer: set[str] = set()
    for node in _same_scope(nodes):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            bound.setdefault(node.id)
        elif isinstance(node, _DEFINITIONS):
            bound.setdefault(node.name)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            bound.setdefault(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.setdefault(node.rest)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= imported_names(node, package)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            outer |= set(node.names)
    return {name: dotted for name, dotted in bound.items() if name not in outer}


def _same_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        yield node
        if isinstance(node, _COMPREHENSIONS):
            # A walrus in a comprehension binds a name of the scope around it.
            yield from (one.target for one in ast.walk(node) if isinstance(one, ast.NamedExpr))
        elif not isinstance(node, (*_DEFINITIONS, ast.Lambda, ast.Name, ast.Constant)):
            yield from _same_scope(ast.iter_child_nodes(node))
