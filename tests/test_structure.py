"""The house keeps its shape: floors, no circles, folders and files of a size that can be read."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import PurePosixPath

import pytest

from tests.naming import Names, stale_in_docstrings, stale_in_documents
from tests.structure import (
    PACKAGES,
    ROOT,
    Tree,
    circles,
    imported_names,
    module_name,
    tree_of,
    working_tree,
)

TREE = working_tree()
MOST_FILES, MOST_LINES = 12, 400

# What each package may import of the others; a dotted name stands for all below it.
FLOORS: dict[str, tuple[str, ...]] = {
    "distinctions646": (),
    "benchmark": ("distinctions646",),
    "hattmatting": ("distinctions646", "benchmark.metrics", "benchmark.methods"),
    "baselines": ("distinctions646", "benchmark.metrics", "hattmatting"),
    "renderer": ("distinctions646",),
}
# Folders with more files, and why.
CROWDED: dict[str, str] = {}
# Longer files, and why.
LONG: dict[str, str] = {}


@pytest.mark.parametrize("package", FLOORS)
def test_a_package_imports_only_what_is_below_it(package):
    allowed = (package, *FLOORS[package])
    ours = tuple(f"{name}." for name in PACKAGES)
    wrong = {
        f"{path}: {name}"
        for path in TREE.files(package)
        for name in imported_names(TREE.sources[path], path)
        if f"{name}.".startswith(ours)
        and not any(f"{name}.".startswith(f"{one}.") for one in allowed)
    }
    assert not wrong


def test_the_metrics_import_nothing_of_ours():
    wrong = {
        f"{path}: {name}"
        for path in TREE.files("benchmark")
        if path.startswith("benchmark/metrics/")
        for name in imported_names(TREE.sources[path], path)
        if f"{name}.".startswith(tuple(f"{one}." for one in PACKAGES))
        and not f"{name}.".startswith("benchmark.metrics.")
    }
    assert not wrong


def test_no_rooms_import_each_other():
    found = {package: circles(TREE.room_imports(package)) for package in PACKAGES}
    assert not {package: groups for package, groups in found.items() if groups}


def documented_order(package: str) -> list[set[str]]:
    """Return the entries of a package as docs/design.md lists them, one set per row."""
    document = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    rows = document.split(f"| `{package}/` | purpose |\n|---|---|\n")[1].split("\n\n")[0]
    named = re.compile(r"`(\w+)(?:/|\.py)`")
    return [set(named.findall(row.split("|")[1])) for row in rows.splitlines()]


@pytest.mark.parametrize("package", ["distinctions646", "benchmark", "hattmatting", "baselines"])
def test_entries_import_only_what_the_design_lists_above_them(package):
    order = documented_order(package)
    floor = {name: number for number, row in enumerate(order) for name in row}
    assert set(floor) == TREE.rooms(package)
    upwards = {(a, b) for a, b in TREE.room_imports(package) if floor[b] > floor[a]}
    assert not upwards


def test_no_files_import_each_other():
    assert circles(TREE.imports) == []


def test_no_folder_is_crowded():
    counts = Counter(
        PurePosixPath(path).parent.as_posix()
        for path in TREE.sources
        if not path.endswith("/__init__.py")
    )
    crowded = {folder for folder, count in counts.items() if count > MOST_FILES}
    assert crowded == set(CROWDED)


def test_no_file_is_long():
    lengths = {path: text.count("\n") for path, text in TREE.sources.items()}
    assert {path for path, length in lengths.items() if length > MOST_LINES} == set(LONG)


def test_every_folder_tells_its_story():
    folders = {PurePosixPath(path).parent.as_posix() for path in TREE.sources}
    for folder in folders - {name for name in folders if name.startswith("perf/")}:
        path = f"{folder}/__init__.py"
        assert path in TREE.sources, f"{folder} has no __init__.py"
        assert ast.get_docstring(ast.parse(TREE.sources[path])), f"{path} has no docstring"


def test_the_files_that_the_documents_name_exist():
    named = re.compile(rf"(?<![\w/])(?:{'|'.join(PACKAGES)}|tests|docs|results)/[\w./-]+\.\w+")
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.rglob("checkpoints/*/*.md")]
    missing = {
        f"{path.name}: {name}"
        for path in documents
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists()
    }
    assert not missing


def test_the_names_in_backticks_exist():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    names = Names(TREE)
    stale = [*stale_in_docstrings(TREE, names), *stale_in_documents(documents, names)]
    assert not stale


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        ("`benchmark.run.main`", False),
        ("`benchmark.run.mane`", True),
        ("``benchmark.gone``", True),
        ("`run.main`", False),
        ("`gone.main`", True),
        ("`Card.text`", False),
        ("``run.json``", False),
    ],
)
def test_a_stale_name_is_seen(name, stale):
    code = f'"""Text with {name}."""\nclass Card:\n    text = ""\ndef main(): ...\n'
    tree = Tree({"benchmark/run.py": code})
    assert bool(list(stale_in_docstrings(tree, Names(tree)))) is stale


def test_an_unknown_revision_is_refused():
    with pytest.raises(ValueError, match="--revision no-such-name"):
        tree_of("no-such-name")


def test_names_of_modules():
    assert module_name("benchmark/__init__.py") == "benchmark"
