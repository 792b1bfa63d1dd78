"""The state of a training run: weights, their average, both optimisers, the step's number."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn

from hattmatting.training.losses import Adversary
from hattmatting.training.recipe import Recipe
from hattmatting.training.saving import random_state, restore_random_state


@dataclass
class Discriminator:
    """An adversary's network, the same wrapped for several processes, and its optimiser."""

    adversary: Adversary
    network: nn.Module
    wrapped: nn.Module
    optimiser: torch.optim.Optimizer


class TrainingState:
    """What a step changes, how it is changed, and how it is saved.

    Parameters
    ----------
    recipe
        What to train, and how.
    accelerator
        The device, and how many processes there are.
    steps, steps_an_epoch
        Length of the training, and of a pass over its data.

    Attributes
    ----------
    model
        The network whose weights change.
    averaged
        Its exponential average in evaluation mode; `model` itself where the recipe wants none.
    network
        `model` as steps call it: wrapped for several processes, compiled.
    discriminator
        The recipe's adversary with its network and optimiser, or None.
    """

    def __init__(
        self, recipe: Recipe, accelerator: Accelerator, steps: int, steps_an_epoch: int
    ) -> None:
        self.recipe, self.accelerator = recipe, accelerator
        self.steps, self.steps_an_epoch, self.step = steps, steps_an_epoch, 0
        self.device = accelerator.device
        on_gpu = self.device.type == "cuda"
        if on_gpu and recipe.precision == "bf16":
            torch.set_float32_matmul_precision("high")
        self.trained_parts: tuple[str, ...] | None = None  # all
        self.model = _build(recipe, accelerator)
        self.averaged = copy.deepcopy(self.model).eval() if recipe.ema else self.model
        self.set_training()
        groups = recipe.parameter_groups(self.model)
        self.factors = [factor for _, factor in groups]
        self.optimiser = _optimiser(recipe, [group for group, _ in groups], fused=on_gpu)
        prepared = accelerator.prepare_model(self.model)
        self.network = torch.compile(prepared) if recipe.compile else prepared
        adversary = recipe.adversary()
        self.discriminator = None if adversary is None else _discriminator(adversary, accelerator)

    def set_training(self) -> None:
        """Bring the model into training mode, its batch normalisation as the recipe wants it."""
        self.recipe.set_training(self.model)
        if self.trained_parts is not None:
            for name, module in self.model.named_modules():
                if isinstance(module, nn.BatchNorm2d) and not name.startswith(self.trained_parts):
                    module.eval()

    def set_rate(self) -> float:
        """Give every group of parameters its learning rate at this step; return the first one's."""
        rate = self.recipe.rate_at(self.step, self.steps)
        for group, factor in zip(self.optimiser.param_groups, self.factors, strict=True):
            group["lr"] = rate * factor
        return float(self.optimiser.param_groups[0]["lr"])

    def choose_trained(self) -> None:
        """Let only those parameters move that the recipe trains at this step.

        Batch normalisation in the parts that stand still keeps its statistics.
        """
        parts = self.recipe.trained(self.step / self.steps)
        if parts is None or parts == self.trained_parts:
            return
        self.trained_parts = parts
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad_(name.startswith(parts))
        self.set_training()

    def trained(self) -> Iterator[nn.Parameter]:
        """Yield the parameters that the optimiser changes."""
        for group in self.optimiser.param_groups:
            yield from (one for one in group["params"] if one.requires_grad)

    def count_step(self) -> None:
        """Count a finished step and bring the averaged weights up to date."""
        self.step += 1
        if self.averaged is self.model:
            return
        # In the first steps a shorter memory, lest the first weights weigh for long.
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            targets = self.averaged.state_dict()
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    targets[name].lerp_(value, 1 - decay)
                else:
                    targets[name].copy_(value)

    def parts(self) -> dict[str, Any]:
        """Return what a checkpoint holds of it."""
        parts: dict[str, Any] = {
            "step": self.step,
            "samples": self.step * self.recipe.batch,  # where the sampler stands
            "random": random_state(),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        if self.averaged is not self.model:
            parts["averaged"] = self.averaged.state_dict()
        if self.discriminator is not None:
            parts["discriminator"] = self.discriminator.network.state_dict()
            parts["discriminator_optimiser"] = self.discriminator.optimiser.state_dict()
        return parts

    def load(self, parts: dict[str, Any]) -> None:
        """Take :meth:`parts` up again; rates and loss weights follow from the step."""
        self.model.load_state_dict(parts["model"])
        if self.averaged is not self.model:
            self.averaged.load_state_dict(parts["averaged"])
        self.optimiser.load_state_dict(parts["optimiser"])
        if self.discriminator is not None:
            self.discriminator.network.load_state_dict(parts["discriminator"])
            self.discriminator.optimiser.load_state_dict(parts["discriminator_optimiser"])
        restore_random_state(parts["random"])
        self.step = int(parts["step"])


def _build(recipe: Recipe, accelerator: Accelerator) -> nn.Module:
    model = recipe.build()
    several = accelerator.num_processes > 1
    if accelerator.device.type == "cuda" and several and not recipe.freeze_batch_norm:
        # Statistics over the whole batch: so many processes do what one alone would.
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
    order = torch.channels_last if recipe.channels_last else torch.contiguous_format
    model.to(accelerator.device, memory_format=order)  # type: ignore[call-overload]
    return model


def _optimiser(
    recipe: Recipe, groups: list[list[nn.Parameter]], fused: bool
) -> torch.optim.Optimizer:
    parameters = [{"params": group} for group in groups]
    decay, betas = recipe.weight_decay, (recipe.momentum, recipe.second_moment)
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, recipe.rate, momentum=recipe.momentum, weight_decay=decay, fused=fused
        )
    kind = torch.optim.Adam if recipe.optimiser == "adam" else torch.optim.AdamW
    return kind(parameters, recipe.rate, betas=betas, weight_decay=decay, fused=fused)


def _discriminator(adversary: Adversary, accelerator: Accelerator) -> Discriminator:
    network = adversary.build().to(accelerator.device)
    optimiser = torch.optim.Adam(network.parameters(), lr=adversary.rate, betas=adversary.betas)
    return Discriminator(adversary, network, accelerator.prepare_model(network), optimiser)
