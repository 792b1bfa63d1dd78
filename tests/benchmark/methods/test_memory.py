"""Whether a method fits into memory: what is free, what is needed, what is said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from benchmark.methods import memory
from benchmark.methods.finding import call, load_method
from benchmark.methods.memory import (
    VARIABLE,
    NeedsMemory,
    free_bytes,
    free_of_groups,
    limit_process,
    needed_bytes,
    share_of,
)

IMAGE = np.zeros((4, 5, 3), np.uint8)
TRIMAP = np.array([[0, 128, 128, 255, 255]] * 4, np.uint8)


class Hungry:
    """Needs 0.1 GB a pixel and 0.5 GB an unknown one: 6 GB here."""

    name = "hungry"
    needs_trimap = True
    card: ClassVar = {"paper": "none"}
    memory_needs: ClassVar = (1e8, 5e8)

    def __call__(self, image: Any, trimap: Any = None) -> Any:
        return np.full(image.shape[:2], 0.5)


def test_a_method_is_refused_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "5.9")
    message = r"needs 6\.0 GB for .* this machine has 5\.9 GB free"
    with pytest.raises(NeedsMemory, match=message):
        call(Hungry(), IMAGE, TRIMAP)  # type: ignore[arg-type]
    monkeypatch.setenv(VARIABLE, "6.1")
    assert call(Hungry(), IMAGE, TRIMAP)[0].shape == (4, 5)  # type: ignore[arg-type]


def test_without_an_unknown_pixel_only_the_picture_counts() -> None:
    assert needed_bytes(Hungry(), 20, 0) == 2e9


@pytest.mark.parametrize(
    "value",
    ["abc", "0", "0.0", "-1", "", "nan", "inf", "1_0", " 8", "+8", "8 GB", "\u0668", "9" * 400],
)
def test_another_value_of_the_variable_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(ValueError, match=re.escape(f"{VARIABLE} is {value!r}; expected a number")):
        free_bytes()
    with pytest.raises(ValueError, match=re.escape(f"{VARIABLE} is {value!r}")):
        load_method("constant")  # before any work, though it states no need


@pytest.mark.parametrize(("value", "stated"), [("64", 64e9), ("0.5", 5e8), (".5", 5e8)])
def test_a_decimal_number_of_gigabytes(
    value: str, stated: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, value)
    assert free_bytes() == stated


def test_a_worker_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "13")
    monkeypatch.setattr(memory, "_share", None)
    call(Hungry(), IMAGE, TRIMAP)  # type: ignore[arg-type]
    limit_process(share_of(2))
    call(Hungry(), IMAGE, TRIMAP)  # type: ignore[arg-type]
    limit_process(share_of(3))
    with pytest.raises(NeedsMemory, match=r"needs 6\.0 GB for .*; each worker has 3\.9 GB"):
        call(Hungry(), IMAGE, TRIMAP)  # type: ignore[arg-type]


def group(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text + "\n")


def test_a_container_of_version_2(tmp_path: Path) -> None:
    """The group has a limit, its parent a tighter one; pages that can be given up are free."""
    (tmp_path / "cgroup").write_text("0::/pod/one\n")
    statistics = "anon 1\ninactive_file 100"
    one = {"memory.max": "5000", "memory.current": "1000", "memory.stat": statistics}
    group(tmp_path / "groups" / "pod" / "one", one)
    group(tmp_path / "groups" / "pod", one | {"memory.max": "3000", "memory.current": "2500"})
    group(tmp_path / "groups", one | {"memory.max": "max"})
    assert free_of_groups(tmp_path / "groups", tmp_path / "cgroup") == [4100, 600]


def test_a_container_of_version_1_that_hides_its_name(tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text("5:cpu:/docker/1\n4:memory:/docker/1\n0::/\n")
    files = {"memory.limit_in_bytes": "8000", "memory.usage_in_bytes": "3000"}
    group(tmp_path / "groups" / "memory", files | {"memory.stat": "total_inactive_file 500"})
    assert free_of_groups(tmp_path / "groups", tmp_path / "cgroup") == [5500]


def test_a_machine_without_groups(tmp_path: Path) -> None:
    assert free_of_groups(tmp_path, tmp_path / "absent") == []
    assert free_bytes() > 0
