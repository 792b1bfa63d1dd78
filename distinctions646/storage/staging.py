"""Folders of this machine that stand in for those of a store while a command works.

What a command reads is fetched before it starts, each object once for as long as its content stays
the same. What it writes it writes here, as into any folder; every few seconds what is finished so
far goes to the store, and at the end everything does, the marker last. Unfinished work of a build
goes to ``ADDRESS.partial``, so another machine can resume it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from distinctions646.checks.addresses import check_out, local_path, split_prefix, url_of
from distinctions646.process.naming import name_as
from distinctions646.process.whole_files import write_bytes
from distinctions646.storage.copying import LAST, fetch, list_objects, publish, remove
from distinctions646.storage.locations import open_store, store_errors

Config = TypeVar("Config")
CACHE_VARIABLE = "MATTING_CACHE"
INTERVAL = 20.0  # seconds between two looks for what is finished
_MARKERS = "markers"


def staging_folder() -> Path:
    """Return where copies are kept: ``$MATTING_CACHE``, or ``matting`` in the user's cache."""
    given = os.environ.get(CACHE_VARIABLE)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(given) if given else Path(cache) / "matting"


def stand_in(url: str, kind: str) -> Path:
    """Return the folder that stands in for an address: it has the same last name.

    From now on messages name the address in its place.
    """
    digest = hashlib.sha256(url.encode()).hexdigest()[:12]
    name = url.rstrip("/").rpartition("/")[2] or "store"
    folder = (staging_folder() / kind / digest / name).absolute()
    for path in {folder, folder.resolve()}:
        name_as(path, url.rstrip("/"))
        name_as(_partial(path), f"{url.rstrip('/')}.partial")
    return folder


def is_stand_in(path: Path) -> bool:
    """Return whether a path is in a folder that stands in for one of a store."""
    return path.absolute().is_relative_to(staging_folder().absolute())


def _partial(folder: Path) -> Path:
    """Return where a build keeps its unfinished work."""
    return folder.with_name(f".{folder.name}.partial")


def fetched(path: Path, names: Callable[[str], bool] = lambda name: True) -> Path:
    """Return a path of this machine for what a command reads, fetched where it is in a store.

    Parameters
    ----------
    path
        A path, an address, or ``NAME:`` and one of both.
    names
        Whether an object of a relative name is needed.

    Raises
    ------
    OSError
        If there is nothing at the address, or it cannot be read.
    """
    prefix, rest = split_prefix(str(path))
    url = url_of(rest)
    if url is None:
        return Path(f"{prefix}{local_path(Path(rest))}") if prefix else local_path(path)
    folder, there = stand_in(url, "read"), list_objects(url)
    if not there:
        return Path(f"{prefix}{_fetched_file(url, folder)}")
    fetch(url, folder, names, there=there)
    return Path(f"{prefix}{folder}")


def _fetched_file(url: str, target: Path) -> Path:
    system, path = open_store(url)
    with store_errors(url, "read it"):
        content = system.cat_file(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(target, content)
    return target


def with_fetched(config: Config, *, but: tuple[str, ...] = ()) -> Config:
    """Return a configuration whose addresses are replaced by what was fetched from them.

    Parameters
    ----------
    config
        A dataclass; paths in it, in tuples and in dataclasses of it count.
    but
        Names of its fields that are written to.
    """
    changes = {
        field.name: _replaced(getattr(config, field.name))
        for field in dataclasses.fields(config)  # type: ignore[arg-type]
        if field.init and field.name not in but
    }
    return dataclasses.replace(config, **changes)  # type: ignore[type-var]


def _replaced(value: Any) -> Any:
    if isinstance(value, Path):
        return fetched(value)
    if isinstance(value, str) and value.startswith("folder:") and url_of(value[7:]):
        return f"folder:{fetched(Path(value[7:]))}"
    if isinstance(value, tuple):
        return tuple(_replaced(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return with_fetched(value)
    return value


@contextmanager
def written(out: Path, *, alone: bool = False) -> Iterator[Path]:
    """Return a folder of this machine for what a command writes, and publish it at the end.

    Parameters
    ----------
    out
        A path, or an address in a store.
    alone
        Whether nothing else may be at the address.

    Yields
    ------
    Path
        `out` itself, or the folder that stands in for it, as full as the store's.

    Raises
    ------
    OSError
        If the address cannot be written to, which is tried before any work. What is finished
        stays here, and the same command again publishes it.
    ValueError
        If it holds something else, or is no address that can be.
    """
    check_out(out)
    url = url_of(out)
    if url is None:
        yield local_path(out)
        return
    url = url.rstrip("/")
    _try_to_write(url)
    folder = stand_in(url, "write")
    partial = _partial(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    there = list_objects(url)
    unfinished = f"{url}.partial"
    left = list_objects(unfinished)
    if any(name.rpartition("/")[2] in LAST for name in there):
        fetch(url, folder, there=there, keep_changed=True)
    elif alone and there and not left and not folder.exists():
        raise ValueError(
            f"{url}: holds something else ({', '.join(sorted(there)[:3])}); expected an empty "
            "folder or this same build"
        )
    if left and not partial.exists():
        fetch(unfinished, partial, there=left)
    with _published_meanwhile(folder, url, partial, unfinished):
        yield folder
    publish(folder, url) if folder.is_dir() else _publish_file(folder, url)
    remove(unfinished)


def _try_to_write(url: str) -> None:
    system, path = open_store(url)
    probe = f"{path}.matting-probe-{os.getpid()}"
    with store_errors(url, "write there"):
        system.pipe_file(probe, b"may I?")
        system.rm_file(probe)


def _publish_file(path: Path, url: str) -> None:
    if not path.is_file():
        return
    system, target = open_store(url)
    with store_errors(url, "write it"):
        system.pipe_file(target, path.read_bytes())


@contextmanager
def _published_meanwhile(folder: Path, url: str, partial: Path, unfinished: str) -> Iterator[None]:
    """Publish what is finished every few seconds, and once more where the work is broken off."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(INTERVAL):
            with suppress(OSError, ValueError):  # what goes on fails in the end, and is told there
                _publish_finished(folder, url, partial, unfinished)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        ended.set()
        thread.join()
        with suppress(OSError, ValueError):
            _publish_finished(folder, url, partial, unfinished)
        raise
    ended.set()
    thread.join()


def _publish_finished(folder: Path, url: str, partial: Path, unfinished: str) -> None:
    """Publish a build's finished shards, or the mattes and rows of a run so far."""
    markers = {path.name for path in (partial / _MARKERS).glob("*.json")}
    if markers:  # only these: what is listed later may have pictures that are not listed yet

        def known(name: str) -> bool:
            folder, _, file = name.rpartition("/")
            return folder != _MARKERS or file in markers

        publish(partial, unfinished, last=sorted(markers), names=known)
    elif (folder / "cache").is_dir():
        publish(folder / "cache", f"{url}/cache")
