"""One step of training: rate, prediction, losses, backward pass, clipping, optimiser."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from hattmatting.samples.device_augment import vary_colour
from hattmatting.samples.planes import Batch
from hattmatting.training.losses import LOSSES
from hattmatting.training.state import Discriminator, TrainingState


class NotFiniteError(ValueError):
    """A loss or gradient is NaN or infinite; `numbers` are the samples that it may come from."""

    def __init__(self, what: str, value: float, numbers: list[int]) -> None:
        shown = "not finite in another process" if math.isfinite(value) else f"{value}"
        super().__init__(f"the {what} is {shown}")
        self.numbers = numbers


def advance(state: TrainingState, batch: Batch) -> dict[str, float]:
    """Take the recipe's step, count it, and average the weights.

    Parameters
    ----------
    state
        Changed in place.
    batch
        This process's part of the batch.

    Returns
    -------
    dict
        For the log: the parts of the loss, the gradient's norm and the learning rate.

    Raises
    ------
    NotFiniteError
        Before any weight has changed.
    """
    parts = (state.recipe.own_step() or take_step)(state, batch)
    state.count_step()
    return parts


def take_step(state: TrainingState, batch: Batch) -> dict[str, float]:
    """Take one step of the network, then one of its discriminator where there is one.

    Parameters
    ----------
    state
        Changed in place, but for its step.
    batch
        This process's part of the batch.

    Returns
    -------
    dict
        The parts of the loss, the gradient's norm and the learning rate.

    Raises
    ------
    NotFiniteError
        Before any weight of the network has changed.
    """
    recipe = state.recipe
    if recipe.colour:
        batch = vary_colours(batch, recipe.seed, recipe.colour)
    rate = state.set_rate()
    state.choose_trained()
    weights = weights_now(state)
    given = predict(state, batch)
    parts = step_network(state, batch, given, weights)
    if weights.get("adversarial") and state.discriminator is not None:
        parts["discriminator"] = step_discriminator(
            state, state.discriminator, batch, given["alpha"].detach()
        )
    return {**parts, "rate": rate}


def vary_colours(batch: Batch, seed: int, strength: float) -> Batch:
    """Return the batch with the colours of each image and of its layers changed alike."""

    def varied(plane: Tensor | None) -> Tensor | None:
        return None if plane is None else vary_colour(plane, batch.numbers, seed, strength)

    return batch._replace(
        image=vary_colour(batch.image, batch.numbers, seed, strength),
        foreground=varied(batch.foreground),
        background=varied(batch.background),
    )


def weights_now(state: TrainingState) -> dict[str, float]:
    """Return the factor of each part of the loss at the state's step.

    Raises
    ------
    ValueError
        If the recipe names a loss that is not in `LOSSES`, or weighs an adversary it has not.
    """
    recipe, epoch = state.recipe, state.step // state.steps_an_epoch
    weights = recipe.loss_weights(state.step / state.steps, epoch)
    for name, weight in recipe.extra_losses:
        weights[name] = weights.get(name, 0.0) + weight
    known = {*LOSSES} if state.discriminator is None else {*LOSSES, "adversarial"}
    strange = [name for name, weight in weights.items() if weight and name not in known]
    if strange:
        raise ValueError(f"loss {strange[0]!r} has a weight; expected one of {sorted(known)}")
    return weights


def predict(state: TrainingState, batch: Batch) -> Mapping[str, Tensor]:
    """Return what the recipe's losses want, in the recipe's precision."""
    bf16 = state.recipe.precision == "bf16"
    with torch.autocast(state.device.type, torch.bfloat16, enabled=bf16):
        return state.recipe.forward(state.network, batch)


def step_network(
    state: TrainingState,
    batch: Batch,
    given: Mapping[str, Tensor],
    weights: Mapping[str, float],
) -> dict[str, float]:
    """Move the network's weights down the weighted sum of its losses.

    Returns
    -------
    dict
        Every part of the loss before its factor, and the gradient's norm before clipping.
    """
    parts = state.recipe.loss_terms(given, batch, weights, state.step / state.steps)
    alpha = given["alpha"]
    if state.discriminator is not None and weights.get("adversarial"):
        parts["adversarial"] = _adversarial_loss(state.discriminator, batch, alpha)
    total = torch.stack([weights.get(name, 1.0) * part for name, part in parts.items()]).sum()
    finite = alpha.isfinite().flatten(1).all(1)
    suspects = [number for number, fine in zip(batch.numbers, finite, strict=True) if not fine]
    refuse_not_finite(state, "loss", total, suspects or batch.numbers)
    state.optimiser.zero_grad(set_to_none=True)
    state.accelerator.backward(total)
    limit = math.inf if state.recipe.clip_gradient is None else state.recipe.clip_gradient
    norm = torch.nn.utils.clip_grad_norm_(state.trained(), limit)
    refuse_not_finite(state, "gradient", norm, batch.numbers)
    state.optimiser.step()
    return {name: float(part.detach()) for name, part in parts.items()} | {"gradient": float(norm)}


def _adversarial_loss(judge: Discriminator, batch: Batch, alpha: Tensor) -> Tensor:
    # Not the wrapped network: this pass leaves no gradients on it to be shared among processes.
    judge.network.requires_grad_(False)
    logits = judge.network(*judge.adversary.inputs(batch, alpha))
    judge.network.requires_grad_(True)
    return judge.adversary.generator_loss(logits)


def step_discriminator(
    state: TrainingState, judge: Discriminator, batch: Batch, alpha: Tensor
) -> float:
    """Move the discriminator's weights so that it tells true from predicted mattes better.

    Parameters
    ----------
    alpha
        The network's mattes, B×1×S×S, detached.

    Returns
    -------
    float
        Its loss before the step.
    """
    adversary = judge.adversary
    pairs = zip(adversary.inputs(batch, batch.alpha), adversary.inputs(batch, alpha), strict=True)
    # True and predicted mattes in one pass: one backward pass, one exchange of gradients.
    real, fake = judge.wrapped(*(torch.cat(pair) for pair in pairs)).chunk(2)
    loss = adversary.discriminator_loss(real, fake)
    refuse_not_finite(state, "discriminator's loss", loss, batch.numbers)
    judge.optimiser.zero_grad(set_to_none=True)
    state.accelerator.backward(loss)
    judge.optimiser.step()
    return float(loss.detach())


def refuse_not_finite(state: TrainingState, what: str, value: Tensor, numbers: list[int]) -> None:
    """Stop every process when the value is not finite in one of them.

    Raises
    ------
    NotFiniteError
        Naming `what`, with the numbers of the samples.
    """
    wrong = (~value.detach().isfinite()).float()
    if state.accelerator.num_processes > 1:
        wrong = state.accelerator.reduce(wrong, "sum")
    if wrong.item():
        raise NotFiniteError(what, float(value.detach()), numbers)
