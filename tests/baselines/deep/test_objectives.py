"""Losses: 0 for a perfect matte, a known value for a known error, gradients to what trains."""

from __future__ import annotations

import dataclasses
import importlib
from types import ModuleType
from typing import Any

import pytest
import torch

from baselines.deep.networks.alphagan import PatchDiscriminator
from baselines.deep.objectives import alphagan, dim, indexnet, late_fusion, terms
from baselines.deep.objectives.recipe import WHOLE, NetworkRecipe
from hattmatting.samples.planes import Batch

NAMES = ("alphagan", "context-aware", "dcnn", "dim", "indexnet", "late-fusion", "samplenet")


def objective(name: str) -> ModuleType:
    return importlib.import_module(f"baselines.deep.objectives.{name.replace('-', '_')}")


def recipe(name: str, preset: str = "paper") -> NetworkRecipe:
    """A preset of a method, its network reduced."""
    found: NetworkRecipe = objective(name).PRESETS[preset]
    return dataclasses.replace(found, size="small")


def make_batch(size: int = 64, images: int = 2) -> Batch:
    torch.manual_seed(0)
    ramp = torch.linspace(-0.5, 1.5, size).clamp(0, 1)
    alpha = ramp.expand(images, 1, size, size).contiguous()
    foreground, background = torch.rand(images, 3, size, size), torch.rand(images, 3, size, size)
    image = alpha * foreground + (1 - alpha) * background
    trimap = torch.where(alpha == 0, 0.0, torch.where(alpha == 1, 1.0, 128 / 255))
    mattes = {"mattes": torch.cat((alpha, alpha), 1)}
    numbers = list(range(images))
    return Batch(image, alpha, numbers, trimap, foreground, background, more=mattes)


PHASES = [(name, phase) for name in NAMES for phase in recipe(name).parts]


@pytest.mark.parametrize(("name", "phase"), PHASES)
def test_every_phase_moves_what_it_says(name: str, phase: str) -> None:
    asked, batch = recipe(name), make_batch()
    network = asked.build()
    parts = asked.moving(phase)
    moving = {key for key, _ in network.named_parameters() if key.startswith(parts)}
    assert moving
    loss = sum(asked.objective(asked.forward(network, batch), batch, phase).values())
    assert torch.isfinite(loss)
    loss.backward()
    still = {
        key
        for key, each in network.named_parameters()
        if key in moving and (each.grad is None or not each.grad.any())
    }
    assert len(still) < 0.1 * len(moving), sorted(still)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("preset", ["paper", "small"])
def test_phases_cover_every_parameter(name: str, preset: str) -> None:
    asked = recipe(name, preset)
    trained = [asked.moving(phase) for _, phase in asked.phases]
    keys = [key for key, _ in asked.build().named_parameters()]
    assert all(any(key.startswith(parts) for parts in trained) for key in keys)
    for part in asked.pretrained_rates:
        assert any(key.startswith(part) for key in keys)
    assert asked.phases[-1][0] == 1
    with pytest.raises(ValueError, match="phase is 'third'; expected one of"):
        asked.moving("third")


@pytest.mark.parametrize("name", NAMES)
def test_the_papers_recipes(name: str) -> None:
    asked = objective(name).PRESETS["paper"]
    assert asked.source != "ours"
    assert asked.stages[-1][1] in asked.crops
    assert asked.around == ("transition" if name == "late-fusion" else "unknown")


def test_a_batch_without_what_a_recipe_asks_for() -> None:
    batch = make_batch()._replace(more={})
    asked = recipe("dcnn")
    with pytest.raises(ValueError, match="batch has no mattes"):
        asked.forward(asked.build(), batch)
    with pytest.raises(ValueError, match="batch has no foreground"):
        dim.losses({"alpha": batch.alpha, "coarse": batch.alpha}, batch._replace(foreground=None))


def test_a_perfect_matte_costs_about_nothing() -> None:
    batch = make_batch()
    perfect = {"alpha": batch.alpha, "coarse": batch.alpha, "foreground": batch.foreground}
    for name in ("dim", "indexnet", "dcnn", "context-aware"):
        total = sum(recipe(name).objective(perfect, batch, WHOLE).values())
        assert float(total) < 1e-5, name


