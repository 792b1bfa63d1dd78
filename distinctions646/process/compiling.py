"""A notice while numba compiles, which later runs read from the disk."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

COMPILING = "compiling numba kernels, once; later runs find them on the disk\n"


@cache
def tell_compiling() -> None:
    """Print a notice on stderr when this process first compiles a kernel, if it ever does."""
    from numba.core import event

    class Told(event.Listener):
        told = False

        def on_start(self, _: Any) -> None:
            if not self.told:
                self.told = True
                _write(COMPILING)

        def on_end(self, _: Any) -> None:
            pass

    # Kernels from the disk do not raise this event.
    event.register("numba:compile", Told())  # type: ignore[no-untyped-call]


def _write(line: str) -> None:
    """Write a line above the progress bars that there are."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        sys.stderr.write(line)
