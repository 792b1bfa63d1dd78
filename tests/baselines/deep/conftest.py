"""Methods with reduced random checkpoints."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from baselines.deep.network_method import NetworkMethod

from .synthetic import METHODS, save_small


@pytest.fixture(scope="session")
def small_method(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], NetworkMethod]:
    """Return a builder of a method from a reduced checkpoint with random weights."""
    built: dict[str, NetworkMethod] = {}

    def build(name: str) -> NetworkMethod:
        if name not in built:
            folder = tmp_path_factory.mktemp(name)
            save_small(METHODS[name], folder)
            built[name] = METHODS[name](str(folder))
        return built[name]

    return build
