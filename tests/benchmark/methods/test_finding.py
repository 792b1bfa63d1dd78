"""Finding methods: registered, dotted, wrong; and what their answers must look like."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from baselines.trivial import Constant
from benchmark.methods.finding import call, get_method, load_method, method_hash, registered

IMAGE = np.zeros((3, 4, 3), np.uint8)


class Broken:
    """Returns what it is told to."""

    name = "broken"
    needs_trimap = False
    card: ClassVar = {"paper": "none"}

    def __init__(self, answer: np.ndarray | None = None) -> None:
        self.answer = np.zeros((3, 4)) if answer is None else answer

    def __call__(self, image: np.ndarray, trimap: np.ndarray | None = None) -> np.ndarray:
        return self.answer


def test_ours_are_registered() -> None:
    names = {"closed-form", "knn", "hatt", "constant", "trimap", "distance"}
    assert names <= set(registered())


def test_the_docs_name_every_registered_method() -> None:
    root = next(
        folder for folder in Path(__file__).parents if (folder / "pyproject.toml").is_file()
    )
    pages = ("baselines", "learned", "onnx")
    text = "".join((root / "docs" / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    ours = ("baselines.", "hattmatting.")
    names = [name for name, entry in registered().items() if entry.value.startswith(ours)]
    assert len(names) > 20
    assert [name for name in names if f"`{name}`" not in text] == []


def test_dotted_name() -> None:
    alpha = get_method("baselines.trivial:Constant")(IMAGE, None)
    assert (alpha == 0.5).all()


def test_unknown_names() -> None:
    with pytest.raises(ValueError, match="no method 'closed-from'; did you mean 'closed-form'"):
        load_method("closed-from")
    with pytest.raises(ValueError, match="'nowhere:Thing' cannot be imported"):
        load_method("nowhere:Thing")
    with pytest.raises(ValueError, match="os:path is no class or function"):
        load_method("os:path")
    with pytest.raises(ValueError, match="lacks one of"):
        load_method("fractions:Fraction")


def test_weights_for_a_method_without() -> None:
    with pytest.raises(ValueError, match=r"method constant takes no weights; got 'x\.pth'"):
        load_method("constant", weights="x.pth")


def test_answers_are_checked() -> None:
    with pytest.raises(ValueError, match=r"broken returned shape \(4, 3\); expected \(3, 4\)"):
        call(Broken(np.zeros((4, 3))), IMAGE, None)
    with pytest.raises(ValueError, match=r"returned alpha from 0\.0 to 255\.0; expected 0 to"):
        call(Broken(np.linspace(0, 255, 12).reshape(3, 4)), IMAGE, None)
    with pytest.raises(ValueError, match="nan"):
        call(Broken(np.full((3, 4), np.nan)), IMAGE, None)


def test_the_hash_follows_the_weights() -> None:
    shipped, other = Constant(), Constant()
    assert method_hash(shipped) == method_hash(other)
    other.card = {**Constant.card, "weights": "sha256:1"}  # type: ignore[misc]
    assert method_hash(shipped) != method_hash(other)
