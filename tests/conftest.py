"""Where tests find the oracle: golden numbers of the official programs and real photographs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"


@pytest.fixture(scope="session")
def golden() -> Path:
    """The vendored synthetic goldens."""
    return GOLDEN


@pytest.fixture(scope="session")
def oracle() -> Path:
    """The oracle folder, from MATTING_ORACLE or beside the repository; skip where it is missing."""
    folder = Path(os.environ.get("MATTING_ORACLE", ROOT.parent / "shared" / "oracle"))
    if not folder.is_dir():
        pytest.skip(f"no oracle folder at {folder} (set MATTING_ORACLE)")
    return folder
