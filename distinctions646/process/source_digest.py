"""A hash of what code does, which moves, renames, comments and docstrings leave as it is.

`source_digest` starts at a function or class and follows the names it uses to their definitions,
through imports. It numbers the definitions in the order in which it meets them and hashes their
syntax trees, with each reference replaced by the number of its definition. So the hash knows
neither files nor the names of modules, functions, classes and constants, and code that the
definition does not use does not count.

Kept: names of attributes, arguments, local variables and third-party modules; the order of
statements; all constants. Left out: comments, docstrings, annotations of arguments and results,
what an error says when it is raised, blocks under ``TYPE_CHECKING`` and ``__name__ ==
"__main__"``.

Statements of the imported modules that do more than define (calls, loops, decorators that may
register something) also count. Where code looks at itself by name (``globals``,
``__subclasses__``), all of every imported module counts. A module imported by a name put together
at run time is not seen, nor are data files.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from distinctions646.process.source_modules import (
    Locate,
    Module,
    bound_names,
    imported_modules,
    is_idle,
    read_module,
)

# Whoever uses one of these may reach a definition that no name in the source leads to.
_BY_NAME = ("globals", "vars", "eval", "exec")
_BY_CLASS = ("__subclasses__", "__init_subclass__")
_LEFT_OUT = ("ctx", "type_comment", "kind")
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def source_digest(roots: Iterable[str], locate: Locate, without: Collection[str] = ()) -> str:
    """Hash what some functions or classes do, whatever files they are in.

    Parameters
    ----------
    roots
        As ``package.module:name``; a dotted name stands for the definition around it.
    locate
        Returns the file of a module that counts, by its dotted name, and None for any other, as
        `source_modules.locate_module` does.
    without
        Attributes of classes and of ``self`` whose assignments do not count.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ValueError
        If there is no such definition, or a file is not valid Python.
    OSError
        If a file cannot be read.
    """
    digest = hashlib.sha256()
    for text in _Reader(locate, without).read(roots):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


class _Reader:
    """Reads definitions in the order in which they are met."""

    def __init__(self, locate: Locate, without: Collection[str] = ()) -> None:
        self._locate = locate
        self._without = without
        self._modules: dict[str, Module | None] = {}
        self._numbers: dict[tuple[str, str], int] = {}  # (module, name) in the order of meeting
        self._loaded: dict[str, Module] = {}  # whatever an import runs
        self._module = Module("")
        self._package = ""
        self._scopes: list[tuple[bool, dict[str, str | None]]] = []  # is it a class; its names
        self._by_name = False

    def read(self, roots: Iterable[str]) -> Iterator[str]:
        for root in roots:
            name, _, definition = root.partition(":")
            module = self._find(name)
            definition = definition.partition(".")[0]
            if module is None or definition not in module.definitions:
                raise ValueError(f"{root}: no such definition")
            self._number(module, definition)
        done, ran = 0, set[int]()
        while True:
            for name, definition in list(self._numbers)[done:]:
                definer = self._modules[name]
                assert definer is not None
                yield self._texts(definer, definer.definitions[definition])
                done += 1
            effects = [effect for effect in self._effects() if id(effect[1]) not in ran]
            if done < len(self._numbers):
                continue  # definitions first, so that their numbers do not depend on the effects
            if not effects:
                return
            for runner, statement in effects:
                ran.add(id(statement))
                yield self._texts(runner, [statement])

    def _effects(self) -> list[tuple[Module, ast.stmt]]:
        """List what the loaded modules do when they are imported, in an order without names."""
        if self._by_name:
            for module in list(self._loaded.values()):
                self._number_all(module)
        effects = [(module, one) for module in self._loaded.values() for one in module.effects]
        return sorted(effects, key=lambda effect: ast.unparse(effect[1]))

    def _texts(self, module: Module, statements: list[ast.stmt]) -> str:
        self._load(module.name)
        self._module, self._package = module, module.package
        return self._text(statements)

    # Modules and references

    def _find(self, name: str) -> Module | None:
        if name not in self._modules:
            path = self._locate(name)
            self._modules[name] = None if path is None else read_module(name, path)
        return self._modules[name]

    def _load(self, dotted: str) -> None:
        """Note that a module runs, with the packages around it and all that they import."""
        parts = dotted.split(".")
        for end in range(1, len(parts) + 1):
            module = self._find(".".join(parts[:end]))
            if module is not None and module.name not in self._loaded:
                self._loaded[module.name] = module
                for imported in module.imported:
                    self._load(imported)

    def _number(self, module: Module, name: str) -> str:
        return f"@{self._numbers.setdefault((module.name, name), len(self._numbers))}"

    def _number_all(self, module: Module) -> str:
        self._load(module.name)
        names = [name for name in module.definitions if name != "__all__"]
        return f"@[{','.join(self._number(module, name) for name in names)}]"

    def _follow(self, parts: list[str]) -> str:
        """Return what stands for a dotted name: numbers for ours, the name itself for others'."""
        module, place = self._nearest(parts, 0)
        if module is None:
            return ".".join(parts)
        while place < len(parts):
            name, rest = parts[place], parts[place + 1 :]
            if name in module.definitions:
                return ".".join([self._number(module, name), *rest])
            inner = f"{module.name}.{name}"
            if module.imports.get(name, inner) != inner:
                return self._follow([*module.imports[name].split("."), *rest])
            below, below_place = self._nearest(parts, place)
            if below is None:
                star = self._star(module, name)
                if star is not None:
                    return self._follow([*star, name, *rest])
                return ".".join([self._number_all(module), name, *rest])
            module, place = below, below_place
        return self._number_all(module)

    def _nearest(self, parts: list[str], place: int) -> tuple[Module | None, int]:
        """Return the outermost module below a place, past folders without ``__init__.py``."""
        for end in range(place + 1, len(parts) + 1):
            module = self._find(".".join(parts[:end]))
            if module is not None:
                return module, end
        return None, place

    def _resolve(self, parts: list[str]) -> str:
        name = parts[0]
        for place, (is_class, names) in enumerate(reversed(self._scopes)):
            if name in names and not (is_class and place > 0):
                dotted = names[name]
                return ".".join(parts) if dotted is None else self._follow_import(dotted, parts)
        module = self._module
        self._by_name |= name in _BY_NAME
        if name in module.definitions:
            return ".".join([self._number(module, name), *parts[1:]])
        if name in module.imports:
            return self._follow_import(module.imports[name], parts)
        star = self._star(module, name)
        return ".".join(parts) if star is None else self._follow([*star, *parts])

    def _star(self, module: Module, name: str) -> list[str] | None:
        """Return the module that a name comes from by ``from module import *``."""
        for star in module.stars:
            source = self._find(star)
            if source is not None and name in {*source.definitions, *source.imports}:
                return star.split(".")
        return None

    def _follow_import(self, dotted: str, parts: list[str]) -> str:
        return self._follow([*dotted.split("."), *parts[1:]])

    # Text of a syntax tree; our own, since that of `ast.dump` differs among versions of Python

    def _text(self, node: object) -> str:
        if isinstance(node, list):
            return f"[{','.join(filter(None, map(self._text, node)))}]"
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._reference(node)
        if isinstance(node, (*_FUNCTION, ast.Lambda)):
            return self._function(node)
        if isinstance(node, ast.ClassDef):
            return self._class(node)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            targets = [generator.target for generator in node.generators]
            with self._scope(bound_names(targets, self._package)):
                return self._fields(node)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for dotted in imported_modules(node, self._package):
                self._load(dotted)
            return ""
        if isinstance(node, ast.stmt) and (is_idle(node) or self._is_left_out(node)):
            return ""
        if isinstance(node, ast.AnnAssign) and not (self._scopes and self._scopes[-1][0]):
            value = "" if node.value is None else self._text(node.value)
            return value and f"Assign(targets=[{self._text(node.target)}],value={value})"
        if isinstance(node, ast.arg):
            return node.arg
        if isinstance(node, ast.Raise):
            kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            return f"Raise({self._text(kind)})"
        if isinstance(node, ast.Constant):
            return self._constant(node.value)
        return self._fields(node) if isinstance(node, ast.AST) else repr(node)

    def _is_left_out(self, node: ast.stmt) -> bool:
        """Tell whether a statement only sets attributes that do not count."""
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            return False
        in_class = bool(self._scopes) and self._scopes[-1][0]
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                name = target.attr
            elif isinstance(target, ast.Name) and in_class:
                name = target.id
            else:
                return False
            if name not in self._without:
                return False
        return True

    def _fields(self, node: ast.AST) -> str:
        shown = []
        for name, value in ast.iter_fields(node):
            if name not in _LEFT_OUT and value is not None and value != []:
                shown.append(f"{name}={self._text(value)}")
        return f"{type(node).__name__}({','.join(shown)})"

    def _reference(self, node: ast.Name | ast.Attribute) -> str:
        attributes: list[str] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            self._by_name |= base.attr in _BY_CLASS
            attributes.insert(0, base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            return self._resolve([base.id, *attributes])
        return ".".join([self._text(base), *attributes])

    def _constant(self, value: object) -> str:
        if isinstance(value, str) and "." in value and value.replace(".", "").isidentifier():
            if self._find(value) is not None:  # a module to be imported by its name
                return self._follow(value.split("."))
        return repr(value)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> str:
        arguments = node.args
        outside: list[object] = [arguments.defaults, arguments.kw_defaults]
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        if not isinstance(node, ast.Lambda):
            outside = [self._named(node), node.decorator_list, *outside]
        before = "".join(part if isinstance(part, str) else self._text(part) for part in outside)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        names = bound_names(body, self._package)
        with self._scope({**names, **dict.fromkeys(one.arg for one in every)}):
            kinds = ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg")
            signature = ";".join(self._text(getattr(arguments, kind)) for kind in kinds)
            return f"{type(node).__name__}({before}({signature}){self._text(body)})"

    def _class(self, node: ast.ClassDef) -> str:
        outside = (node.decorator_list, node.bases, node.keywords)
        before = "".join(self._text(part) for part in outside)
        name = self._named(node)
        with self._scope(bound_names(node.body, self._package), is_class=True):
            return f"ClassDef({name}{before}{self._text(node.body)})"

    def _named(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
        self._by_name |= node.name in _BY_CLASS
        return self._resolve([node.name])

    @contextmanager
    def _scope(self, names: dict[str, str | None], *, is_class: bool = False) -> Iterator[None]:
        self._scopes.append((is_class, names))
        yield
        self._scopes.pop()
