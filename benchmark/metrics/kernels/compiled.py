"""The steps of the metrics as compiled loops, under one name; importing them imports numba."""

from __future__ import annotations

from pathlib import Path

from benchmark.metrics.kernels.components import survived_thresholds
from benchmark.metrics.kernels.connectivity import connectivity_sums, passed_thresholds
from benchmark.metrics.kernels.differences import difference_sums
from benchmark.metrics.kernels.fill import filled
from benchmark.metrics.kernels.gradient import gradient_error_sums

__all__ = [
    "connectivity_sums",
    "difference_sums",
    "filled",
    "gradient_error_sums",
    "passed_thresholds",
    "survived_thresholds",
]


def are_on_disk() -> bool:
    """Return whether an earlier process has compiled them."""
    folder = Path(str(gradient_error_sums.stats.cache_path))
    line = gradient_error_sums.py_func.__code__.co_firstlineno
    return any(folder.glob(f"gradient.gradient_error_sums-{line}.*.nbi"))
