"""How many processes there are, and on what."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest

from benchmark.methods.description import MethodDescription
from benchmark.results.matte_store import MatteStore
from benchmark.runner.image import Task
from benchmark.runner.pool import affordable_workers, on_gpu, spread
from benchmark.runner.ranks import rank_devices, read_rank
from distinctions646.process.part import Part


def test_workers_fit_into_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """A 24×30 image at 1,000 GB a megapixel needs 0.72 GB, and a process 0.4."""
    sizes = [(24, 30), (5, 5)]
    hungry: MethodDescription = SimpleNamespace(memory_gb_per_megapixel=1000.0)  # type: ignore[assignment]
    silent: MethodDescription = SimpleNamespace(memory_gb_per_megapixel=None)  # type: ignore[assignment]
    assert affordable_workers(4, hungry, sizes, available=int(2.3e9)) == 2
    assert "2 workers instead of 4: 0.7 GB each" in capsys.readouterr().err
    assert affordable_workers(4, hungry, sizes, available=int(0.1e9)) == 1
    assert affordable_workers(4, hungry, sizes, available=int(9e9)) == 4
    assert affordable_workers(4, silent, sizes, available=0) == 4


def test_one_process_a_gpu_whatever_the_workers(tmp_path) -> None:
    method = MethodDescription("hatt", "hatt", "0" * 12, False, {})
    tasks = partial(spread, Task(method, (), MatteStore(tmp_path)))
    assert [task.device for task in tasks(9, ("cuda:0", "cuda:1"))] == ["cuda:0", "cuda:1"]
    assert [task.device for task in tasks(2, ())] == [None, None]
    assert [task.device for task in tasks(2, ("cpu",))] == ["cpu", "cpu"]
    assert on_gpu(("cuda",))
    assert not on_gpu(("cpu",))


def test_ranks_are_what_torchrun_says() -> None:
    assert read_rank({"RANK": "1", "WORLD_SIZE": "4"}) == Part(1, 4)
    for environment, message in (
        ({"RANK": "4", "WORLD_SIZE": "4"}, "RANK is 4; expected 0 to WORLD_SIZE - 1, which is 3"),
        ({"RANK": "1"}, "WORLD_SIZE is not set; expected a number"),
        ({"RANK": "one", "WORLD_SIZE": "4"}, "RANK is 'one'; expected a number"),
    ):
        with pytest.raises(ValueError, match=message):
            read_rank(environment)
    assert rank_devices(("cuda:1",), {"LOCAL_RANK": "3"}) == ("cuda:1",)
    assert rank_devices(("cpu",), {"LOCAL_RANK": "3"}) == ("cpu",)
