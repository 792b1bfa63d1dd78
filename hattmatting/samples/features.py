"""Training on an encoder's kept features: while it is frozen its work is done once a sample.

Samples are drawn a shard at a time. The encoder maps each once, in float16; the rest of the network
then makes several passes over the shard, in an order of each pass's own, and the next shard is
drawn. A step is a function of the seed and its number alone, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from hattmatting.samples.planes import Batch
from hattmatting.samples.samples import Batches, Request

Encode: TypeAlias = Callable[[Tensor], dict[int, Tensor]]

PASS_KEYS = 1 << 62  # keeps the passes' streams apart from the samples' and the epochs'
MOST_PASSES = 1 << 16


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
    loader: Iterable[Batch], plan: ShardPlan, encode: Encode, first: int, steps: int
) -> Iterator[Batch]:
    """Yield the batch of each step from `first` on, with maps in the images' place.

    Parameters
    ----------
    loader
        The batches of :class:`Draws`.
    plan
        The same as the draws'.
    encode
        Maps images to the frozen encoder's maps by stride.
    first, steps
        The step to begin with, and how many there are in all.
    """
    drawn = iter(loader)
    step = first
    while step < steps:
        maps, alpha, numbers = _draw_shard(drawn, plan, encode)
        end = min((step // plan.steps + 1) * plan.steps, steps)
        for place in (plan.places(number) for number in range(step, end)):
            batch = {
                stride: values[place]
                .to(alpha.device)
                .float()
                .contiguous(memory_format=torch.channels_last)
                for stride, values in maps.items()
            }
            alphas = alpha[place]
            yield Batch(alphas[:, :0], alphas, [numbers[one] for one in place], maps=batch)
        step = end


def _draw_shard(
    drawn: Iterator[Batch], plan: ShardPlan, encode: Encode
) -> tuple[dict[int, Tensor], Tensor, list[int]]:
    kept: list[dict[int, Tensor]] = []
    alphas: list[Tensor] = []
    numbers: list[int] = []
    for _ in range(plan.shard // plan.batch):
        batch = next(drawn)
        with torch.no_grad():
            maps = encode(batch.image)
        kept.append({stride: values.half().cpu() for stride, values in maps.items()})
        alphas.append(batch.alpha)
        numbers += batch.numbers
    joined = {stride: torch.cat([maps[stride] for maps in kept]) for stride in kept[0]}
    return joined, torch.cat(alphas), numbers
