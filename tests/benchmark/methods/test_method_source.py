"""The hash of a method: what it uses alters it; moves, names, comments and prose do not."""

from __future__ import annotations

import ast
import importlib
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from benchmark.methods.finding import find_factory, load_method, method_hash
from benchmark.methods.method_source import SUITE, code_digest
from distinctions646.process.source_digest import source_digest
from distinctions646.process.source_modules import locate_module

METHOD = """
from . import low
from toymatte.deep.net import Net
import numpy as np

class Toy:
    '''A toy.'''
    name, needs_trimap = "toy", False
    card = {"paper": "none", "weights": "none"}

    def __call__(self, image, trimap=None):
        from .late import late
        return late(image) * low.SCALE + Net
"""
PACKAGE = {
    "__init__.py": "",
    "method.py": METHOD,
    "low.py": "import os\nSCALE = 1\n",
    "late.py": "def late(image):\n    return image[..., 0] / 255\n",
    "train.py": "from toymatte.method import Toy\n",
    "deep/__init__.py": "",
    "deep/net.py": "from ..low import os as Net\n",
    "deep/unused.py": "",
}
Changes = Mapping[str, str | None]


@pytest.fixture
def toy_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that writes the package anew, with changes, and hashes its method."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(changes: Changes = MappingProxyType({}), spec: str = "toymatte.method:Toy") -> str:
        shutil.rmtree(tmp_path / "toymatte", ignore_errors=True)
        for name, text in {**PACKAGE, **changes}.items():
            if text is not None:
                path = tmp_path / "toymatte" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        importlib.invalidate_caches()
        for name in [name for name in sys.modules if name.partition(".")[0] == "toymatte"]:
            monkeypatch.delitem(sys.modules, name)
        return method_hash(load_method(spec), find_factory(spec))

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return write


@pytest.mark.parametrize(
    "changes",
    [
        {"train.py": "# a better recipe\n", "deep/unused.py": "x = 1\n"},
        {"low.py": "# why one\nimport os\n\nSCALE = (1)\n"},
        {"method.py": METHOD.replace("A toy.", "A method that does little.")},
        {"method.py": METHOD.replace('"paper": "none"', '"paper": "Doe 2026", "title": "Toy"')},
        {
            "late.py": None,
            "deep/lateness.py": PACKAGE["late.py"],
            "method.py": METHOD.replace(".late import", ".deep.lateness import"),
        },
    ],
    ids=["unused", "comment", "docstring", "prose on the card", "a module moved and renamed"],
)
def test_the_hash_stays(toy_hash: Callable[..., str], changes: Changes) -> None:
    assert toy_hash(changes) == toy_hash()


@pytest.mark.parametrize(
    "changes",
    [
        {"low.py": "import os\nSCALE = 2\n"},
        {"late.py": "def late(image):\n    return image[..., 1] / 255\n"},
        {"deep/net.py": "from ..low import SCALE as Net\n"},
        {"method.py": METHOD.replace('"weights": "none"', '"weights": "sha256:1"')},
        {"method.py": METHOD.replace('"weights": "none"', '"weights": "none", "side": "9"')},
    ],
    ids=["constant", "code imported in a function", "import", "weights", "a setting on the card"],
)
def test_the_hash_changes(toy_hash: Callable[..., str], changes: Changes) -> None:
    assert toy_hash(changes) != toy_hash()


def test_the_method_itself_may_move(toy_hash: Callable[..., str]) -> None:
    moved = METHOD.replace("from . import low", "from toymatte import low").replace(
        "from .late", "from ..late"
    )
    before = toy_hash()
    assert toy_hash({"deep/toy.py": moved, "method.py": None}, "toymatte.deep.toy:Toy") == before


def test_a_function_that_makes_a_method_counts(toy_hash: Callable[..., str]) -> None:
    make = "\ndef make():\n    toy = Toy()\n    toy.side = {}\n    return toy\n"
    hashes = {
        toy_hash({"method.py": METHOD + make.format(side)}, "toymatte.method:make")
        for side in (1, 2)
    }
    assert len(hashes) == 2


def test_what_lies_beside_a_module_without_a_package_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lonely_matte.py").write_text(
        "from lonely_help import SIDE\nfrom baselines.trivial import Distance\n"
        "class Alone(Distance): side = SIDE\n"
    )
    (tmp_path / "lonely_help.py").write_text("SIDE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    alone = importlib.import_module("lonely_matte").Alone
    before = code_digest(alone)
    (tmp_path / "lonely_help.py").write_text("SIDE = 2\n")
    assert code_digest(alone) != before


def test_classes_made_at_run_time_have_a_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_matte.py").write_text(
        "globals().update({n: type(n, (), {'__module__': __name__}) for n in ('One', 'Two')})\n"
        "SIDE = 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    made = importlib.import_module("made_matte").Two
    before = code_digest(made)
    (tmp_path / "made_matte.py").write_text((tmp_path / "made_matte.py").read_text() + "SIDE = 2\n")
    assert code_digest(made) != before


def test_the_suite_is_what_the_wheel_has() -> None:
    root = next(
        folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file()
    )
    project = tomllib.loads((root / "pyproject.toml").read_text())
    assert set(SUITE) == set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the suite's sources."""
    folder = tmp_path_factory.mktemp("suite")
    for package in SUITE:
        source = Path(importlib.import_module(package).__file__ or "").parent
        only = shutil.ignore_patterns("[!_]*.[!p]*", "*.pyc", "checkpoints")
        shutil.copytree(source, folder / package, ignore=only)
    return folder


@pytest.mark.parametrize(
    ("method", "edited", "changes"),
    [
        ("baselines.sss.sss:Sss", "hattmatting.model.network", True),
        ("hattmatting.method:Hatt", "hattmatting.model.network", True),
        ("hattmatting.method:Hatt", "hattmatting.training.losses", False),
        ("baselines.laplacian.closed_form:ClosedForm", "hattmatting.model.network", False),
        (
            "baselines.laplacian.closed_form:ClosedForm",
            "baselines.laplacian.assembly_kernels",
            True,
        ),
        ("baselines.sampling.shared:Shared", "distinctions646.trimap.values", True),
    ],
)
def test_edits_of_the_suite(suite: Path, method: str, edited: str, changes: bool) -> None:
    """An edit changes the hash of the methods that run the edited code, and of no other."""
    path = suite.joinpath(*edited.split(".")).with_suffix(".py")
    before, text = _digest(suite, method), path.read_text()
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body.insert(0, ast.parse("step = 1").body[0])
    try:
        path.write_text(ast.unparse(tree))
        assert (_digest(suite, method) != before) == changes
    finally:
        path.write_text(text)


def _digest(suite: Path, method: str) -> str:
    return source_digest([method], partial(locate_module, suite), {"card"})
