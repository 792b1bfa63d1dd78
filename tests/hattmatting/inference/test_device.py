"""The threads that a network on a processor gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from hattmatting.inference.device import SMALL, fitting_threads


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("pixels", "threads"), [(1, 1), (SMALL, 1), (SMALL + 1, 2)])
def test_a_small_input_gets_one_thread(pixels: int, threads: int) -> None:
    with fitting_threads(torch.device("cpu"), pixels):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 2


def test_an_error_gives_the_threads_back() -> None:
    with pytest.raises(RuntimeError, match="stop"), fitting_threads(torch.device("cpu"), 1):
        raise RuntimeError("stop")
    assert torch.get_num_threads() == 2
