"""A run taken apart by image with --shard, and images grouped for a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.results import result_table as results
from benchmark.run import main, parse_args
from benchmark.runner.ahead import GROUP, equal_sizes, score_group
from benchmark.runner.config import RunConfig
from benchmark.runner.image import score_image
from benchmark.runner.ranks import rank_devices
from benchmark.runner.setup import make_jobs
from distinctions646.checks.notes import collect, note
from distinctions646.cluster.options import EngineChoice


def test_the_last_shard_joins_the_others(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = tmp_path / "runs"
    arguments = ["--method", "distance", "--dataset", str(dataset), "--out", str(runs)]
    assert main([*arguments, "--shard", "1/2"]) == 0
    assert "2 images are other ranks'" in capsys.readouterr().err
    (folder,) = runs.glob("discs-*/distance-*")
    assert not (folder / "results.parquet").exists()
    assert main([*arguments, "--shard", "0/2"]) == 0
    assert results.read(folder / "results.parquet")["image_id"].nunique() == 3


def test_a_job_array_gives_the_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ID", "7"), ("MIN", "0"), ("MAX", "19"), ("COUNT", "20")):
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", value)
    config = parse_args(["--shard", "slurm"])
    assert isinstance(config, RunConfig)
    assert str(config.rank) == "7/20"


def test_a_shard_and_a_launchers_rank_contradict_each_other(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    arguments = ["--method", "distance", "--dataset", str(dataset), "--shard", "0/2"]
    assert main(arguments) == 2
    assert "--shard 0/2 and the launcher's RANK 1 both say" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*arguments[:-1], "2/2"])
    assert "--shard is 2/2; expected 0/2 to 1/2" in capsys.readouterr().err


def test_every_gpu_has_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert rank_devices(("cuda:auto",), {}) == ("cuda:0", "cuda:1", "cuda:2")
    assert rank_devices(("cuda:auto",), {"LOCAL_RANK": "1"}) == ("cuda:1",)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match="cuda:auto, and this machine has no GPU"):
        rank_devices(("cuda:auto",), {})


def test_the_gpus_of_a_cluster_are_its_workers() -> None:
    config = RunConfig(
        ("hatt",), (Path("mini"),), device=("cuda:auto",), engine=EngineChoice(cluster="local:2")
    )
    assert config.for_rank({}).device == ("cuda",)


class Sized:
    """Stands in for an item whose sample has a size."""

    def __init__(self, height: int, width: int) -> None:
        self.sample, self._size = self, (height, width)

    def size(self) -> tuple[int, int]:
        return self._size


def test_images_of_one_size_come_in_a_row() -> None:
    items: Any = [Sized(4, 5), Sized(9, 9), *(Sized(4, 5) for _ in range(GROUP))]
    groups: Any = equal_sizes(items)
    assert [[one.size() for one in group] for group in groups] == [
        [(9, 9)],
        [(4, 5)] * GROUP,
        [(4, 5)],
    ]


def test_images_decoded_ahead_score_the_same(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = make_jobs(RunConfig(("distance",), (dataset,), out=tmp_path / "runs"))
    job.folder.mkdir(parents=True)
    alone = [score_image(job.task, item) for item in job.items]
    decode = type(job.items[0].sample).image

    def noted(sample: Any) -> Any:
        note(sample.name, "decoded")
        return decode(sample)

    monkeypatch.setattr(type(job.items[0].sample), "image", noted)
    with collect() as notes:
        assert score_group(job.task, job.items) == alone
    assert [path for path, what in notes if what == "decoded"] == ["a", "b", "glass"]
