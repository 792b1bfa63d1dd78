"""Copies between a folder of this machine and one of a store.

A store has no rename and no lock: a file is whole as soon as it is there, and of a folder that is
published the marker (`LAST`) comes last. What is there already with the same content, by its size
and the store's own mark of the content, is not copied again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from distinctions646.process.whole_files import PARTIAL_PREFIX, write_bytes
from distinctions646.storage.locations import open_store, store_errors

LAST = ("README.md", "run.json", "audit.json", "results.parquet", "build.json")
"""Names of files that say that others are there, in the order in which they are published."""
_LOCAL = (PARTIAL_PREFIX, ".seen-", ".matting-probe-")  # beginnings of names that stay here
_LOCKS = ("lock", "setup-lock")
_THREADS = 16  # requests at the same time
Objects = dict[str, tuple[int, str]]  # size and mark of the content by name in the folder


def list_objects(url: str) -> Objects:
    """Return size and mark of the content of every object below an address, by relative name.

    Raises
    ------
    OSError
        If it cannot be listed.
    ValueError
        If a key cannot be the name of a file, or one is a folder of another.
    """
    system, root = open_store(url)
    with store_errors(url, "list it"):
        system.invalidate_cache()
        try:
            found = system.find(root, detail=True)
        except FileNotFoundError:
            return {}
    objects: Objects = {}
    for path, facts in found.items():
        name = str(path).removeprefix(root).removeprefix("/")
        if not name or (name.endswith("/") and not facts["size"]):  # a mark of a folder
            continue
        _check_key(url, name)
        objects[name] = (int(facts["size"] or 0), _mark(facts))
    for name in objects:
        for folder in PurePosixPath(name).parents:
            if str(folder) in objects:
                raise ValueError(
                    f"{url}/{folder}: an object whose key is the folder of another, "
                    f"{url}/{name}; expected one of the two, remove the other from the store"
                )
    return objects


def _check_key(url: str, name: str) -> None:
    """Refuse a key that cannot be the name of a file below a folder."""
    if ".." in name.split("/"):
        raise ValueError(f"{url}/{name}: leads out of its folder; expected a plain name")
    if not {"", "."}.isdisjoint(name.split("/")) or "\0" in name:
        raise ValueError(
            f"{url}/{name}: an object whose key has an empty or odd part between its slashes; "
            "expected plain names, remove it from the store"
        )


def _mark(facts: Mapping[str, Any]) -> str:
    for key in ("ETag", "etag", "md5Hash", "created", "mtime", "LastModified"):
        if facts.get(key) is not None:
            return str(facts[key]).strip('"')
    return ""


def fetch(
    url: str,
    folder: Path,
    names: Callable[[str], bool] = lambda name: True,
    *,
    there: Objects | None = None,
    keep_changed: bool = False,
) -> list[str]:
    """Make a folder equal to what is below an address; return the names that were copied.

    Parameters
    ----------
    url
        Address in a store.
    folder
        Made where it is missing. Files that are no longer in the store are removed, so an object
        that was damaged and is removed there does not come back.
    names
        Whether an object of a relative name counts; others are left alone on both sides.
    there
        What is below the address, where the caller has just listed it.
    keep_changed
        Keep files that were made or changed here since the two were last equal.

    Raises
    ------
    OSError
        If an object cannot be read, or is not what its mark says.
    """
    system, root = open_store(url)
    there = list_objects(url) if there is None else there
    objects = {name: facts for name, facts in there.items() if names(name)}
    state = _read_state(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder).as_posix()
        if name in objects or not names(name) or _is_local(name):
            continue
        if not (keep_changed and _is_changed(path, state.get(name))):
            path.unlink()
    wanted = [name for name, facts in objects.items() if not _is_same(folder, name, facts, state)]
    if keep_changed:
        wanted = [name for name in wanted if not _is_changed(folder / name, state.get(name))]

    def copy(name: str) -> None:
        with store_errors(f"{url}/{name}", "read it"):
            content = system.cat_file(f"{root}/{name}")
            _check(f"{url}/{name}", content, objects[name])
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / name, content)

    _do_all(copy, wanted)
    kept = {name for name in objects if _is_changed(folder / name, state.get(name))} - {*wanted}
    now = {name: facts for name, facts in objects.items() if name not in kept}
    _write_state(folder, now, {name: known for name, known in state.items() if not names(name)})
    return wanted


def publish(
    folder: Path,
    url: str,
    *,
    last: Iterable[str] = LAST,
    names: Callable[[str], bool] = lambda name: True,
) -> list[str]:
    """Copy what is new in a folder to an address, the markers last; return the names.

    A file that has not changed since it was last equal to its object is not new: where the object
    has changed since, another machine has written it.

    Parameters
    ----------
    folder
        A folder of this machine.
    url
        Address in a store.
    last
        File names in the order in which they come after all others.
    names
        Whether a file of a relative name counts.

    Raises
    ------
    OSError
        If an object cannot be written.
    """
    system, root = open_store(url)
    order = {name: place for place, name in enumerate(last, 1)}
    there, state = list_objects(url), _read_state(folder)
    wanted, equal = _compared(folder, there, state, names)

    def copy(name: str) -> None:
        with store_errors(f"{url}/{name}", "write it"):
            system.pipe_file(f"{root}/{name}", (folder / name).read_bytes())

    for place in range(len(order) + 1):
        _do_all(copy, [name for name in wanted if order.get(PurePosixPath(name).name, 0) == place])
    if wanted:
        there = list_objects(url)
    _write_state(folder, {name: there[name] for name in (*wanted, *equal) if name in there}, state)
    return wanted


def unpublished(folder: Path, url: str, names: Callable[[str], bool]) -> list[str]:
    """Return the names that `publish` would copy."""
    return _compared(folder, list_objects(url), _read_state(folder), names)[0]


def _compared(
    folder: Path, there: Objects, state: Mapping[str, Any], names: Callable[[str], bool]
) -> tuple[list[str], list[str]]:
    """Return the files of a folder that are new, and those that are equal to their objects."""
    new, equal = [], []
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        name = path.relative_to(folder).as_posix()
        if not names(name) or _is_local(name):
            continue
        if name in there and _is_same(folder, name, there[name], state):
            equal.append(name)
        elif name not in there or _is_changed(path, state.get(name)):
            new.append(name)
    return new, equal


def read_object(url: str) -> bytes | None:
    """Return the content of one object; None where there is none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    system, path = open_store(url)
    with store_errors(url, "read it"):
        try:
            content: bytes = system.cat_file(path)
        except FileNotFoundError:
            return None
    return content


