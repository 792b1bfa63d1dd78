"""What the measuring commands read from the repository is where they look for it."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "perf").rglob("*.py")
    if path.name != "__init__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_every_named_path_of_the_repository_exists(name, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    module = importlib.import_module(name)
    named = {key: value for key, value in vars(module).items() if isinstance(value, Path)}
    missing = {
        key: value for key, value in named.items() if value.is_absolute() and not value.exists()
    }
    assert not missing
