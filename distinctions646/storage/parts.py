"""A build in a store that several machines share: each does its part, one of them makes the whole.

A store has no locks, so everything is decided by what is listed. Each part publishes its shards,
their markers last, to ``ADDRESS.partial``; whoever then sees all markers there may join them. Of
several that see them at once, the one joins that can create the object ``joining``. Where a store
cannot create exclusively, or the joiner is lost and another part's command is given again with the
object removed, two may join: both write the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from distinctions646.checks.addresses import check_out, url_of
from distinctions646.process.part import SETTINGS, refuse_other_settings, settings_text
from distinctions646.storage.copying import (
    LAST,
    fetch,
    list_objects,
    publish,
    read_object,
    remove,
    unpublished,
)
from distinctions646.storage.locations import open_store, store_errors
from distinctions646.storage.staging import (
    MARKERS,
    partial_of,
    repeatedly,
    stand_in,
    try_to_write,
)

_JOINING, _TAG = "joining", "tag"


class StoreParts:
    """The unfinished work of a build in a store.

    Parameters
    ----------
    out
        Address of the dataset.

    Raises
    ------
    OSError
        If it cannot be written to.
    ValueError
        If something else is there.
    """

    def __init__(self, out: Path) -> None:
        check_out(out)
        self.url = str(url_of(out)).rstrip("/")
        self.unfinished = f"{self.url}.partial"
        self.folder = stand_in(self.url, "write")
        self.partial = partial_of(self.folder)
        try_to_write(self.url)
        there = list_objects(self.url)
        whole = any(name.rpartition("/")[2] in LAST for name in there)
        if there and not whole and not list_objects(self.unfinished):
            raise ValueError(
                f"{self.url}: holds something else ({', '.join(sorted(there)[:3])}); expected an "
                "empty folder or this same build"
            )

    def manifest(self) -> Mapping[str, Any]:
        """Return the content of the dataset's ``build.json``; empty where there is none.

        Raises
        ------
        ValueError
            If it is damaged.
        """
        content = read_object(f"{self.url}/{LAST[-1]}")
        try:
            manifest = {} if content is None else json.loads(content)
        except ValueError as error:
            raise ValueError(f"{self.url}/{LAST[-1]}: is no JSON ({error})") from None
        return manifest if isinstance(manifest, dict) else {}

    def agree(self, tag: str, settings: Mapping[str, Any]) -> None:
        """Refuse what a build of other settings has left, or say which build this is.

        Parameters
        ----------
        tag
            As of `build.workspace.workspace`.
        settings
            Those that all parts have in common.

        Raises
        ------
        ValueError
            If the unfinished work there is of another build; what differs is named.
        OSError
            If the store cannot be read or written.
        """
        text = settings_text(settings)
        there = self._first(SETTINGS, text)
        refuse_other_settings(self.unfinished, there, settings)
        if self._first(_TAG, tag) != tag:
            raise ValueError(
                f"{self.unfinished}: holds the unfinished work of another build; expected none or "
                "this one's, remove it from the store"
            )
        here = self.partial / SETTINGS
        if here.is_file() and here.read_text() != text:  # of parts that the store has no more
            shutil.rmtree(self.partial)

    def _first(self, name: str, text: str) -> str:
        """Write an object unless it is there; return what it holds then."""
        url = f"{self.unfinished}/{name}"
        if (there := read_object(url)) is None:
            with suppress(OSError):  # of two parts that begin at once the first writes it
                _create(url, text.encode())
            there = read_object(url)
        if there is None:
            raise OSError(f"{url}: cannot be written: it is not there afterwards")
        return there.decode(errors="replace")

    @contextmanager
    def publishing(self, files: Mapping[str, Set[str]]) -> Iterator[None]:
        """Publish shards as they are finished, for the length of a ``with`` statement.

        Parameters
        ----------
        files
            The names of the pictures that belong to each marker of this part, below the hidden
            folder.

        Raises
        ------
        OSError
            If the store cannot be read or written.
        """
        fetch(self.unfinished, self.partial, {_TAG, *files}.__contains__, keep_changed=True)
        with repeatedly(lambda: self._publish(files)):
            yield
        self._publish(files)

    def _publish(self, files: Mapping[str, Set[str]]) -> None:
        """Publish the shards that were finished here: pictures without a marker may be old ones."""
        markers = unpublished(self.partial, self.unfinished, files.__contains__)
        chosen = {*markers, *(name for marker in markers for name in files[marker])}
        last = [marker.rpartition("/")[2] for marker in markers]
        publish(self.partial, self.unfinished, last=last, names=chosen.__contains__)

    def finished(self, total: int) -> int:
        """Return how many of a build's shards are in the store, of any part."""
        there = list_objects(f"{self.unfinished}/{MARKERS}")
        return sum(f"{number}.json" in there for number in range(total))

    def may_join(self, part: str) -> bool:
        """Return whether a part is the one that makes the whole; it is once and for all.

        Raises
        ------
        OSError
            If the store cannot be read or written.
        """
        try:
            _create(f"{self.unfinished}/{_JOINING}", part.encode())
        except OSError:
            joiner = self.joiner()
            if joiner is None:
                raise
            return joiner == part
        return True

    def joiner(self) -> str | None:
        """Return the part that makes the whole, as it called itself."""
        content = read_object(f"{self.unfinished}/{_JOINING}")
        return None if content is None else content.decode(errors="replace")

    def fetch_all(self) -> None:
        """Fetch the shards of all parts; what else is unfinished on this machine goes."""
        fetch(self.unfinished, self.partial, lambda name: name != _JOINING)

    def remove(self) -> None:
        """Remove the unfinished work, once the whole is there."""
        remove(self.unfinished)


def _create(url: str, content: bytes) -> None:
    """Write an object that is not there; `OSError` where it is."""
    system, path = open_store(url)
    with store_errors(url, "write it"):
        try:
            system.pipe_file(path, content, mode="create")
        except TypeError:  # a store that knows no modes
            system.pipe_file(path, content)
