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
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from distinctions646.checks.addresses import check_out, local_path, split_prefix, url_of
from distinctions646.process.naming import name_as
from distinctions646.process.whole_files import write_bytes
from distinctions646.storage.copying import (
    LAST,
    Objects,
    fetch,
    list_objects,
    publish,
    remove,
    remove_objects,
)
from distinctions646.storage.locations import open_store, store_errors

Config = TypeVar("Config")
CACHE_VARIABLE = "MATTING_CACHE"
INTERVAL = 20.0  # seconds between two looks for what is finished
MARKERS = "markers"
_JOINED = ("final/data/", "final/webdataset/")  # of a build: made again from its shards
_CACHE, _PARTS, _MATTES = "cache/", "/parts/", "/alpha/"  # of runs: in the names of their files


@dataclasses.dataclass
class _Writing:
    """A folder that stands in for one of a store and is written to.

    Attributes
    ----------
    folder, url
        The two.
    lock
        Held while they are compared and copied.
    journals
        Journals of runs that were in the store when they were fetched last.
    """

    folder: Path
    url: str
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    journals: Objects = dataclasses.field(default_factory=dict)


_writing: ContextVar[_Writing | None] = ContextVar("writing", default=None)


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
        name_as(partial_of(path), f"{url.rstrip('/')}.partial")
    return folder


def is_stand_in(path: Path) -> bool:
    """Return whether a path is in a folder that stands in for one of a store."""
    return path.absolute().is_relative_to(staging_folder().absolute())


def partial_of(folder: Path) -> Path:
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
def written(
    out: Path, *, alone: bool = False, needed: Callable[[str], bool] = lambda name: True
) -> Iterator[Path]:
    """Return a folder of this machine for what a command writes, and publish it at the end.

    Parameters
    ----------
    out
        A path, or an address in a store.
    alone
        Whether nothing else may be at the address.
    needed
        Whether a file of a relative name that is there already is needed to go on.

    Yields
    ------
    Path
        `out` itself, or the folder that stands in for it, with all that is needed of the store's.

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
    try_to_write(url)
    folder = stand_in(url, "write")
    partial = partial_of(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    there = list_objects(url)
    unfinished = f"{url}.partial"
    left = list_objects(unfinished)
    if any(_is_result(name) for name in there):
        fetch(url, folder, needed, there=there, keep_changed=True)
    elif alone and there and not left and not folder.exists():
        raise ValueError(
            f"{url}: holds something else ({', '.join(sorted(there)[:3])}); expected an empty "
            "folder or this same build"
        )
    if left and not partial.exists():
        fetch(unfinished, partial, there=left)
    writing = _Writing(folder, url)
    token = _writing.set(writing)
    try:
        with _published_meanwhile(writing, partial, unfinished):
            yield folder
    finally:
        _writing.reset(token)
    if folder.is_dir():
        publish(folder, url, names=lambda name: _PARTS not in name)
        _remove_joined(writing)
    else:
        _publish_file(folder, url)
    remove(unfinished)


def _is_result(name: str) -> bool:
    """Return whether an object is of a build or of runs, finished or not."""
    return (
        name.rpartition("/")[2] in LAST
        or name.startswith(_CACHE)
        or (_PARTS in name and name.endswith(".jsonl"))
    )


def meet(journal: Path) -> None:
    """Exchange what other machines have done of a run in the same store; else do nothing.

    The journal and the run's mattes are published, then the journals and results of the others are
    fetched. Of machines that do this one after the other, the last has the rows of all.

    Parameters
    ----------
    journal
        What this process has written, and writes no more.

    Raises
    ------
    OSError
        If the store cannot be read or written.
    """
    writing = _writing.get()
    if writing is None or not journal.absolute().is_relative_to(writing.folder):
        return
    own = journal.absolute().relative_to(writing.folder).as_posix()
    run = own.rpartition(_PARTS)[0]
    mattes, parts = f"{run}{_MATTES}", f"{run}{_PARTS}"
    results = {f"{run}/{name}" for name in LAST}
    with writing.lock:
        publish(
            writing.folder,
            writing.url,
            last=(journal.name,),
            names=lambda name: name == own or name.startswith(mattes),
        )
        there = list_objects(writing.url)
        writing.journals.update({n: facts for n, facts in there.items() if n.startswith(parts)})
        fetch(
            writing.url,
            writing.folder,
            lambda name: name != own and (name.startswith(parts) or name in results),
            there=there,
            keep_changed=True,
        )


def _remove_joined(writing: _Writing) -> None:
    """Remove the journals whose rows are in published results, unless they have grown since."""
    if not writing.journals:
        return
    there = list_objects(writing.url)
    joined = [
        name
        for name, facts in writing.journals.items()
        if there.get(name) == facts and not (writing.folder / name).exists()
    ]
    remove_objects(writing.url, joined)


def try_to_write(url: str) -> None:
    """Refuse an address that cannot be written to; `OSError` says why."""
    system, path = open_store(url)
    probe = f"{path}.matting-probe-{os.getpid()}"
    with store_errors(url, "write there"):
        system.pipe_file(probe, b"may I?")
    left = f"remove what was written to try it, so {probe} stays there"
    with store_errors(url, left):
        system.rm_file(probe)


def _publish_file(path: Path, url: str) -> None:
    if not path.is_file():
        return
    system, target = open_store(url)
    with store_errors(url, "write it"):
        system.pipe_file(target, path.read_bytes())


@contextmanager
def _published_meanwhile(writing: _Writing, partial: Path, unfinished: str) -> Iterator[None]:
    """Publish what is finished every few seconds, and once more where the work is broken off."""
    with repeatedly(lambda: _publish_finished(writing, partial, unfinished)):
        yield


@contextmanager
def repeatedly(work: Callable[[], None]) -> Iterator[None]:
    """Do something every few seconds during a ``with`` statement, and after an error in it."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(INTERVAL):
            with suppress(OSError, ValueError):  # what goes on fails in the end, and is told there
                work()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        ended.set()
        thread.join()
        with suppress(OSError, ValueError):
            work()
        raise
    ended.set()
    thread.join()


def _publish_finished(writing: _Writing, partial: Path, unfinished: str) -> None:
    """Publish a build's finished shards, or the mattes of a run so far."""
    markers = {path.name for path in (partial / MARKERS).glob("*.json")}
    if markers:  # only these: what is listed later may have pictures that are not listed yet

        def known(name: str) -> bool:
            folder, _, file = name.rpartition("/")
            return (folder != MARKERS or file in markers) and not name.startswith(_JOINED)

        publish(partial, unfinished, last=sorted(markers), names=known)
    elif (writing.folder / _CACHE).is_dir():
        with writing.lock:
            publish(writing.folder, writing.url, names=lambda name: name.startswith(_CACHE))
