"""Which files a method is made of: what it imports of its own package, and nothing else."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from benchmark.methods.finding import load_method, method_hash
from benchmark.methods.own_source import source_files

PACKAGE = {
    "__init__.py": "",
    "method.py": """
from . import low
from toymatte.deep.net import Net
import numpy as np

class Toy:
    name, needs_trimap, card = "toy", False, {}

    def __call__(self, image, trimap=None):
        from .late import late
        return late(image)
""",
    "low.py": "import os\n",
    "late.py": "def late(image):\n    return image[..., 0] / 255\n",
    "train.py": "from toymatte.method import Toy\n",
    "deep/__init__.py": "",
    "deep/net.py": "from ..low import os as Net\n",
    "deep/unused.py": "",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in PACKAGE.items():
        path = tmp_path / "toymatte" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.partition(".")[0] == "toymatte"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path / "toymatte"


def test_the_closure_of_a_package(toy: Path) -> None:
    method = load_method("toymatte.method:Toy")
    found = source_files(type(method))
    assert list(found) == [
        "toymatte",
        "toymatte.deep",
        "toymatte.deep.net",
        "toymatte.late",
        "toymatte.low",
        "toymatte.method",
    ]
    assert found["toymatte.deep.net"] == (toy / "deep" / "net.py").resolve()


def test_only_what_is_imported_changes_the_hash(toy: Path) -> None:
    method = load_method("toymatte.method:Toy")
    before = method_hash(method)
    (toy / "train.py").write_text("# a better recipe\n")
    (toy / "deep" / "unused.py").write_text("x = 1\n")
    assert method_hash(method) == before
    (toy / "late.py").write_text("def late(image):\n    return image[..., 1] / 255\n")
    assert method_hash(method) != before


def test_a_module_alone_counts_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lonely_matte.py").write_text("import lonely_help, json\nclass Alone: pass\n")
    (tmp_path / "lonely_help.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("lonely_matte")
    assert list(source_files(module.Alone)) == ["lonely_help", "lonely_matte"]


def test_the_trainer_is_no_part_of_hatt() -> None:
    from hattmatting.method import Hatt

    found = source_files(Hatt)
    assert {"hattmatting.method", "hattmatting.model.network"} <= set(found)
    assert {"hattmatting.train", "hattmatting.training.losses"}.isdisjoint(found)
