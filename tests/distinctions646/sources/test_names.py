"""A file whose name no recipe can hold is refused before anything is written."""

from __future__ import annotations

import os
import sys

import pytest

from distinctions646.build.building import build, main
from distinctions646.loading.opening import open_split

STRANGE = ["a\nb\x1b[31m", "a\\b", "C:a", "a\x85b", os.fsdecode(b"a\xff")]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")


@pytest.fixture(params=STRANGE, ids=range(len(STRANGE)))
def strange(request):
    return request.param


@pytest.mark.parametrize("kind", ["foreground", "background"])
def test_build_refuses_it_and_leaves_nothing(capsys, tmp_path, tiny, strange, kind):
    for folder in ("fg", "alpha") if kind == "foreground" else ("bg",):
        first = min((tiny.folder / folder).iterdir())
        first.rename(first.with_name(f"{strange}.png"))
    assert main(tiny.arguments(tmp_path / "out")) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"the name of a {kind} is {f'{strange}.png'!r}; expected a plain name" in error
    assert [path.name for path in tmp_path.iterdir()] == ["sources"]


def test_a_composite_whose_name_is_too_long(tmp_path, tiny):
    for kind in ("fg", "alpha"):
        (tiny.folder / kind / "cat.png").rename(tiny.folder / kind / f"{'c' * 250}.png")
    with pytest.raises(ValueError, match="the name of a composite is 'ccc"):
        build(tiny.config(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_plain_dataset_refuses_it(tiny, strange):
    for folder, to in (("fg", "image"), ("alpha", "alpha")):
        (tiny.folder / folder).rename(tiny.folder / to)
        (tiny.folder / to / "cat.png").rename(tiny.folder / to / f"{strange}.png")
    with pytest.raises(ValueError, match=r"file name of the image is .*expected a plain name"):
        open_split(tiny.folder)