def test_the_losses_of_deep_image_matting_by_hand() -> None:
    """One unknown pixel of two: d = 0.3 in alpha; colours differ by 0.3·(1 − 0)."""
    batch = Batch(
        image=torch.zeros(1, 3, 1, 2),
        alpha=torch.zeros(1, 1, 1, 2),
        numbers=[0],
        trimap=torch.tensor([0.0, 128 / 255]).view(1, 1, 1, 2),
        foreground=torch.ones(1, 3, 1, 2),
        background=torch.zeros(1, 3, 1, 2),
    )
    alpha = torch.tensor([0.9, 0.3]).view(1, 1, 1, 2)  # the known pixel's error does not count
    by_dim = dim.losses({"alpha": alpha, "coarse": alpha}, batch)
    assert float(by_dim["alpha"]) == pytest.approx(0.5 * 0.3 / (1 + 1))
    assert float(by_dim["composition"]) == pytest.approx(0.5 * 0.3 / (1 + 1))
    by_indexnet = indexnet.losses({"alpha": alpha}, batch)
    assert float(by_indexnet["alpha"]) == pytest.approx(0.5 * 0.3)
    assert float(by_indexnet["composition"]) == pytest.approx(0.5 * 3 * 0.3)  # summed colours


def test_the_first_stage_looks_at_the_coarse_matte() -> None:
    batch = make_batch()
    outputs = {"alpha": batch.alpha, "coarse": 1 - batch.alpha}
    assert sum(dim.losses(outputs, batch, "encoder-decoder").values()) > 0.1
    assert sum(dim.losses(outputs, batch, "refinement").values()) < 1e-5


def test_the_discriminator_sees_another_background() -> None:
    batch = make_batch()
    seen = alphagan.composite(batch.alpha, batch)
    assert batch.foreground is not None
    assert batch.background is not None
    opaque = batch.alpha.expand_as(seen) == 1
    clear = batch.alpha.expand_as(seen) == 0
    assert torch.equal(seen[opaque], batch.foreground[opaque])
    assert torch.equal(seen[clear], batch.background.roll(1, 0)[clear])
    discriminator = PatchDiscriminator(8)
    scores = discriminator(seen, batch.trimap)
    assert float(alphagan.adversarial_loss(torch.ones_like(scores))) == 0
    assert float(alphagan.adversarial_loss(torch.zeros_like(scores))) == 1
    assert float(alphagan.discriminator_loss(torch.ones(3), torch.zeros(3))) == 0
    assert float(alphagan.discriminator_loss(torch.zeros(3), torch.ones(3))) == 1


def test_late_fusion_weighs_the_transition_ten_times() -> None:
    batch = make_batch(32, 1)
    error = torch.zeros_like(batch.alpha)
    inside, outside = error.clone(), error.clone()
    column = int((batch.transition[0, 0, 0] > 0).nonzero()[3])
    inside[..., 0, column] = 0.1
    outside[..., 0, 0] = 0.1
    costs = [
        float(late_fusion.losses({"alpha": batch.alpha + each}, batch, "fusion")["alpha"])
        for each in (inside, outside)
    ]
    assert costs[0] == pytest.approx(10 * costs[1])


def test_laplacian_levels_weigh_twice_as_much_each() -> None:
    """A constant error stands in no band but is carried down; a checkerboard is the finest band."""
    zero = torch.zeros(1, 1, 64, 64)
    assert float(terms.laplacian_difference(zero + 0.5, zero)) == pytest.approx(0, abs=1e-6)
    board = (torch.arange(64)[:, None] + torch.arange(64)) % 2 - 0.5
    cost = float(terms.laplacian_difference(zero + board, zero, levels=1))
    assert cost == pytest.approx(0.5, rel=0.05)
    assert float(terms.laplacian_difference(zero + board, zero)) < 0.6


def test_the_gradient_term_ignores_a_constant_error() -> None:
    alpha = torch.rand(1, 1, 32, 32)
    mask = torch.zeros_like(alpha)
    mask[..., 8:24, 8:24] = 1
    assert float(terms.gradient_difference(alpha + 0.2, alpha, mask)) < 1e-5
    assert float(terms.gradient_difference(alpha.flip(-1), alpha, mask)) > 0.1


def test_masks_without_a_pixel_cost_nothing() -> None:
    values, mask = torch.rand(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    assert float(terms.masked_mean(values, mask)) == 0
    assert float(terms.masked_mean_by_image(values, mask)) == 0


def test_features_compare_what_they_return() -> None:
    batch = make_batch()
    module: Any = objective("context-aware")
    outputs = {"alpha": 1 - batch.alpha, "foreground": batch.foreground}
    blind = module.losses(outputs, batch, lambda colours: [0 * colours])
    assert float(blind["composition"]) == 0
    assert float(module.losses(outputs, batch)["composition"]) > 0.1
