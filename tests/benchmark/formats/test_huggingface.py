"""The Hub's files: loaded by its own library, offline; a push takes the results dataset only."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import yaml

from benchmark.board.loading import load_boards
from benchmark.formats.huggingface import push, write_hub_files


@pytest.fixture
def written(tmp_path, make_run):
    values = {f"fg{place}": [10.0 + place, 12.0] for place in range(9)}
    make_run(tmp_path / "runs", "knn", values, not_applicable=("fg0_0",))
    make_run(tmp_path / "runs", "theirs", values, kind="scored")
    (board,) = boards = load_boards([tmp_path / "runs"])
    write_hub_files(boards, tmp_path / "hub", "lab/matting")
    return tmp_path / "hub", board


def test_the_results_dataset_loads_offline(written, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    folder, board = written
    load = {"split": "test", "cache_dir": str(tmp_path / "cache")}
    table = datasets.load_dataset(str(folder / "dataset"), "leaderboard", **load)
    assert len(table) == sum(len(row.cells) for row in board.rows)
    assert set(table["method"]) == {"knn", "theirs"}
    images = datasets.load_dataset(str(folder / "dataset"), "images", **load)
    assert len(images) == 2 * 2 * 18


def test_eval_results_point_to_a_task_of_the_benchmark(written):
    folder, board = written
    benchmark = yaml.safe_load((folder / "dataset/eval.yaml").read_text())
    tasks = {task["id"] for task in benchmark["tasks"]}
    (path,) = (folder / "models").glob("*/.eval_results/*.yaml")
    entries = yaml.safe_load(path.read_text())
    assert path.parts[-3] == board.row("knn").key  # scored mattes are of no model of ours
    for entry in entries:
        assert entry["dataset"]["task_id"] in tasks
        assert entry["dataset"]["id"] == "lab/matting"
        assert entry["notes"].startswith("protocol paper: whole image, trimaps dilate-25/v1; 18")
        assert entry["notes"].endswith("1 not applicable")
    assert entries[0]["value"] == board.row("knn").cells["sad/whole/v1"].value


def test_the_hubs_own_readers_take_the_files(written):
    hub = pytest.importorskip("huggingface_hub")
    folder, board = written
    value = board.row("knn").cells["sad/whole/v1"].value
    (path,) = (folder / "models").glob("*/.eval_results/*.yaml")
    if hasattr(hub, "parse_eval_result_entries"):
        entries = hub.parse_eval_result_entries(yaml.safe_load(path.read_text()))
        assert entries[0].value == value
    (path,) = (folder / "models").glob("*/model-index-*.yaml")
    block = yaml.safe_load(path.read_text())["model-index"]
    from huggingface_hub.repocard_data import model_index_to_eval_results

    name, results = model_index_to_eval_results(block)
    assert name == "knn"
    assert (results[0].metric_type, results[0].metric_value) == ("sad/whole/v1", value)


class FakeHub:
    def __init__(self, error=None):
        self.calls, self.error = [], error

    def create_repo(self, **call):
        if self.error:
            raise self.error
        self.calls.append(("create", call))

    def upload_folder(self, **call):
        self.calls.append(("folder", call))


def test_a_push_takes_the_results_dataset_only(written, monkeypatch):
    folder, _ = written
    hub = FakeHub()
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: hub)
    push(folder, "lab/matting", private=True)
    (_, create), (_, upload) = hub.calls
    assert create == {
        "repo_id": "lab/matting",
        "repo_type": "dataset",
        "private": True,
        "exist_ok": True,
    }
    assert upload["folder_path"] == folder / "dataset"
    assert not list((folder / "dataset").rglob("*.png"))


def test_a_refusal_and_a_missing_token_are_said(written, monkeypatch):
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    refused = HfHubHTTPError(
        "401 Unauthorized", response=SimpleNamespace(headers={}, request=None, status_code=401)
    )
    for error, message in ((refused, "the Hub refused"), (LocalTokenNotFoundError(), "no token")):
        monkeypatch.setattr("huggingface_hub.HfApi", lambda error=error: FakeHub(error))
        with pytest.raises(OSError, match=message):
            push(written[0], "lab/matting")
