"""Copies between a folder and a store: only what is new, checked, the marker last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from distinctions646.storage import copying
from distinctions646.storage.copying import fetch, list_objects, publish, remove
from distinctions646.storage.locations import open_store


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def put(url: str, content: bytes) -> None:
    system, path = open_store(url)
    system.pipe_file(path, content)


def test_there_and_back_and_only_what_is_new(store: str, tmp_path: Path) -> None:
    here = write(tmp_path / "here", a_png="1", sub__b_png="22")
    assert sorted(publish(here, store)) == ["a.png", "sub/b.png"]
    assert publish(here, store) == []
    there = tmp_path / "there"
    assert sorted(fetch(store, there)) == ["a.png", "sub/b.png"]
    assert fetch(store, there) == []
    assert (there / "sub/b.png").read_text() == "22"
    write(here, a_png="3")
    assert publish(here, store) == ["a.png"]
    assert fetch(store, there) == ["a.png"]
    assert (there / "a.png").read_text() == "3"


def test_what_left_the_store_leaves_the_copy(store: str, tmp_path: Path) -> None:
    publish(write(tmp_path / "here", a_png="1", b_png="2"), store)
    fetch(store, tmp_path / "there")
    system, path = open_store(store)
    system.rm_file(f"{path}/b.png")
    fetch(store, tmp_path / "there")
    assert [one.name for one in (tmp_path / "there").iterdir()] == ["a.png"]


def test_a_damaged_copy_is_fetched_again(store: str, tmp_path: Path) -> None:
    publish(write(tmp_path / "here", a_png="123"), store)
    fetch(store, tmp_path / "there")
    (tmp_path / "there/a.png").write_text("12")
    assert fetch(store, tmp_path / "there") == ["a.png"]
    assert (tmp_path / "there/a.png").read_text() == "123"


def test_finished_work_that_is_not_published_yet_is_kept(store: str, tmp_path: Path) -> None:
    here = write(tmp_path / "here", a_png="old", b_png="1")
    publish(here, store)
    write(here, a_png="newer", c_png="made here")
    put(f"{store}/b.png", b"from elsewhere")
    assert fetch(store, here, keep_changed=True) == ["b.png"]
    found = {path.name: path.read_text() for path in here.iterdir()}
    assert found == {"a.png": "newer", "b.png": "from elsewhere", "c.png": "made here"}
    assert sorted(publish(here, store)) == ["a.png", "c.png"]


def test_markers_come_last(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = write(tmp_path / "here", build_json="{}", a_png="1", z__b_png="2", README_md="#")
    order: list[list[str]] = []
    real = copying._do_all

    def recording(copy: Any, names: Any) -> None:
        order.append(sorted(names))
        real(copy, order[-1])

    monkeypatch.setattr(copying, "_do_all", recording)
    publish(here, store)
    assert [names for names in order if names] == [
        ["a.png", "z/b.png"],
        ["README.md"],
        ["build.json"],
    ]


def test_where_publishing_breaks_off_there_is_no_marker(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = write(tmp_path / "here", build_json="{}", a_png="1")
    system, _ = open_store(memory)
    real = type(system).pipe_file

    def failing(self: Any, path: str, *arguments: Any, **options: Any) -> Any:
        if path.endswith("a.png"):
            raise PermissionError("AccessDenied")
        return real(self, path, *arguments, **options)

    monkeypatch.setattr(type(system), "pipe_file", failing)
    with pytest.raises(OSError, match=rf"^{memory}/a.png: no right to write it"):
        publish(here, memory)
    assert list_objects(memory) == {}
    monkeypatch.setattr(type(system), "pipe_file", real)
    assert sorted(publish(here, memory)) == ["a.png", "build.json"]


def test_locks_and_temporary_files_stay_here(memory: str, tmp_path: Path) -> None:
    here = write(tmp_path / "here", lock="", locker_png="1")
    (here / f".partial-{'0' * 32}").touch()
    (here / ".seen-test").touch()
    assert publish(here, memory) == ["locker.png"]


def test_what_came_is_checked(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(write(tmp_path / "here", a_png="123"), bucket)
    system, _ = open_store(bucket)
    monkeypatch.setattr(system, "cat_file", lambda *_: b"321")
    with pytest.raises(OSError, match=r"a\.png: what came is not what its mark"):
        fetch(bucket, tmp_path / "there")
    monkeypatch.setattr(system, "cat_file", lambda *_: b"1")
    with pytest.raises(OSError, match=r"a\.png: 1 bytes came, expected 3"):
        fetch(bucket, tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_name_that_leads_out_is_refused(
    memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, root = open_store(memory)
    found = {f"{root}/../evil.png": {"size": 1}}
    monkeypatch.setattr(type(system), "find", lambda *_, **__: found)
    with pytest.raises(ValueError, match=r"\.\./evil\.png: leads out of its folder"):
        fetch(memory, tmp_path / "there")


def test_removing_nothing_is_fine(store: str, tmp_path: Path) -> None:
    remove(store)
    publish(write(tmp_path / "here", a_png="1"), store)
    remove(store)
    assert list_objects(store) == {}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["own/build.json", "own/build.json/x"], "{0}/own/build.json: .* folder of another, {0}"),
        (["own//etc/x"], "{0}/own//etc/x: an object whose key has an empty or odd part"),
        (["own/./x"], r"{0}/own/\./x: an object whose key has an empty or odd part"),
    ],
)
def test_keys_that_cannot_be_files_are_named(
    bucket: str, tmp_path: Path, names: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, root = open_store(bucket)
    found = {f"{root}/{name}": {"size": 1} for name in names}
    monkeypatch.setattr(type(system), "find", lambda *_, **__: found)
    with pytest.raises(ValueError, match=f"^{message.format(bucket)}"):
        fetch(f"{bucket}/own", tmp_path / "there")


def test_a_mark_of_a_folder_is_no_file(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system, root = open_store(bucket)
    found = {f"{root}/own/": {"size": 0}, f"{root}/own/sub/": {"size": 0}}
    monkeypatch.setattr(type(system), "find", lambda *_, **__: found)
    assert list_objects(f"{bucket}/own") == {}


def test_what_was_removed_from_the_store_does_not_come_back(store: str, tmp_path: Path) -> None:
    here = write(tmp_path / "here", a_png="1", b_png="2")
    publish(here, store)
    write(here, b_png="made here")
    system, path = open_store(store)
    for name in ("a.png", "b.png"):
        system.rm_file(f"{path}/{name}")
    fetch(store, here, keep_changed=True)
    assert [each.name for each in here.iterdir()] == ["b.png"]


def test_an_endpoint_that_is_none_names_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(ValueError, match="the environment variable AWS_ENDPOINT_URL is 'nonsense'"):
        fetch("s3://bucket/own", tmp_path)
