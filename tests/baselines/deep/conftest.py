"""Methods with reduced random checkpoints."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from baselines.deep.network_method import NetworkMethod

from .synthetic import METHODS, save_small


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what builds ViTMatte where the extra that has it is not installed."""
    if importlib.util.find_spec("transformers") is not None:
        return
    missing = pytest.mark.skip(reason="the extra transformers is not installed")
    for item in items:
        if Path(__file__).parent in item.path.parents and "vitmatte" in item.nodeid.lower():
            item.add_marker(missing)


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
