"""The trainer: it learns, it resumes to the bit, it stops well."""

from __future__ import annotations

import csv
import dataclasses
import resource
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from distinctions646.images.png import write_png
from hattmatting.model import config as model_config
from hattmatting.model.network import HAttMatting
from hattmatting.recipes import PRESETS, HAttRecipe
from hattmatting.samples.planes import to_batch
from hattmatting.train import main, parse_args
from hattmatting.training.loop import start, train
from hattmatting.training.run import Run
from hattmatting.training.state import TrainingState
from hattmatting.training.step import advance

SMALL = model_config.HAttConfig(
    backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
)


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(model_config.PRESETS, "small", SMALL)


def run_in(folder: Path, sources: Path, **others: object) -> Run:
    options = {"device": "cpu", "workers": 0, "checkpoint_every": 3, **others}
    return Run(folder, sources, **options)  # type: ignore[arg-type]


RECIPES = {
    "paper": dataclasses.replace(
        PRESETS["paper"], model="small", epochs=2, batch=1, stages=((1.0, 32),)
    ),
    "tiny": dataclasses.replace(
        PRESETS["tiny"], model="small", epochs=6, batch=4, stages=((0.5, 32), (1.0, 48)), warmup=2
    ),
    "modern": dataclasses.replace(
        PRESETS["modern"],
        model="small",
        steps=6,
        batch=2,
        stages=((1.0, 32),),
        warmup=2,
        compile=False,
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
        PRESETS["tiny"],
        model="small",
        epochs=100,
        batch=6,
        stages=((1.0, 32),),
        warmup=5,
        rate=5e-3,
        distractors=0.0,
        precision="fp32",
    )
    train(config, run_in(tmp_path / "out", sources, checkpoint_every=20))
    losses = [float(row["train_mse"]) for row in log_of(tmp_path / "out")]
    assert losses[-1] < 0.6 * losses[0]


def log_of(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_paper_recipe_trains_both_players(sources: Path, tmp_path: Path) -> None:
    train(RECIPES["paper"], run_in(tmp_path / "out", sources))
    parts = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)
    torch.manual_seed(0)
    fresh = HAttMatting(SMALL).state_dict()
    assert not torch.equal(parts["model"]["head.weight"], fresh["head.weight"])
    momentum = parts["discriminator_optimiser"]["state"]
    assert all(int(entry["step"]) == 12 for entry in momentum.values())
    assert (parts["step"], parts["samples"]) == (12, 12)
    row = log_of(tmp_path / "out")[-1]
    assert float(row["train_discriminator"]) > 0
    assert 0 < float(row["loading_share"]) < 1
    assert (row["step"], row["epoch"]) == ("12", "1")


def test_previews_show_image_truth_and_matte(sources: Path, tmp_path: Path) -> None:
    train(RECIPES["paper"], run_in(tmp_path / "out", sources))
    names = sorted(path.name for path in (tmp_path / "out" / "previews").iterdir())
    assert names == [f"step_{step:07d}.png" for step in (3, 6, 9, 12)]
    with Image.open(tmp_path / "out" / "previews" / names[0]) as picture:
        assert picture.size == (3 * 192, 4 * 192)


def test_validation_keeps_the_best(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for kind in ("image", "alpha"):
        (folder / "validation" / kind).mkdir(parents=True)
    rng = np.random.RandomState(1)
    for number in range(3):
        pixels = rng.randint(0, 256, (32, 40, 3)).astype(np.uint8)
        write_png(folder / "validation" / "image" / f"{number}.png", pixels)
        write_png(folder / "validation" / "alpha" / f"{number}.png", pixels[..., 0])
    run = run_in(tmp_path / "out", sources, validation=folder, validation_limit=2)
    train(RECIPES["tiny"], run)
    scores = {row["step"]: float(row["validation_sad"]) for row in log_of(tmp_path / "out")}
    parts = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)
    best = str(parts["best"]["step"])
    assert scores[best] == min(scores.values())
    card = (tmp_path / "out" / "best" / "README.md").read_text()
    assert f"step {best}: SAD" in card
    assert "2 pictures of validation of pictures" in card
    assert HAttMatting.from_pretrained(tmp_path / "out" / "best").config == SMALL


def test_another_trainings_folder_is_refused(sources: Path, tmp_path: Path) -> None:
    run = run_in(tmp_path / "out", sources)
    train(RECIPES["tiny"], run, stop_after=1)
    before = (tmp_path / "out" / "checkpoint.pt").read_bytes()
    with pytest.raises(ValueError, match=r"another configuration .* \(rate 0.002, now 0.0001\)"):
        train(dataclasses.replace(RECIPES["tiny"], rate=1e-4), run)
    (sources / "foregrounds" / "disc_5.png").unlink()
    with pytest.raises(ValueError, match=r"another configuration or other sources \(data"):
        train(RECIPES["tiny"], run)
    assert (tmp_path / "out" / "checkpoint.pt").read_bytes() == before


def test_damaged_checkpoint_is_told(sources: Path, tmp_path: Path) -> None:
    run = run_in(tmp_path / "out", sources)
    train(RECIPES["tiny"], run, stop_after=1)
    path = tmp_path / "out" / "checkpoint.pt"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"checkpoint\.pt: unreadable training checkpoint"):
        train(RECIPES["tiny"], run)


