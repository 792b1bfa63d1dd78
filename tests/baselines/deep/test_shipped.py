"""The checkpoints that ship for the seven learned methods of the paper's table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from baselines.deep.checkpoints import SHIPPED, shipped_checkpoint
from baselines.deep.network_method import NetworkMethod
from benchmark.methods.finding import load_method
from perf.checkpoint.shipped import LARGEST, LARGEST_TOGETHER, export, scores

from .synthetic import METHODS, make_scene, save_small

NAMES = ("alphagan", "context-aware", "dcnn", "dim", "indexnet", "late-fusion", "samplenet")
RESULTS = SHIPPED.parents[2] / "results"
every = pytest.mark.parametrize("name", NAMES)


def mini() -> Path:
    [folder] = RESULTS.glob("mini-test-*")
    return folder


def test_each_of_the_seven_has_one_and_nobody_else() -> None:
    assert {name for name in METHODS if shipped_checkpoint(name) is not None} == set(NAMES)
    assert {path.name for path in SHIPPED.iterdir()} == set(NAMES)


def test_they_are_small() -> None:
    sizes = [(SHIPPED / name / "model.safetensors").stat().st_size for name in NAMES]
    assert max(sizes) <= LARGEST
    assert sum(sizes) <= LARGEST_TOGETHER


@every
def test_the_default_is_what_ships_and_its_row_says_so(name: str) -> None:
    method = load_method(name)
    assert isinstance(method, NetworkMethod)
    card = method.card
    assert card["title"] == f"{name} (ours, reduced)"
    assert card["licence"] == "MIT"
    assert "this suite generates" in card["trained_on"]
    assert card["weights"].count("sha256:") == 1
    assert "steps of 8 samples" in card["training"]
    image, trimap = make_scene(40, 56)
    alpha, _ = method(image, trimap if method.needs_trimap else None)
    assert np.isfinite(alpha).all()


@every
def test_weights_are_finite_and_half_precision(name: str) -> None:
    for key, tensor in load_file(SHIPPED / name / "model.safetensors").items():
        assert tensor.dtype == torch.float16, key
        assert tensor.isfinite().all(), key


def test_asked_for_weights_come_first(tmp_path: Path) -> None:
    save_small(METHODS["indexnet"], tmp_path)
    card = load_method("indexnet", str(tmp_path)).card
    assert "title" not in card
    assert "also_takes" not in card


@every
def test_the_card_has_its_scores_as_measured(name: str) -> None:
    card = (SHIPPED / name / "README.md").read_text()
    assert "Not the paper's weights" in card
    assert scores(name, mini()).strip() in card
    assert "validation sad" in card


@every
def test_every_one_is_better_than_what_looks_at_no_colour(name: str) -> None:
    floor = "constant" if name == "late-fusion" else "distance"
    assert mean_sad(name) < mean_sad(floor)


def mean_sad(method: str) -> float:
    [path] = mini().glob(f"{method}-????????/results.parquet")
    table = pd.read_parquet(path)
    return float(table.loc[table["metric"] == "sad/whole/v1", "value"].mean())


def test_a_run_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no model; expected a finished run"):
        export(tmp_path)


def test_a_run_is_put_into_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "run"
    for part in ("model", "best"):
        save_small(METHODS["dim"], run / part)
        (run / part / "README.md").write_text("--weights FOLDER\n")
    (run / "log.csv").write_text(
        "step,cpu_seconds,train_alpha,validation_sad\n5,60,0.25,\n10,60,0.125,9.5\n"
    )
    (run / "config.json").write_text('{"batch": 8}')
    first = tmp_path / "first"
    first.mkdir()
    (first / "log.csv").write_text("step,cpu_seconds,train_alpha,validation_sad\n7,30,0.5,9.9\n")
    monkeypatch.setattr("perf.checkpoint.shipped.SHIPPED", tmp_path / "weights")
    folder = export(run, first)
    assert folder == tmp_path / "weights" / "dim"
    config = json.loads((folder / "config.json").read_text())
    assert config["card"]["title"] == "dim (ours, reduced)"
    assert METHODS["dim"](folder).card["title"] == "dim (ours, reduced)"
    training = "reduced network, 17 steps of 8 samples, 2 CPU minutes, chosen on mini's validation"
    assert config["card"]["training"] == training
    budget = {"steps": 17, "cpu_seconds": 150, "best_step": 10, "validation_sad": 9.5}
    assert config["run"] == budget
    text = (folder / "README.md").read_text()
    assert text.index("| 7 | 30 | 0.5 | 9.9 |") < text.index("| 10 | 60 | 0.125 | 9.5 |")
