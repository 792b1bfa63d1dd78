"""The hash of what code does: moves, names and comments leave it, constants and logic alter it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from distinctions646.process.source_digest import source_digest
from distinctions646.process.source_modules import locate_module

ROOT = "toy.method:Toy"
SOURCES = {
    "toy/__init__.py": "",
    "toy/method.py": """
import numpy as np
from toy.deep.net import WIDTH, blur
from . import low

class Toy:
    '''A method.'''
    size: int = 3

    def __call__(self, image):
        from toy.late import late
        if image is None:
            raise ValueError("image is None")
        # a comment
        return late(blur(image, WIDTH)) + low.shift(np.zeros(2))
""",
    "toy/low.py": "def shift(x): return x + AMOUNT\nAMOUNT = 4\n",
    "toy/late.py": "def late(image: list) -> list:\n    return image[..., 0] / 255\n",
    "toy/deep/__init__.py": "",
    "toy/deep/net.py": """
from functools import cache
WIDTH = 5

@cache
def blur(image, width):
    'Blur.'
    return [even(image, width - one) for one in range(width)]

def even(image, width): return width == 0 or odd(image, width - 1)
def odd(image, width): return width != 0 and even(image, width - 1)
def unused(): return 1
""",
}


@pytest.fixture
def digest(tmp_path: Path):
    def write(changes: Mapping[str, str] = MappingProxyType({}), root: str = ROOT) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in {**SOURCES, **changes}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return source_digest([root], partial(locate_module, folder))

    return write


def changed(name: str, *pairs: tuple[str, str]) -> dict[str, str]:
    text = SOURCES[name]
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return {name: text}


@pytest.mark.parametrize(
    "changes",
    [
        changed("toy/method.py", ("# a comment\n", "# another\n\n"), ("'''A method.'''", "'It.'")),
        changed("toy/method.py", ('"image is None"', '"expected an image"')),
        changed("toy/late.py", (": list", ""), (" -> list", " -> object")),
        changed("toy/deep/net.py", ("return 1", "return 2")),  # nobody uses it
        changed(
            "toy/deep/net.py", ("'Blur.'\n", "\n"), ("WIDTH = 5", "'''Wide.'''\nWIDTH: int = 5")
        ),
        changed("toy/method.py", ("numpy as np", "numpy"), ("np.", "numpy.")),
        changed("toy/method.py", ("from . import low", "import toy.low"), ("low.s", "toy.low.s")),
        changed("toy/method.py", ("from . import low", "from .low import shift"), ("low.s", "s")),
        {**changed("toy/deep/net.py", ("even", "is_even"))},
        {"toy/deep/net.py": SOURCES["toy/deep/net.py"] + "if __name__ == '__main__': blur(1, 2)\n"},
    ],
)
def test_what_leaves_it(digest, changes) -> None:
    assert digest(changes) == digest()


@pytest.mark.parametrize(
    "changes",
    [
        changed("toy/low.py", ("4", "5")),
        changed("toy/late.py", ("/ 255", "/ 256")),
        changed("toy/method.py", ("ValueError", "TypeError")),
        changed("toy/deep/net.py", ("width == 0", "width <= 0")),
        changed("toy/deep/net.py", ("@cache", "")),
        changed("toy/method.py", ("= 3", "= 4")),
        changed("toy/method.py", ("size: int", "width: int")),
        changed("toy/method.py", ("numpy", "cupy")),
        changed("toy/method.py", ("blur(image, WIDTH)", "blur(image, WIDTH, 0)")),
        {"toy/__init__.py": "import numpy\nnumpy.seterr(all='raise')\n"},  # runs on import
    ],
)
def test_what_alters_it(digest, changes) -> None:
    assert digest(changes) != digest()


def test_a_package_may_be_renamed_and_a_module_moved_and_split(digest) -> None:
    moved = {
        name.replace("toy/deep/", "toy/far/off/"): text.replace("toy.deep.net", "toy.far.off.net")
        for name, text in SOURCES.items()
    }
    body, _, rest = moved.pop("toy/far/off/net.py").partition("def even")
    moved["toy/far/off/net.py"] = "from .parity import even as both\n" + body.replace(
        "even", "both"
    )
    moved["toy/far/off/parity.py"] = "def even" + rest
    renamed = {
        name.replace("toy", "dog"): text.replace("toy", "dog") for name, text in moved.items()
    }
    assert digest(renamed, root="dog.method:Toy") == digest()


def test_another_function_of_the_same_name_is_another_one(digest) -> None:
    before = {"toy/a.py": "def shift(x): return x + 4\n"}
    after = changed("toy/method.py", ("from . import low", "from . import a"), ("low.s", "a.s"))
    # The same body: nothing has changed.
    same = {"toy/a.py": SOURCES["toy/low.py"]}
    assert digest({**same, **after}) == digest()
    assert digest({**before, **after}) != digest()


def test_a_local_name_is_not_the_module_s(digest) -> None:
    local = changed("toy/low.py", ("def shift(x): return x", "def shift(x): late = 2; return x"))
    with_global = {"toy/low.py": "from toy.late import late\n" + local["toy/low.py"]}
    assert digest(with_global) == digest(local)


def test_lazy_names_lead_to_their_definitions(digest) -> None:
    lazy = {
        "toy/deep/__init__.py": "import lazy\n__getattr__, __all__ = lazy.stub(__name__)\n",
        "toy/deep/__init__.pyi": "from .net import WIDTH as WIDTH\nfrom .net import blur\n",
        **changed("toy/method.py", ("toy.deep.net", "toy.deep")),
    }
    assert digest(lazy) == digest()


@pytest.mark.parametrize("added", ["globals()", "Toy.__subclasses__()", "toy.deep.net"])
def test_code_that_looks_itself_up_counts_whole_modules(digest, added: str) -> None:
    looks = changed("toy/method.py", ("'''A method.'''", f"other = {added}"))
    if added == "toy.deep.net":
        looks = changed("toy/method.py", ("import numpy", "import toy.deep.net, numpy"))
        looks["toy/method.py"] = looks["toy/method.py"].replace(
            "'''A", f"other = {added}\n    '''A"
        )
    edited = changed("toy/deep/net.py", ("return 1", "return 2"))
    assert digest(looks) != digest({**looks, **edited})


def test_a_registration_counts(digest) -> None:
    registry = {
        "toy/registry.py": "KNOWN = {}\ndef register(kind):\n    KNOWN[kind.__name__] = kind\n"
    }
    method = changed("toy/method.py", ("from . import low", "from . import low, registry, extra"))
    method["toy/method.py"] = method["toy/method.py"].replace(
        "size: int", "known = registry.KNOWN\n    size: int"
    )
    one, two = (
        {"toy/extra.py": f"from .registry import register\n@register\nclass Net:\n    n = {n}\n"}
        for n in (1, 2)
    )
    assert digest({**registry, **method, **one}) != digest({**registry, **method, **two})


def test_a_star_import(digest) -> None:
    star = changed("toy/method.py", ("import WIDTH, blur", "import *"))
    assert digest(star) == digest()


def test_what_is_not_there(digest) -> None:
    with pytest.raises(ValueError, match=r"toy\.method:Cat: no such definition"):
        digest(root="toy.method:Cat")
    with pytest.raises(ValueError, match=r"late\.py: line 1 is not valid Python"):
        digest({"toy/late.py": "def late(:"})
