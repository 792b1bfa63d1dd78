"""The configuration of a run: resolved once, handed on to every job."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.metrics.registry import STANDARD
from benchmark.runner.ranks import ALONE, AUTO, rank_devices, read_rank
from benchmark.runner.weights import Given, assign_weights
from distinctions646.images.rules import ReadingRules

if TYPE_CHECKING:
    from benchmark.board.protocols import ProtocolName
    from distinctions646.cluster.options import EngineChoice
    from distinctions646.images.headers import Exif
    from distinctions646.images.mattes import MatteChannel
    from distinctions646.process.part import Part

DEFAULT_METHODS = ("closed-form", "knn", "hatt")
EMBEDDED = Path("mini")
"""The dataset that is built where it is absent."""


@dataclass(frozen=True)
class RunConfig:
    """Which methods run on which datasets, and how.

    Fields are the options of ``python -m benchmark.run``, whose ``--help`` describes them,
    `rank` and `engine`.
    """

    method: tuple[str, ...]
    dataset: tuple[Path, ...]
    split: str = "test"
    out: Path = Path("runs")
    weights: Given = None  # as `assign_weights` takes them; each method's own if left out
    device: tuple[str, ...] = ()  # the CPU
    workers: int = 1  # processes on the CPU
    limit: int | None = None  # all images
    trimap_rule: str | None = None  # the dataset's own trimaps
    trimap_seed: int = 0
    backgrounds: Path | None = None  # where the dataset's build found them
    exif: Exif = "ignore"  # of plain folders and open sets
    matte_channel: MatteChannel | None = None  # mattes and truths must be grey
    metrics: tuple[str, ...] = STANDARD
    title: str | None = None  # title, reference, track, leak: of ready-made mattes
    reference: str | None = None
    track: str | None = None
    leak: tuple[str, ...] = ()
    protocol: ProtocolName = "paper"
    dry_run: bool = False
    trimap_from: str | None = None  # METHOD or METHOD@RULE that makes the trimaps
    against: str | None = None  # of `score`: another copy of the dataset, for `compare_split`
    rank: Part = ALONE  # which of the images this process does
    engine: EngineChoice | None = None  # what does them; None is this machine's pool

    def for_rank(self, environment: Mapping[str, str]) -> RunConfig:
        """Return the configuration of this process among those of a launcher such as torchrun.

        Parameters
        ----------
        environment
            ``RANK``, ``WORLD_SIZE`` and ``LOCAL_RANK`` count; without them nothing changes.

        Raises
        ------
        ValueError
            If they contradict each other.
        """
        rank = read_rank(environment)
        if rank != ALONE and self.rank != ALONE:
            raise ValueError(
                f"--shard {self.rank} and the launcher's RANK {rank.index} both say which images "
                "this process does; expected one of them"
            )
        return dataclasses.replace(
            self,
            rank=self.rank if rank == ALONE else rank,
            # The workers of another engine have GPUs of their own; this machine need not.
            device=("cuda",)
            if self.engine is not None and self.device == (AUTO,)
            else rank_devices(self.device, environment),
        )

    @property
    def reading(self) -> ReadingRules:
        """How pictures are read where there is a choice."""
        return ReadingRules(self.exif, self.matte_channel)

    @property
    def uses_trimap(self) -> bool | None:
        """Whether ready-made mattes were made with trimaps; None where that is not stated."""
        return None if self.track is None else self.track == "trimap-based"

    def weights_of_methods(self) -> dict[str, str]:
        """Return the weights that were given, by method as the user wrote it.

        Raises
        ------
        ValueError
            If it is not clear whose they are.
        """
        return assign_weights(self.weights, self.method)

    def record(self) -> dict[str, Any]:
        """Return the options as JSON values without absolute paths, for the run card."""
        options: dict[str, Any] = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("dry_run", "rank", "engine")
        }
        return options | {
            "method": [_without_folder(name) for name in self.method],
            "dataset": [dataset.name for dataset in self.dataset],
            "device": list(self.device),
            "metrics": list(self.metrics),
            "leak": list(self.leak),
            "out": self.out.name,
            "trimap_from": _without_weights(self.trimap_from) if self.trimap_from else None,
            "weights": {
                _without_folder(name): Path(weights).name
                for name, weights in self.weights_of_methods().items()
            },
            "backgrounds": self.backgrounds.name if self.backgrounds else None,
            "against": Path(self.against).name if self.against else None,
        }


def _without_weights(maker: str) -> str:
    """Return ``METHOD@RULE`` of ``METHOD=FILE@RULE``."""
    method, at, rule = maker.partition("@")
    return _without_folder(method.partition("=")[0]) + at + rule


def _without_folder(name: str) -> str:
    from benchmark.methods.finding import kinds

    kind, colon, argument = name.partition(":")
    return f"{kind}:{Path(argument).name}" if colon and kind in ("folder", *kinds()) else name
