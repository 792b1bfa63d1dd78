"""How many processes there are, and on what."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.methods.description import MethodDescription, describe_method
from benchmark.methods.memory import needed_bytes, share_of
from benchmark.results.matte_store import MatteStore
from benchmark.runner import costs
from benchmark.runner.costs import is_to_be_tried, paying_workers
from benchmark.runner.image import Task
from benchmark.runner.pool import affordable_workers, on_gpu, spread
from benchmark.runner.ranks import rank_devices, read_rank
from distinctions646.process.part import Part


def test_workers_fit_into_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """A 24×30 image at 1,000 GB a megapixel needs 0.72 GB, and a process 0.4."""
    sizes = [(24, 30), (5, 5)]
    hungry: MethodDescription = MethodDescription(
        "hungry", "hungry", "0" * 12, True, {}, memory_gb_per_megapixel=1000.0
    )
    silent: MethodDescription = MethodDescription("silent", "silent", "0" * 12, True, {})
    assert affordable_workers(4, hungry, sizes, available=int(2.3e9)) == 2
    assert "hungry: 2 workers instead of 4: 0.7 GB each" in capsys.readouterr().err
    assert affordable_workers(4, hungry, sizes, available=int(0.1e9)) == 1
    assert affordable_workers(4, hungry, sizes, available=int(9e9)) == 4
    assert affordable_workers(4, silent, sizes, available=0) == 4


@pytest.mark.parametrize("megapixels", [1, 4, 12])
@pytest.mark.parametrize("free", [2e9, 8e9, 18e9, 64e9])
def test_workers_are_counted_as_pictures_are_checked(megapixels: int, free: float) -> None:
    """Counted workers each have the share that a picture with 40 % unknown needs, and no fewer."""
    method = describe_method("closed-form", None, None)
    pixels = megapixels * 1_000_000
    workers = affordable_workers(8, method, [(1000, pixels // 1000)], available=int(free))
    need = needed_bytes(method, pixels, int(0.4 * pixels))
    assert workers == 1 or share_of(workers, free) >= need
    assert workers == 8 or share_of(workers + 1, free) < need
    assert workers * need <= free or workers == 1


def test_a_method_of_two_stages_needs_what_the_hungrier_does() -> None:
    method = describe_method("two-stage:closed-form,constant,dilate-20/v1", None, None)
    assert method.memory_needs == describe_method("closed-form", None, None).memory_needs
    assert describe_method("constant", None, None).memory_needs is None


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


def job_of(
    monkeypatch: pytest.MonkeyPatch,
    speed: float | None,
    matte: Path | None = None,
    weights: str = "none",
):
    """Return a job of a hundred images of a megapixel, and the images."""
    monkeypatch.setattr(costs, "speed_of", lambda job: (speed, ""))
    sample = SimpleNamespace(size=lambda: (1000, 1000))
    method = SimpleNamespace(card={"weights": weights})
    job = SimpleNamespace(task=SimpleNamespace(trimaps=(None,), method=method))
    return job, [SimpleNamespace(sample=sample, matte=matte)] * 100


def test_workers_have_more_to_do_than_they_take_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, todo = job_of(monkeypatch, 10.0)
    assert paying_workers(slow, todo, 8) == 8
    assert paying_workers(slow, todo, 1) == 1
    quick, todo = job_of(monkeypatch, 0.01)
    assert paying_workers(quick, todo, 8) == 1
    assert paying_workers(quick, todo * 2, 8) == 2
    unknown, todo = job_of(monkeypatch, None)
    assert paying_workers(unknown, todo, 8) == 8
    network, todo = job_of(monkeypatch, 0.4, weights="hatt-lite")
    classical, _ = job_of(monkeypatch, 0.4)
    assert paying_workers(network, todo, 8) < paying_workers(classical, todo, 8) == 8


def test_thousands_of_tiny_images_are_one_process_s_work(monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = job_of(monkeypatch, 0.1)
    tiny = SimpleNamespace(sample=SimpleNamespace(size=lambda: (32, 32)), matte=None)
    assert paying_workers(job, [tiny] * 1600, 2) == 1  # type: ignore[list-item]
    assert paying_workers(job, [tiny] * 16_000, 2) == 2  # type: ignore[list-item]


def test_ready_made_mattes_are_only_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    job, todo = job_of(monkeypatch, None, Path("matte.png"))
    assert paying_workers(job, todo, 8) == 1
    assert paying_workers(job, todo * 2, 8) == 2
    assert not is_to_be_tried(job, todo, 2)


def test_one_image_is_tried_first_where_many_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    job, todo = job_of(monkeypatch, None)
    assert is_to_be_tried(job, todo, 2)
    assert not is_to_be_tried(job, todo, 1)
    assert not is_to_be_tried(job, todo[:19], 2)
    known, todo = job_of(monkeypatch, 1.0)
    assert not is_to_be_tried(known, todo, 2)
