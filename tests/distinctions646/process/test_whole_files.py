"""Files appear whole or not at all; what kills left is removed, what is still written is not."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from distinctions646.process.whole_files import (
    PARTIAL_PREFIX,
    link_file,
    partial_name,
    remove_partials,
    whole_file,
    write_bytes,
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fill_the_disk() -> None:
        with whole_file(path) as file:
            file.write(b"ne")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"a\.bin: cannot be written: No space left on device"):
        fill_the_disk()
    assert names(tmp_path) == ["a.bin"]
    assert path.read_bytes() == b"old"


def test_a_file_that_cannot_be_read_meanwhile_is_named_too(tmp_path: Path) -> None:
    message = r"a\.bin: cannot be written: .*No such file.*picture\.png"
    with pytest.raises(OSError, match=message), whole_file(tmp_path / "a.bin") as file:
        file.write((tmp_path / "picture.png").read_bytes())


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "a.bin"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


@pytest.mark.parametrize("sync", [False, True])
def test_a_file_appears_at_the_end(tmp_path: Path, sync: bool) -> None:
    with whole_file(tmp_path / "a.bin", sync=sync) as file:
        file.write(b"one")
        assert not (tmp_path / "a.bin").exists()
    assert (tmp_path / "a.bin").read_bytes() == b"one"
    write_bytes(tmp_path / "a.bin", b"two")
    assert (tmp_path / "a.bin").read_bytes() == b"two"
    assert names(tmp_path) == ["a.bin"]


def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path: Path) -> None:
    left = partial_name(tmp_path / "a.bin")
    left.write_bytes(b"half")
    kept = [f"{PARTIAL_PREFIX}notes", ".partial", f"{PARTIAL_PREFIX}{'0' * 32}.txt"]
    for name in kept:
        (tmp_path / name).write_text("a person's")
    partial_name(tmp_path / "folder").mkdir()
    write_bytes(tmp_path / "b.bin", b"whole")
    assert not left.exists()
    assert set(kept) < set(names(tmp_path))
    assert len(names(tmp_path)) == 5


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    """Every descriptor has a lock of its own, so this process stands for two."""
    with whole_file(tmp_path / "a.bin") as file:
        file.write(b"half")
        (partial,) = tmp_path.iterdir()
        remove_partials.__wrapped__(tmp_path)
        assert list(tmp_path.iterdir()) == [partial]
    assert (tmp_path / "a.bin").read_bytes() == b"half"


def test_a_link_replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    for _ in range(2):
        link_file(tmp_path / "one", tmp_path / "deep" / "name")
        assert (tmp_path / "deep" / "name").samefile(tmp_path / "one")
    link_file(tmp_path / "two", tmp_path / "deep" / "name")
    assert (tmp_path / "deep" / "name").read_text() == "2"
    assert (tmp_path / "one").read_text() == "1"
    assert names(tmp_path / "deep") == ["name"]


def test_without_links_there_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "one").write_text("1")
    link_file(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two").read_text() == "1"
    assert not (tmp_path / "two").samefile(tmp_path / "one")
    assert names(tmp_path) == ["one", "two"]
