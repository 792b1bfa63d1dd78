"""A few of the faults at every run of the tests, some hundred in the slow part."""

from __future__ import annotations

import os
import sys

import pytest

from tests.reliability.commands import COMMANDS
from tests.reliability.faults import describe, try_all
from tests.reliability.steps import Step

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork") or sys.platform != "linux", reason="forks, and looks into /proc"
)


def test_what_can_befall_a_step() -> None:
    assert Step("read", "a").faults == ("EIO",)
    assert Step("remove", "a").faults == ("EIO", "kill")
    assert Step("write", "a").faults == ("ENOSPC", "EIO", "kill")


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_survives(name: str) -> None:
    ((_, outcomes),) = try_all([name], 12)
    assert [describe(one) for one in outcomes if one.lost] == []
    assert len(outcomes) == 12
