"""Training on an encoder's kept features: while it is frozen its work is done once a sample.

Samples are drawn a shard at a time. The encoder maps each once, in float16; the rest of the network
then makes several passes over the shard, in an order of each pass's own, and the next shard is
drawn. A step is a function of the seed and its number alone, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hattmatting.model.network import HAttMatting
from hattmatting.samples.samples import Batches, Request

PASS_KEYS = 1 << 62  # keeps the passes' streams apart from the samples' and the epochs'
MOST_PASSES = 1 << 16


@dataclass(frozen=True)
class KeptMaps:
    """An encoder's maps of a batch, B×C×h×w by stride, float16."""

    maps: dict[int, Tensor]

    def to(self, device: torch.device) -> dict[int, Tensor]:
        """Return them as float32 on a device."""
        return {
            stride: values.to(device).float().contiguous(memory_format=torch.channels_last)
            for stride, values in self.maps.items()
        }


@dataclass(frozen=True)
class ShardPlan:
    """How many samples are drawn at once, and how the steps go through them.

    Parameters
    ----------
    shard, passes, batch
        Samples drawn at once; how often each is used; samples a step.
    seed
        Of the training.
    """

    shard: int
    passes: int
    batch: int
    seed: int

    @property
    def steps(self) -> int:
        """The number of steps over one shard."""
        return self.passes * (self.shard // self.batch)

    def places(self, step: int) -> list[int]:
        """Return which samples of its shard a step takes."""
        number, inside = divmod(step, self.steps)
        turn, place = divmod(inside, self.shard // self.batch)
        key = [self.seed, PASS_KEYS + number * MOST_PASSES + turn]
        order = np.random.Generator(np.random.Philox(key=key)).permutation(self.shard)
        return [int(one) for one in order[place * self.batch : (place + 1) * self.batch]]


class Draws:
    """The requests of every shard that is left, a batch at a time: a batch sampler.

    Parameters
    ----------
    plan
        Of the shards.
    batches
        Say the side of a step's samples, and their distractors; a shard has those of its first.
    """

    def __init__(self, plan: ShardPlan, batches: Batches) -> None:
        self.plan, self.batches = plan, batches

    def __len__(self) -> int:
        """Return the number of batches that are left to draw."""
        first, last = self._shards()
        return (last - first) * (self.plan.shard // self.plan.batch)

    def __iter__(self) -> Iterator[list[Request]]:
        """Yield lists of requests, shard by shard."""
        plan = self.plan
        for number in range(*self._shards()):
            size, share = self.batches.at(number * plan.steps)
            start = number * plan.shard
            for place in range(start, start + plan.shard, plan.batch):
                yield [
                    Request(sample, size, share, number)
                    for sample in range(place, place + plan.batch)
                ]

    def _shards(self) -> tuple[int, int]:
        return self.batches.first // self.plan.steps, -(-self.batches.steps // self.plan.steps)


def kept_batches(
    loader: Iterable[Any], plan: ShardPlan, model: HAttMatting, first: int, steps: int
) -> Iterator[tuple[KeptMaps, Tensor, list[int]]]:
    """Yield what each step from `first` on is trained on.

    Parameters
    ----------
    loader
        Gives the batches of :class:`Draws`: image uint8 B×3×H×W, alpha uint8 B×1×H×W, numbers.
    plan
        The same as the draws'.
    model
        Over a tapped encoder, which is frozen.
    first, steps
        The step to begin with, and how many there are in all.
    """
    drawn = iter(loader)
    step = first
    while step < steps:
        maps, alpha, numbers = _draw_shard(drawn, plan, model)
        end = min((step // plan.steps + 1) * plan.steps, steps)
        for step in range(step, end):  # noqa: B020  (goes on where the last shard ended)
            places = plan.places(step)
            batch = {stride: values[places] for stride, values in maps.items()}
            yield KeptMaps(batch), alpha[places], [numbers[place] for place in places]
        step = end


def _draw_shard(
    drawn: Iterator[Any], plan: ShardPlan, model: HAttMatting
) -> tuple[dict[int, Tensor], Tensor, list[int]]:
    device = next(model.parameters()).device
    kept: list[dict[int, Tensor]] = []
    alphas: list[Tensor] = []
    numbers: list[int] = []
    for _ in range(plan.shard // plan.batch):
        image, alpha, batch_numbers = next(drawn)
        image = (image.to(device).float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            maps = model.encode(image)
        kept.append({stride: values.half().cpu() for stride, values in maps.items()})
        alphas.append(alpha)
        numbers += batch_numbers.tolist()
    joined = {stride: torch.cat([maps[stride] for maps in kept]) for stride in kept[0]}
    return joined, torch.cat(alphas), numbers
