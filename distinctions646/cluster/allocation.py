"""Memory that a worker keeps from one unit to the next, as any other process does.

Dask's nanny starts its workers with ``MALLOC_TRIM_THRESHOLD_=65536``, so that they give freed
memory back at once. That also fixes glibc's threshold for mapping memory at 128 kB: each picture
then comes as new pages that the kernel fills with zeros, a third of a composite's processor time.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

TRIM_VARIABLE = "MALLOC_TRIM_THRESHOLD_"
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of <malloc.h>
_LARGEST_MMAP_THRESHOLD = 32 << 20  # where glibc's own adjustment ends; it trims at twice that


@cache
def keep_memory() -> bool:
    """Allocate in this process as if Dask had set nothing; return whether anything was changed.

    References
    ----------
    mallopt(3), "Dynamic mmap threshold", for the two limits.
    """
    if TRIM_VARIABLE not in os.environ or not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:  # a C library other than glibc
        return False
    largest = _LARGEST_MMAP_THRESHOLD
    return bool(mallopt(_M_MMAP_THRESHOLD, largest) and mallopt(_M_TRIM_THRESHOLD, 2 * largest))