def test_not_a_number_stops_and_names_the_sample(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fifth step's second prediction is spoilt: samples 16 to 19, so number 17."""
    calls = []
    forward = HAttMatting.forward

    def spoilt(self: HAttMatting, image: torch.Tensor) -> torch.Tensor:
        alpha = forward(self, image)
        calls.append(self.training)
        if sum(calls) == 5 and self.training:
            alpha = alpha * torch.tensor([1.0, float("nan"), 1.0, 1.0]).view(4, 1, 1, 1)
        return alpha

    monkeypatch.setattr(HAttMatting, "forward", spoilt)
    run = run_in(tmp_path / "out", sources)
    with pytest.raises(
        ValueError,
        match=r"stopped at step 4: the loss is nan; samples: disc_\d"
        r"\.png \(no\. 17\); .*checkpoint\.pt is the last good",
    ):
        train(RECIPES["tiny"], run)
    parts = torch.load(tmp_path / "out" / "checkpoint.pt", weights_only=True)
    assert parts["step"] == 3
    assert all(value.isfinite().all() for value in parts["model"].values())


def test_full_disk_keeps_the_previous_checkpoint(sources: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: writing fails half-way."""
    run = run_in(tmp_path / "out", sources)
    train(RECIPES["tiny"], run, stop_after=2)
    before = (tmp_path / "out" / "checkpoint.pt").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(OSError, match=r"cannot be written: .*previous checkpoint is intact"):
            train(RECIPES["tiny"], run, stop_after=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "out" / "checkpoint.pt").read_bytes() == before
    assert not list((tmp_path / "out").glob(".partial*"))
    train(RECIPES["tiny"], run)


def test_start_from_another_network_is_refused(tmp_path: Path) -> None:
    wider = dataclasses.replace(SMALL, decoder_channels=16, inference_long_side=64)
    HAttMatting(wider).save_pretrained(tmp_path / "wide")
    config = dataclasses.replace(RECIPES["tiny"], start_from=str(tmp_path / "wide"))
    with pytest.raises(ValueError, match=r"another network: decoder_channels 16, not 8$"):
        config.build()


def test_frozen_batch_normalisation_stays(sources: Path, tmp_path: Path) -> None:
    config = dataclasses.replace(RECIPES["paper"], freeze_batch_norm=True)
    weights = load_file(train(config, run_in(tmp_path / "out", sources)) / "model.safetensors")
    assert float(weights["semantics.1.running_mean"].abs().max()) == 0
    assert float(weights["semantics.1.weight"].std()) > 0


def test_paper_preset_takes_two_steps_of_the_full_network() -> None:
    """ResNeXt-101 in the figure's geometry, both players, Eq. 2; only the crop is smaller."""
    config = dataclasses.replace(PRESETS["paper"], batch=1, stages=((1.0, 32),))
    torch.manual_seed(0)
    state = TrainingState(config, start("cpu"), steps=2, steps_an_epoch=1)
    before = state.model.backbone.conv1.weight.detach().clone()
    image = torch.randint(0, 256, (2, 1, 3, 32, 32), dtype=torch.uint8)
    batches = [
        to_batch(image[number], image[number, :, :1], [number], {}, state.device)
        for number in range(2)
    ]
    parts = [advance(state, batch) for batch in batches]
    assert sum(p.numel() for p in state.model.parameters()) > 62e6
    assert all(np.isfinite(list(part.values())).all() for part in parts)
    assert set(parts[0]) >= {"mse", "ssim", "adversarial", "discriminator"}
    assert not torch.equal(before, state.model.backbone.conv1.weight)


def test_learning_rates() -> None:
    """Paper §3.4: 0.007, poly with power 0.9; halfway 0.007·0.5^0.9."""
    paper = HAttRecipe()
    assert paper.rate_at(0, 100) == 0.007
    assert paper.rate_at(50, 100) == pytest.approx(0.007 * 0.5**0.9)
    tiny = dataclasses.replace(PRESETS["tiny"], warmup=10)
    assert tiny.rate_at(4, 100) == pytest.approx(tiny.rate / 2)
    assert tiny.rate_at(99, 100) < 0.02 * tiny.rate


def test_loss_weights() -> None:
    """λ by epoch; an ablation without L_SSIM has the others unchanged."""
    full = {"adversarial": 0.05, "mse": 1.0, "ssim": 0.1, "l1": 0.0}
    assert HAttRecipe().loss_weights(0.0, epoch=0) == full
    assert HAttRecipe().loss_weights(0.5, epoch=1) == full | {"ssim": 0.025}
    basic = HAttRecipe(ablation="hatt-basic")
    assert basic.loss_weights(0.0, epoch=0) == full | {"ssim": 0.0}
    sharpen = HAttRecipe(losses="sharpen", mse_until=0.5)
    assert sharpen.loss_weights(0.4, 0) == {"adversarial": 0, "mse": 1, "ssim": 0, "l1": 0}
    assert sharpen.loss_weights(0.5, 0)["l1"] == 0.3
    assert sharpen.loss_weights(0.5, 0)["adversarial"] == 0
    hybrid = HAttRecipe(losses="hybrid")
    assert hybrid.loss_weights(0.5, 3) == {"adversarial": 0.05, "mse": 1, "ssim": 0.1, "l1": 0.3}
    late = HAttRecipe(mse_until=0.5)
    assert late.loss_weights(0.49, 0) == {"adversarial": 0, "mse": 1, "ssim": 0, "l1": 0}
    assert late.loss_weights(0.5, 0) == full


def test_length() -> None:
    assert HAttRecipe(epochs=2.0, batch=4).length(10) == (4, 2)
    assert HAttRecipe(steps=7, batch=4).length(10) == (7, 2)
    assert HAttRecipe(epochs=1.0, batch=16).length(10) == (1, 1)


def test_options_become_a_recipe(tmp_path: Path) -> None:
    config, run = parse_args(
        [
            "--dataset",
            "D",
            "--out",
            "O",
            "--preset",
            "modern",
            "--crop",
            "64",
            "--steps",
            "5",
            "--no-compile",
            "--ablation",
            "hatt-basic-ca",
            "--validation",
            "V",
            "--validation-limit",
            "9",
        ]
    )
    assert config == dataclasses.replace(
        PRESETS["modern"], stages=((1.0, 64),), steps=5, compile=False, ablation="hatt-basic-ca"
    )
    expected = Run(Path("O"), dataset=Path("D"), validation=Path("V"), validation_limit=9)
    assert run == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--batch", "0"], "batch is 0; expected 1 or more"),
        (["--ablation", "hatt-best"], "no ablation 'hatt-best'; expected one of hatt-basic,"),
        (["--checkpoint-every", "0"], "checkpoint_every is 0; expected 1 or more"),
        (["--precision", "fp8"], "precision is 'fp8'; expected one of"),
        (["--compose", "gpu"], "compose is 'gpu'; expected one of ('loader', 'device')"),
        (
            ["--preset", "tiny", "--compose", "device"],
            "compose is 'device'; expected 'loader' with samples in the style 'salient'",
        ),
        (["--device", "tpu"], "device 'tpu' cannot be used here"),
        (["--rate", "nan"], "rate is nan; expected more than 0"),
        (["--rate", "inf"], "rate is inf; expected more than 0"),
        (["--crop", "0"], "crop is 0; expected 32 or more"),
        (["--backgrounds", "B"], "backgrounds is 'B'; expected none without a dataset"),
        (["--validation-limit", "3"], "validation_limit is 3; expected none without validation"),
    ],
)
def test_wrong_options_exit_2(
    options: list[str],
    message: str,
    sources: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--sources", str(sources), "--out", str(tmp_path / "out"), *options]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_missing_sources_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--sources", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert status == 2
    assert "none" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
