"""The trainer with each learned method: it learns, resumes, and settings reach the optimiser."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn

from baselines.deep.checkpoints import save_network
from baselines.deep.objectives import dcnn
from baselines.deep.objectives.recipe import NetworkRecipe
from baselines.train import main, parse_args
from distinctions646.images.png import write_png
from hattmatting.training.arguments import load_presets, registered
from hattmatting.training.loop import train
from hattmatting.training.run import Run
from hattmatting.training.state import TrainingState

from .synthetic import make_scene

NAMES = [name for name in registered() if name != "hatt"]


def preset(name: str, which: str = "small", **changes: Any) -> NetworkRecipe:
    found = load_presets(name)[which]
    assert isinstance(found, NetworkRecipe)
    return dataclasses.replace(found, size="small", **changes)


def toy(name: str, **changes: Any) -> NetworkRecipe:
    """The small preset on tiny samples."""
    side = max(32, load_presets(name)["small"].smallest_crop)
    settings = {"steps": 2, "batch": 2, "crops": (side,), "stages": ((1.0, side),), "warmup": 0}
    return preset(name, **{**settings, **changes})


def run_in(folder: Path, sources: Path, **others: Any) -> Run:
    return Run(folder, sources, device="cpu", workers=0, **{"checkpoint_every": 1, **others})


def log_of(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def state_of(recipe: NetworkRecipe) -> TrainingState:
    return TrainingState(recipe, Accelerator(cpu=True), 10, 5)


@pytest.mark.parametrize(
    "name",
    [
        name if name in {"dcnn", "dim"} else pytest.param(name, marks=pytest.mark.slow)
        for name in NAMES
    ],
)
def test_every_method_trains_to_a_checkpoint_that_it_takes(
    name: str, sources: Path, tmp_path: Path
) -> None:
    recipe = toy(name)
    folder = train(recipe, run_in(tmp_path / "out", sources))
    for row in log_of(tmp_path / "out"):
        assert np.isfinite(float(row["gradient"]))
        assert float(row["gradient"]) > 0
    method = recipe.method(str(folder))
    assert method.card["training"].startswith("length 2 of 2 steps of 2 samples")
    image, trimap = make_scene(33, 40)
    alpha, _ = method(image, trimap if method.needs_trimap else None)
    assert np.isfinite(alpha).all()
    assert "Not the paper's weights" in (folder / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_losses_fall(name: str, sources: Path, tmp_path: Path) -> None:
    """All phases as one, at a constant rate: what is learned is the sum of the terms."""
    whole = "opacity" if name == "samplenet" else "whole"
    recipe = toy(
        name, steps=60, schedule="constant", ema=0.0, rate=1e-3, phases=((1.0, whole),), seed=1
    )
    train(recipe, run_in(tmp_path / "out", sources, checkpoint_every=15))
    apart = ("train_adversarial", "train_discriminator")
    totals = [
        sum(
            float(text)
            for key, text in row.items()
            if key.startswith("train_") and key not in apart
        )
        for row in log_of(tmp_path / "out")
    ]
    assert totals[-1] < 0.9 * totals[0]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("dim", {}),
        pytest.param("alphagan", {}, marks=pytest.mark.slow),
        pytest.param(
            "samplenet",
            {"phases": ((0.5, "samplers"), (1.0, "opacity"))},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_stopped_training_resumes_to_the_bit(
    name: str, changes: dict[str, Any], sources: Path, tmp_path: Path
) -> None:
    """With an adversary; and stopped between two phases."""
    recipe = toy(name, steps=4, **changes)
    whole = train(recipe, run_in(tmp_path / "whole", sources))
    train(recipe, run_in(tmp_path / "parts", sources), stop_after=2)
    parts = train(recipe, run_in(tmp_path / "parts", sources))
    one, two = (load_file(folder / "model.safetensors") for folder in (whole, parts))
    assert all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize("name", NAMES)
def test_the_papers_constants_reach_the_optimiser(name: str) -> None:
    recipe = preset(name, "paper")
    state = state_of(recipe)
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    assert type(state.optimiser) is kinds[recipe.optimiser]
    [group] = state.optimiser.param_groups
    assert state.set_rate() == group["lr"] == recipe.rate
    assert group["weight_decay"] == recipe.weight_decay
    if recipe.optimiser == "sgd":
        assert group["momentum"] == recipe.momentum
    else:
        assert group["betas"] == (recipe.momentum, recipe.second_moment)
    if state.discriminator is not None:
        [judge] = state.discriminator.optimiser.param_groups
        assert judge["lr"] == recipe.rate
        assert recipe.loss_weights(0, 0) == {"adversarial": 0.001}


def test_rates_fall_at_milestones() -> None:
    recipe = preset("indexnet", "paper")
    rates = [recipe.rate_at(step, 300) for step in (0, 199, 200, 259, 260, 299)]
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4])
    assert preset("dim", "paper").rate_at(7, 8) == 1e-5


def test_pretrained_parts_move_slower(tmp_path: Path) -> None:
    recipe = preset("indexnet", "paper")
    torch.manual_seed(1)
    network = recipe.build()
    save_network(network, "indexnet", tmp_path / "start", dtype=torch.float32)
    started = dataclasses.replace(recipe, start_from=str(tmp_path / "start"))
    state = state_of(started)
    state.set_rate()
    rates = {
        id(parameter): group["lr"]
        for group in state.optimiser.param_groups
        for parameter in group["params"]
    }
    for (key, parameter), (_, first) in zip(
        state.model.named_parameters(), network.named_parameters(), strict=True
    ):
        slow = key.startswith("layer")
        assert rates[id(parameter)] == pytest.approx(1e-4 if slow else 1e-2), key
        assert torch.equal(parameter, first)


def test_a_phase_moves_its_own_parts_alone(sources: Path, tmp_path: Path) -> None:
    """Batch statistics of the others stand still, too."""
    recipe = toy("dim", steps=2, phases=((1.0, "refinement"),), ema=0.0, checkpoint_dtype="float32")
    torch.manual_seed(recipe.seed)
    before = recipe.build().state_dict()
    train(recipe, run_in(tmp_path / "out", sources))
    after = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)["model"]
    moved = {key for key, value in after.items() if not torch.equal(value, before[key])}
    assert moved
    assert all(key.startswith("refine_") for key in moved)


@pytest.mark.parametrize("name", NAMES)
def test_settings_are_options(name: str, tmp_path: Path) -> None:
    arguments = ["--method", name, "--preset", "small", "--sources", "s", "--out", "o"]
    given = ["--rate", "0.5", "--steps", "7", "--crop", "64", "--seed", "3", "--around", "anything"]
    asked = parse_args([*arguments, *given])
    assert asked is not None
    recipe = asked[0]
    assert (recipe.rate, recipe.steps, recipe.stages) == (0.5, 7, ((1.0, 64),))
    assert (recipe.seed, recipe.around) == (3, "anything")
    plain = parse_args(arguments)
    assert plain is not None
    assert plain[0] == load_presets(name)["small"]
    assert parse_args(arguments[:2] + arguments[4:]) is not None  # the paper's


def test_a_list_of_what_can_be_trained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(registered())
    assert all("paper" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "dimm"], "invalid choice: 'dimm'"),
        (["--method", "dim", "--preset", "huge"], "invalid choice: 'huge'"),
        (["--method", "dim", "--size", "huge"], "size is 'huge'; expected one of paper, small"),
        (["--method", "dim", "--trimap", "any"], "trimap rule is 'any'; expected one of"),
        (["--method", "dim", "--around", "me"], "around is 'me'; expected one of"),
        (["--method", "dim", "--start-from", "nowhere"], "nowhere"),
        (["--method", "hatt", "--around", "unknown"], "around is 'unknown'; expected another"),
        ([], "--method"),
    ],
)
def test_wrong_settings_exit_2(
    options: list[str],
    message: str,
    sources: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = [] if "--preset" in options or "hatt" in options else ["--preset", "small"]
    arguments = [*options, *(small if "dimm" not in options and options else [])]
    try:
        status = main([*arguments, "--sources", str(sources), "--out", str(tmp_path / "out")])
    except SystemExit as stopped:  # argparse's own
        status = int(str(stopped.code))
    assert status == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_method_that_takes_a_trimap_is_trained_with_one() -> None:
    with pytest.raises(ValueError, match="trimap is None; dim expected a rule"):
        preset("dim", trimap=None, around="anything")
    with pytest.raises(ValueError, match="late-fusion expected none"):
        preset("late-fusion", trimap="dilate-25/v1")


def test_validation_looks_as_the_benchmark_does(tmp_path: Path) -> None:
    """What scores a network while it trains is the method around it, known pixels kept."""
    image, trimap = make_scene(40, 52)
    for name in ("indexnet", "dcnn"):
        recipe = preset(name)
        network: nn.Module = recipe.build().eval()
        save_network(network, name, tmp_path / name, dtype=torch.float32)
        expected, _ = recipe.method(tmp_path / name)(image, trimap)
        assert np.array_equal(recipe.predict(network, image, trimap), expected)


def test_where_solvers_cannot_work_the_trimap_stands_in() -> None:
    image, trimap = make_scene(24, 24)
    made = dcnn.mattes_of(image, trimap)["mattes"]
    assert made.shape == (24, 24, 2)
    known = trimap != 128
    assert np.array_equal(made[known], np.repeat(trimap[known][:, None], 2, 1))
    nothing_known = np.where(trimap == 255, 128, trimap).astype(np.uint8)
    blind = dcnn.mattes_of(image, nothing_known)["mattes"]
    assert set(np.unique(blind)) <= {0, 128}
    with pytest.raises(ValueError, match="dcnn needs a trimap"):
        dcnn.mattes_of(image, None)


@pytest.mark.parametrize("name", ["dim", "dcnn"])
def test_a_small_training_with_validation(name: str, sources: Path, tmp_path: Path) -> None:
    image, trimap = make_scene(40, 40)
    for kind, pixels in (("image", image), ("trimap", trimap), ("alpha", trimap)):
        (tmp_path / "set" / kind).mkdir(parents=True)
        write_png(tmp_path / "set" / kind / "a.png", pixels)
    run = run_in(tmp_path / "out", sources, validation=tmp_path / "set")
    train(toy(name), run)
    assert float(log_of(tmp_path / "out")[-1]["validation_sad"]) >= 0
    assert (tmp_path / "out" / "best" / "model.safetensors").is_file()
