"""The trainer: it learns, it resumes to the bit, it refuses another training's folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from hattmatting import config as model_config
from hattmatting.network import HAttMatting
from hattmatting.recipes import PRESETS, TrainConfig, rate
from hattmatting.train import Run, main, train

SMALL = model_config.HAttConfig(
    backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
)


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_config.PRESETS, "small", SMALL)


def run_in(folder: Path, sources: Path) -> Run:
    return Run(sources, folder, validation=None, device="cpu", workers=0, checkpoint_every=3)


RECIPES = {
    "paper": dataclasses.replace(
        PRESETS["paper"], model="small", epochs=2, batch=1, stages=((1.0, 48),)
    ),
    "tiny": dataclasses.replace(
        PRESETS["tiny"], model="small", epochs=6, batch=4, stages=((0.5, 32), (1.0, 48)), warmup=2
    ),
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_resume_gives_equal_weights(recipe: str, sources: Path, tmp_path: Path) -> None:
    config = RECIPES[recipe]
    whole = train(config, run_in(tmp_path / "whole", sources))
    interrupted = run_in(tmp_path / "interrupted", sources)
    train(config, interrupted, stop_after=5)
    assert not (tmp_path / "interrupted" / "model").exists()
    resumed = train(config, interrupted)
    first, second = (load_file(folder / "model.safetensors") for folder in (whole, resumed))
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_it_learns(sources: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(
        PRESETS["tiny"], model="small", epochs=60, batch=6, stages=((1.0, 32),), warmup=5,
        rate=5e-3, distractors=0.0, precision="fp32",
    )  # fmt: skip
    train(config, run_in(tmp_path / "out", sources))
    rows = (tmp_path / "out" / "log.csv").read_text().splitlines()
    column = rows[0].split(",").index("train_mse")
    losses = [float(row.split(",")[column]) for row in rows[1:]]
    assert losses[-1] < 0.5 * losses[0]


def test_paper_recipe_trains_both_players(sources: Path, tmp_path: Path) -> None:
    train(RECIPES["paper"], run_in(tmp_path / "out", sources))
    parts = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)
    torch.manual_seed(0)
    fresh = HAttMatting(SMALL).state_dict()
    assert not torch.equal(parts["model"]["head.weight"], fresh["head.weight"])
    momentum = parts["discriminator_optimiser"]["state"]
    assert all(int(entry["step"]) == 12 for entry in momentum.values())


def test_another_trainings_folder_is_refused(sources: Path, tmp_path: Path) -> None:
    run = run_in(tmp_path / "out", sources)
    train(RECIPES["tiny"], run, stop_after=1)
    before = (tmp_path / "out" / "checkpoint.pt").read_bytes()
    with pytest.raises(ValueError, match="another configuration or other sources"):
        train(dataclasses.replace(RECIPES["tiny"], rate=1e-4), run)
    assert (tmp_path / "out" / "checkpoint.pt").read_bytes() == before


def test_learning_rates() -> None:
    """Paper §3.4: 0.007, poly with power 0.9; halfway 0.007·0.5^0.9."""
    paper = TrainConfig()
    assert rate(paper, 0, 100) == 0.007
    assert rate(paper, 50, 100) == pytest.approx(0.007 * 0.5**0.9)
    tiny = dataclasses.replace(PRESETS["tiny"], warmup=10)
    assert rate(tiny, 4, 100) == pytest.approx(tiny.rate / 2)
    assert rate(tiny, 99, 100) < 0.02 * tiny.rate


def test_missing_sources_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--sources", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert status == 2
    assert "none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
