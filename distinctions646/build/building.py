"""Build a dataset of composites from foregrounds, alphas and backgrounds.

Everything that can be known without decoding a pixel is checked before anything is written, and
the output folder appears when it is whole.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from distinctions646.build.assemble import assemble, render_part
from distinctions646.build.finished import find_finished, recall_sources
from distinctions646.build.pairing import Pairing, hash_sources, make_shards
from distinctions646.build.shards import Shard
from distinctions646.build.workspace import BusyError, finish_move, refuse_foreign
from distinctions646.forms.manifest import read_manifest
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.arguments import parse_args as parse_args
from distinctions646.plan.embedded import (
    BACKGROUND_LIST,
    FOREGROUND_LIST,
    generator_sha256,
    joined_tables,
    mini_config,
    vendored_sha256,
    write_mini_sources,
)
from distinctions646.plan.settings import BuildConfig, check_config, description
from distinctions646.process.commandline import run_command
from distinctions646.sources.stamps import Seen

__all__ = ["BuildConfig", "Built", "PartBuilt", "build", "build_part", "main"]

_MERGE_TRIES = 50


@dataclass(frozen=True)
class Built:
    """What a build did: the folder's manifest, the split, and what a user should be told."""

    manifest: dict[str, Any]
    split: str
    was_there: bool = False
    surplus: int = 0


@dataclass(frozen=True)
class PartBuilt:
    """What a part of a build did.

    Attributes
    ----------
    finished, total
        How many foregrounds are done by now, by whichever process, and how many there are.
    built
        The whole, where this process was the one to put it together.
    """

    finished: int
    total: int
    built: Built | None = None


def build(config: BuildConfig) -> Built:
    """Build a dataset: from a user's own folders, or the embedded one.

    Parameters
    ----------
    config
        What to build.

    Returns
    -------
    Built
        The manifest, whether it was there already, and how many backgrounds were left over.

    Raises
    ------
    ValueError
        If a setting or a source is wrong, or the output folder holds something else.
    OSError
        If a file cannot be read or written.
    """
    _check(config)
    if config.part is not None:
        raise ValueError("the configuration has a part; expected build_part to be called with it")
    if config.mini is not None:
        return _build_mini(config, config.mini)
    seen = recall_sources(config)
    return _build_all(config, make_shards(config, seen), seen)


def build_part(config: BuildConfig) -> PartBuilt:
    """Do one part of a build; the process that ends last puts the whole together.

    Parameters
    ----------
    config
        With `part`; the same for all processes but for it and `workers`.

    Returns
    -------
    PartBuilt
        How far the whole is.

    Raises
    ------
    ValueError
        If a setting or a source is wrong, or the output folder holds something else.
    OSError
        If a file cannot be read or written.
    """
    _check(config)
    if config.part is None:
        raise ValueError("part is missing; expected a configuration with a part")
    pairing = make_shards(config)
    total = len(pairing.shards)
    manifest = read_manifest(config.out)
    finished = total
    if manifest is None or config.split not in manifest["splits"]:
        places = config.part.of(total)
        own = hash_sources([pairing.shards[i] for i in places], threads=config.workers)
        finished = render_part(config, dict(zip(places, own, strict=True)))
    if finished < total:
        return PartBuilt(finished, total)
    for _ in range(_MERGE_TRIES):
        try:
            return PartBuilt(total, total, _build_all(config, pairing))
        except BusyError:  # another part is still leaving, or puts the whole together
            time.sleep(0.1)
    return PartBuilt(total, total)


def _check(config: BuildConfig) -> None:
    check_config(config)
    finish_move(config.out)
    refuse_foreign(config.out)


def _build_all(config: BuildConfig, pairing: Pairing, seen: Seen | None = None) -> Built:
    shards = hash_sources(pairing.shards, threads=config.workers, seen=seen)
    key = settings_sha256([description(config), config.split, [shard.key for shard in shards]])
    finished = find_finished(config, key)
    if finished is not None:
        return Built(finished, config.split, was_there=True, surplus=pairing.surplus)
    manifest = assemble(config, key, lambda folder: (shards, ()), pairing.lists)
    return Built(manifest, config.split, surplus=pairing.surplus)


def _build_mini(config: BuildConfig, name: str) -> Built:
    mini = mini_config(name, config.mini_foregrounds, config.mini_seed)
    config = replace(config, split=mini.split, per_foreground=mini.per_foreground)
    made_of = [generator_sha256(), vendored_sha256(mini)]
    key = settings_sha256([description(config), asdict(mini), *made_of])
    finished = find_finished(config, key)
    if finished is not None:
        return Built(finished, config.split, was_there=True)

    def prepare(folder: Path) -> tuple[Sequence[Shard], Sequence[Path]]:
        sources = write_mini_sources(mini, folder / f"sources-{key[:8]}", workers=config.workers)
        own = replace(
            config,
            foregrounds=sources / "foregrounds",
            backgrounds=sources / "backgrounds",
            foreground_list=sources / FOREGROUND_LIST,
            background_list=sources / BACKGROUND_LIST,
        )
        return hash_sources(make_shards(own).shards), joined_tables(sources, config.out)

    return Built(assemble(config, key, prepare), config.split)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build as the command line says.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    int
        Exit status.
    """
    config = parse_args(arguments)

    def command() -> None:
        built: Built | None
        if config.part is not None:
            part = build_part(config)
            built = part.built
            sys.stdout.write(
                f"part {config.part} done; {part.finished} of {part.total} foregrounds are "
                "finished in all\n"
            )
        else:
            built = build(config)
        if built is not None:
            _report(config, built)

    return run_command(command)


def _report(config: BuildConfig, built: Built) -> None:
    if built.surplus:
        sys.stderr.write(f"note: {built.surplus} backgrounds were left over\n")
    state = "already built" if built.was_there else "built"
    facts = built.manifest["splits"][built.split]
    sys.stdout.write(
        f"{config.out}: {state}: {built.split}, {facts['composites']} composites of "
        f"{facts['foregrounds']} foregrounds, root {facts['root'] or 'not composed yet'}\n"
    )
    for kind, verdict in facts["lists"].items():
        sys.stdout.write(f"{kind} list: {verdict}\n")