def remove_objects(url: str, names: Iterable[str]) -> None:
    """Remove some objects below an address; those that are gone are fine.

    Raises
    ------
    OSError
        If one cannot be removed.
    """
    system, root = open_store(url)
    for name in names:
        with store_errors(f"{url}/{name}", "remove it"), suppress(FileNotFoundError):
            system.rm_file(f"{root}/{name}")


def remove(url: str) -> None:
    """Remove everything below an address; nothing there is fine.

    Raises
    ------
    OSError
        If it cannot be removed.
    """
    system, root = open_store(url)
    with store_errors(url, "remove it"):
        if list_objects(url):
            system.rm(root, recursive=True)


def _do_all(copy: Callable[[str], None], names: Iterable[str]) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(copy, names):
            pass


def _check(name: str, content: bytes, facts: tuple[int, str]) -> None:
    size, mark = facts
    if len(content) != size:
        raise OSError(f"{name}: {len(content)} bytes came, expected {size}; run it again")
    if _is_md5(mark) and _md5(content) != mark:
        raise OSError(f"{name}: what came is not what its mark {mark} says; run it again")


def _is_md5(mark: str) -> bool:
    """Return whether a mark is the MD5 of the content: of an object written in one piece."""
    return len(mark) == 32 and mark.isalnum()


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _is_local(name: str) -> bool:
    return name in _LOCKS or PurePosixPath(name).name.startswith(_LOCAL)


def _is_same(folder: Path, name: str, facts: tuple[int, str], state: Mapping[str, Any]) -> bool:
    """Return whether a file is what an object holds, unchanged since the two were compared."""
    path = folder / name
    if not path.is_file() or path.stat().st_size != facts[0]:
        return False
    if state.get(name) == [*facts, path.stat().st_mtime_ns]:
        return True
    return _is_md5(facts[1]) and _md5(path.read_bytes()) == facts[1]


def _is_changed(path: Path, known: Any) -> bool:
    """Return whether a file was made or changed here since it was last equal to an object."""
    return path.is_file() and (not known or known[2] != path.stat().st_mtime_ns)


def _state_file(folder: Path) -> Path:
    """Return the file that remembers what was compared: beside the folder, which stays as it is."""
    return folder.with_name(f".{folder.name}.state.json")


def _read_state(folder: Path) -> Mapping[str, Any]:
    try:
        state = json.loads(_state_file(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _write_state(folder: Path, objects: Objects, others: Mapping[str, Any]) -> None:
    """Remember what is equal to its object now, and what is known of other files."""
    state = {
        name: [*facts, (folder / name).stat().st_mtime_ns]
        for name, facts in objects.items()
        if (folder / name).is_file()
    }
    write_bytes(_state_file(folder), json.dumps({**others, **state}).encode())
