"""A build with every setting resolved: what the steps of a build and the doctor work from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from distinctions646.images.mattes import MatteChannel
from distinctions646.plan.embedded import MiniConfig
from distinctions646.plan.recipe import Rules
from distinctions646.plan.settings import (
    NO_TRIMAPS,
    BuildConfig,
    Sources,
    check_config,
    default_settings,
)
from distinctions646.sources.layouts import Naming
from distinctions646.sources.locations import ArchiveSources, OpenSetSources


@dataclass(frozen=True)
class BuildPlan:
    """One split that is to be built.

    Attributes
    ----------
    out
        Folder of the dataset.
    sources
        Where the sources are, or the configuration of ``mini``.
    dataset, split
        Names of the dataset and of the split.
    per_foreground
        Backgrounds for each foreground.
    names
        Convention of the output names.
    rules
        How the pixels are made.
    write
        The forms, sorted, each once.
    workers
        Processes.
    rehash
        Whether the hashes of a finished build are not to be trusted.
    matte_channel
        Which channel is the matte in alphas that read in two ways; None refuses them.
    """

    out: Path
    sources: Sources
    dataset: str
    split: str
    per_foreground: int
    names: Naming
    rules: Rules
    write: tuple[str, ...]
    workers: int
    rehash: bool
    matte_channel: MatteChannel | None = None

    @property
    def virtual_only(self) -> bool:
        """Whether no image is composed now."""
        return self.write == ("virtual",)

    @property
    def generated(self) -> bool:
        """Whether the build makes its sources, which are gone when it is finished."""
        return isinstance(self.sources, MiniConfig)

    @cached_property
    def description(self) -> dict[str, Any]:
        """Everything that pixels and files depend on but the sources, for the manifest.

        It is JSON without any path.
        """
        chosen = {} if self.matte_channel is None else {"matte_channel": self.matte_channel}
        return {
            **asdict(self.rules),
            **chosen,
            "names": self.names,
            "per_foreground": self.per_foreground,
            "write": list(self.write),
        }

    @cached_property
    def work_tag(self) -> str:
        """A text that is equal for builds that can resume each other's unfinished work."""
        kinds = ["folder" in self.write, self.virtual_only]
        return json.dumps([self.split, *kinds, self.rules.trimap_rule])


def resolve(config: BuildConfig) -> BuildPlan:
    """Check the settings of a build and resolve them.

    Parameters
    ----------
    config
        As a user gave it, on the command line or in Python.

    Returns
    -------
    BuildPlan
        With the dataset's own pairing, names, trimap rule and forms where `config` gives none.

    Raises
    ------
    ValueError
        Naming a setting that no build could follow.
    """
    sources = config.sources
    defaults = default_settings(sources)
    write, rule = config.write, config.trimap_rule
    write = defaults.write if write is None else tuple(sorted(set(write)))
    rule = defaults.trimap_rule if rule is None else rule
    check_config(replace(config, write=write, trimap_rule=rule))
    rules = Rules(**{field.name: getattr(config, field.name) for field in fields(Rules)})
    per_foreground, names = 1, None
    if isinstance(sources, ArchiveSources):
        per_foreground, names = sources.layout.per_foreground, sources.layout.names
    elif not isinstance(sources, OpenSetSources):
        per_foreground = sources.per_foreground
    return BuildPlan(
        out=config.out,
        sources=sources,
        dataset=sources.dataset,
        split=sources.split,
        per_foreground=per_foreground,
        names=config.names or names or "adobe",
        rules=replace(rules, trimap_rule=None if rule == NO_TRIMAPS else rule),
        write=write,
        workers=config.workers,
        rehash=config.rehash,
        matte_channel=config.matte_channel,
    )
