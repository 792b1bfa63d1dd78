"""Commands that start workers leave none behind when they are killed, whatever the signal."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.reliability.kills import COMMANDS, SIGNALS, kill, write_sources

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kills")
    write_sources(folder)
    return folder


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command(name: str, number: str, inputs: Path, tmp_path: Path) -> None:
    killed = kill(name, inputs, tmp_path / "out", number, random.Random(f"{name}{number}"))
    assert (killed.left, killed.wrong) == (0, "")
