from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hattmatting.model.config import PRESETS as MODELS
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.recipes import HAttRecipe
from hattmatting.samples.features import Draws, ShardPlan
from hattmatting.samples.samples import Batches
from hattmatting.training.loop import train
from hattmatting.training.run import Run

SMALL = HAttConfig(
    backbone="tf_efficientnet_lite0",
    geometry="taps",
    aspp_channels=8,
    decoder_channels=8,
    cue_strides=(8, 4),
    cue_widths=(8, 8),
    init="kaiming",
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(MODELS, "small-taps", SMALL)
    return "small-taps"


def frozen(model: str, **changes: object) -> HAttRecipe:
    settings = {
        "model": model,
        "style": "framed",
        "trained_stages": 0,
        "shard": 4,
        "passes": 2,
        "batch": 2,
        "steps": 7,
        "stages": ((0.6, 64), (1.0, 96)),
        "losses": "sharpen",
        "optimiser": "adamw",
        "rate": 1e-3,
        "ema": 0.9,
    }
    return HAttRecipe(**{**settings, **changes})  # type: ignore[arg-type]


def test_every_sample_of_a_shard_is_used_once_a_pass() -> None:
    plan = ShardPlan(shard=6, passes=2, batch=2, seed=3)
    steps = [plan.places(step) for step in range(12)]
    for start in (0, 3, 6, 9):
        used = [place for places in steps[start : start + 3] for place in places]
        assert sorted(used) == list(range(6))
    assert steps[:3] != steps[3:6] != steps[6:9]


def test_draws_begin_with_the_shard_that_a_step_lies_in() -> None:
    plan = ShardPlan(shard=4, passes=2, batch=2, seed=0)
    batches = Batches(8, 2, ((0.5, 64), (1.0, 96)), 0.0, 0.3, first=5)
    draws = list(Draws(plan, batches))
    assert [[request.number for request in batch] for batch in draws] == [[4, 5], [6, 7]]
    assert {(request.size, request.frame) for batch in draws for request in batch} == {(96, 1)}
    assert len(Draws(plan, batches)) == len(draws)


def test_kept_maps_give_what_the_whole_network_gives() -> None:
    torch.manual_seed(0)
    model = HAttMatting(SMALL).eval()
    image = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        assert torch.equal(model.decode(model.encode(image), image), model(image))


def test_a_killed_training_on_kept_features_ends_with_the_same_weights(
    sources: Path, tmp_path: Path, small: str
) -> None:
    config = frozen(small)
    whole, parts = (
        Run(tmp_path / name, sources=sources, device="cpu", workers=0, checkpoint_every=3)
        for name in ("whole", "parts")
    )
    train(config, whole)
    train(config, parts, stop_after=5)  # in the middle of a shard's second pass
    train(config, parts)
    ends = [HAttMatting.from_pretrained(run.out / "model").state_dict() for run in (whole, parts)]
    assert all(torch.equal(ends[0][name], value) for name, value in ends[1].items())


def test_a_frozen_backbone_keeps_weights_and_statistics(
    sources: Path, tmp_path: Path, small: str
) -> None:
    begun = tmp_path / "begun"
    torch.manual_seed(1)
    HAttMatting(SMALL).save_pretrained(begun)
    run = Run(tmp_path / "run", sources=sources, device="cpu", workers=0)
    config = frozen(small, trained_stages=1, shard=0, steps=2, start_from=str(begun))
    train(config, run)
    before, after = (
        HAttMatting.from_pretrained(folder).state_dict() for folder in (begun, run.out / "model")
    )
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    last = max(int(name.split(".")[3]) for name in before if name.startswith("backbone.network.bl"))
    kept = {name for name in changed if name.startswith("backbone")}
    assert kept
    assert all(name.startswith(f"backbone.network.blocks.{last}.") for name in kept)
    assert not any("running" in name for name in kept)
    assert any(name.startswith("decoder") for name in changed)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shard": 3}, "shard is 3; expected a multiple of batch 2"),
        ({"trained_stages": 1}, "trained_stages is 1; expected 0 with kept features"),
        ({"losses": "hybrid"}, "losses is 'hybrid'; expected 'sharpen' or 'whole' with kept"),
        ({"trained_stages": -1, "shard": 0}, "trained_stages is -1; expected 0 or more"),
    ],
)
def test_settings_that_do_not_go_together(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frozen("tiny", **changes)


def test_features_of_a_resnet_are_not_kept(sources: Path, tmp_path: Path) -> None:
    run = Run(tmp_path / "run", sources=sources, device="cpu", workers=0)
    with pytest.raises(ValueError, match="expected 0 with the model 'tiny'"):
        train(frozen("tiny"), run)


def test_framed_samples_have_the_frames_shape(sources: Path) -> None:
    from hattmatting.samples.samples import Request, Samples, Sources

    samples = Samples(Sources(sources), "framed", seed=1)
    image, alpha, _ = samples[Request(0, 96, 0.5, frame=3)]
    assert tuple(image.shape) == (3, 64, 128)
    assert tuple(alpha.shape) == (1, 64, 128)
    assert np.ptp(alpha.numpy()) > 0
