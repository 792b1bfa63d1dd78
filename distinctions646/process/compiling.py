"""A notice while numba compiles, which later runs read from the disk."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

COMPILING = "compiling numba kernels, once; later runs find them on the disk\n"
_EVENTS = "numba.core.event"


@cache
def tell_compiling() -> None:
    """Print a notice on stderr when this process first compiles a kernel, if it ever does.

    Numba itself is not imported here: a short run may need none of it.
    """
    if _EVENTS in sys.modules:
        _listen(sys.modules[_EVENTS])
    else:
        sys.meta_path.insert(0, _Imported())


class _Imported(MetaPathFinder):
    """Waits for numba's module of events."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Leave every module to the finders behind, and listen once the one waited for is there."""
        if fullname != _EVENTS:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def listening(module: ModuleType) -> None:
            execute(module)
            _listen(module)

        spec.loader.exec_module = listening  # type: ignore[method-assign]
        return spec


def _listen(event: Any) -> None:
    class Told(event.Listener):  # type: ignore[misc]
        told = False

        def on_start(self, _: Any) -> None:
            if not self.told:
                self.told = True
                _write(COMPILING)

        def on_end(self, _: Any) -> None:
            pass

    # Kernels from the disk do not raise this event.
    event.register("numba:compile", Told())


def _write(line: str) -> None:
    """Write a line above the progress bars that there are.

    A worker has none. It is ended at once in the end, and would leave the lock of its bars behind.
    """
    tqdm = sys.modules.get("tqdm")
    if tqdm is None or not getattr(tqdm.tqdm, "_instances", ()):
        sys.stderr.write(line)
        return
    with tqdm.tqdm.external_write_mode(file=sys.stderr):
        sys.stderr.write(line)
