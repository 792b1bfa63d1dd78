"""Building a dataset of composites from foregrounds, alphas and backgrounds.

Everything that can be known without decoding a pixel is checked before anything is written, and
the output folder appears only when it is whole. The order of a build: settings (`plan.settings`)
→ plan (`plan.build_plan`) → shards (`pairing`) → hashes of their sources → finished already
(`finished_build`)? → pictures (`work`) → recipe, tables, card and manifest (`assemble`).
"""

from __future__ import annotations

import html
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Unpack

from distinctions646.build.assemble import assemble, files_of_part, part_settings, render_part
from distinctions646.build.finished_build import find_finished, recall_sources
from distinctions646.build.pairing import Pairing, hash_sources, pair_custom, pair_sources
from distinctions646.build.shards import Shard
from distinctions646.build.work import loading_meanwhile
from distinctions646.build.workspace import (
    finish_move,
    mark_begun,
    refuse_foreign,
    workspace,
)
from distinctions646.checks.addresses import local_path, shown, url_of
from distinctions646.cluster.starting import engine_for
from distinctions646.forms.manifest import read_manifest
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.arguments import BuildOptions, name_config
from distinctions646.plan.arguments import parse_args as parse_args
from distinctions646.plan.build_plan import BuildPlan, resolve
from distinctions646.plan.embedded import (
    BACKGROUND_LIST,
    FOREGROUND_LIST,
    MiniConfig,
    generator_sha256,
    joined_tables,
    vendored_sha256,
    write_mini_sources,
)
from distinctions646.plan.settings import TRAIN, BuildConfig
from distinctions646.process.commandline import run_command, tell_next
from distinctions646.process.locks import BusyError
from distinctions646.process.part import Part
from distinctions646.sources.locations import CustomSources
from distinctions646.sources.stamps import KnownFiles
from distinctions646.storage.parts import StoreParts
from distinctions646.storage.staging import with_fetched, written

__all__ = ["BuildConfig", "Built", "PartBuilt", "build", "build_part", "main"]

_MERGE_TRIES = 50


@dataclass(frozen=True, repr=False)
class Built:
    """A finished build.

    Attributes
    ----------
    folder
        The built dataset, which `distinctions646.load` opens.
    manifest
        The content of the folder's ``build.json``.
    split
        Name of the split.
    was_there
        Whether it had been built before.
    surplus
        Number of backgrounds that no foreground needed.
    """

    folder: Path
    manifest: dict[str, Any]
    split: str
    was_there: bool = False
    surplus: int = 0

    def __repr__(self) -> str:
        """Return what was built and where, in one line, without the manifest."""
        return f"Built {self._name()} in {str(self.folder)!r}"

    def _repr_html_(self) -> str:
        """Return the same for notebooks."""
        folder = html.escape(str(self.folder))
        return f"<p>Built {html.escape(self._name())} in <code>{folder}</code></p>"

    def _name(self) -> str:
        dataset = self.manifest.get("dataset", "a dataset")
        return f"{dataset}, {self.split}"


@dataclass(frozen=True)
class PartBuilt:
    """A finished part of a build.

    Attributes
    ----------
    finished, total
        Number of foregrounds finished so far, by any process, and of all.
    built
        The whole, where this process was the one to put it together.
    """

    finished: int
    total: int
    built: Built | None = None


def build(dataset: BuildConfig | str = "mini", **options: Unpack[BuildOptions]) -> Built:
    """Build one split of a dataset; one that is there already is recognised and left as it is.

    Parameters
    ----------
    dataset
        ``"mini"``, ``"composition1k"``, ``"distinctions646"``, … or ``"custom"``, as of
        ``--dataset``; or a configuration, which has no further options.
    **options
        The options of ``python -m distinctions646.build`` by name: ``source``, ``voc``, ``out``,
        ``split``, ``write``, ``workers``, …

    Returns
    -------
    Built
        Its folder and manifest, whether it was there already, and how many backgrounds were left
        over.

    Raises
    ------
    ValueError
        If a setting or a source is wrong, or the output folder holds something else.
    OSError
        If a file cannot be read or written.

    Examples
    --------
    >>> from distinctions646 import build, load
    >>> built = build("mini", out="mini")  # doctest: +SKIP
    >>> load(built.folder)[0]["alpha"]  # doctest: +SKIP
    """
    if isinstance(dataset, BuildConfig):
        if options:
            raise ValueError(f"a configuration is given; expected no option {next(iter(options))}")
        config = dataset
    else:
        config = name_config(dataset, options)
    if config.part is not None:
        raise ValueError("the configuration has a part; expected build_part to be called with it")
    config = with_fetched(config, but=("out",))
    with written(config.out, alone=True) as out:
        return _build_here(replace(config, out=out))


def _build_here(config: BuildConfig) -> Built:
    plan = _prepare(config)
    with engine_for(config.engine, out=plan.out, read=_read(plan)):
        if isinstance(plan.sources, MiniConfig):
            return _build_mini(plan, plan.sources)
        known = recall_sources(plan)
        return _build_all(plan, pair_sources(plan, known), known)


def build_part(config: BuildConfig) -> PartBuilt:
    """Do one part of a build; the process that ends last puts the whole together.

    Parameters
    ----------
    config
        With `part`; the same for all processes but for it and `workers`.

    Returns
    -------
    PartBuilt
        How much of the whole is finished.

    Raises
    ------
    ValueError
        If a setting or a source is wrong, or the output folder holds something else.
    OSError
        If a file cannot be read or written.
    """
    part = config.part
    if part is None:
        raise ValueError("part is missing; expected a configuration with a part")
    config = with_fetched(config, but=("out",))
    if url_of(config.out) is not None:
        return _build_part_in_store(config, part)
    plan = _prepare(replace(config, out=local_path(config.out)))
    with engine_for(config.engine, out=plan.out, read=_read(plan)):
        return _build_part(plan, part)


def _build_part(plan: BuildPlan, part: Part) -> PartBuilt:
    pairing = pair_sources(plan)
    total = len(pairing.shards)
    manifest = read_manifest(plan.out)
    finished = total
    if manifest is None or plan.split not in manifest["splits"]:
        numbers = part.of(total)
        own = hash_sources([pairing.shards[i] for i in numbers], threads=plan.workers)
        settings = part_settings(plan, pairing.shards)
        finished = render_part(plan, dict(zip(numbers, own, strict=True)), settings)
    return PartBuilt(finished, total, _join(plan, pairing) if finished == total else None)


def _join(plan: BuildPlan, pairing: Pairing) -> Built | None:
    """Put the whole together, unless another part does."""
    for _ in range(_MERGE_TRIES):
        try:
            return _build_all(plan, pairing)
        except BusyError:  # another part is still leaving, or puts the whole together
            time.sleep(0.1)
    return None


def _build_part_in_store(config: BuildConfig, part: Part) -> PartBuilt:
    """Do one part in a folder of this machine, and publish it; one part publishes the whole."""
    store = StoreParts(config.out)
    plan = _prepare(replace(config, out=store.folder))
    with engine_for(config.engine, out=plan.out, read=_read(plan)):
        pairing = pair_sources(plan)
        total = len(pairing.shards)
        if _is_in_store(store, plan, pairing):
            return PartBuilt(total, total)
        settings = part_settings(plan, pairing.shards)
        store.agree(plan.work_tag, settings)
        numbers = part.of(total)
        own = hash_sources([pairing.shards[i] for i in numbers], threads=plan.workers)
        shards = dict(zip(numbers, own, strict=True))
        with store.publishing(files_of_part(plan, shards)):
            render_part(plan, shards, settings)
        finished = store.finished(total)
        if finished < total and plan.split in store.manifest().get("splits", {}):
            store.remove()  # the whole was made meanwhile: nobody needs this part any more
            return PartBuilt(total, total)
        if finished < total or not _may_join(store, part):
            return PartBuilt(finished, total)
        store.fetch_all()
        with written(config.out, alone=True):
            built = _join(plan, pairing)
            if built is None:  # the shards in the store must stay
                raise BusyError(f"{store.url}: another build is writing it; wait for its end")
            return PartBuilt(total, total, built)


def _may_join(store: StoreParts, part: Part) -> bool:
    if store.may_join(str(part)):
        return True
    sys.stderr.write(
        f"note: part {store.joiner()} puts the whole together; if that was broken off, run it "
        "again\n"
    )
    return False


def _is_in_store(store: StoreParts, plan: BuildPlan, pairing: Pairing) -> bool:
    """Return whether this very build is in the store; `ValueError` where another is."""
    record = store.manifest().get("splits", {}).get(plan.split)
    if record is None:
        return False
    if record.get("key") != _key_of(plan, hash_sources(pairing.shards, threads=plan.workers)):
        raise ValueError(
            f"{store.url}: holds something else (another build of {plan.split}); expected an empty "
            "folder or this same build"
        )
    return True


def _read(plan: BuildPlan) -> list[Path]:
    """Return the folders that workers read."""
    return [value for value in vars(plan.sources).values() if isinstance(value, Path)]


def _prepare(config: BuildConfig) -> BuildPlan:
    plan = resolve(config)
    finish_move(plan.out)
    refuse_foreign(plan.out)
    return plan


def _build_all(plan: BuildPlan, pairing: Pairing, known: KnownFiles | None = None) -> Built:
    shards = hash_sources(pairing.shards, threads=plan.workers, known=known)
    key = _key_of(plan, shards)
    finished = find_finished(plan, key)
    if finished is not None:
        return Built(plan.out, finished, plan.split, was_there=True, surplus=pairing.surplus)
    with workspace(plan.out, plan.work_tag) as folder:
        manifest = assemble(plan, key, shards, folder, lists=pairing.lists)
    return Built(plan.out, manifest, plan.split, surplus=pairing.surplus)


def _key_of(plan: BuildPlan, shards: Sequence[Shard]) -> str:
    """Return the hash of everything that a split depends on."""
    return settings_sha256([plan.description, plan.split, [shard.key for shard in shards]])


def _build_mini(plan: BuildPlan, mini: MiniConfig) -> Built:
    """Make the sources of the embedded dataset in the hidden folder, then build from them."""
    made_of = [generator_sha256(), vendored_sha256(mini)]
    key = settings_sha256([plan.description, asdict(mini), *made_of])
    finished = find_finished(plan, key)
    if finished is not None:
        return Built(plan.out, finished, plan.split, was_there=True)
    with workspace(plan.out, plan.work_tag) as folder:
        mark_begun(folder)  # its sources take a while
        with loading_meanwhile(plan):
            made = write_mini_sources(mini, folder / f"sources-{key[:8]}", workers=plan.workers)
        sources = CustomSources(
            foregrounds=made / "foregrounds",
            backgrounds=made / "backgrounds",
            foreground_list=made / FOREGROUND_LIST,
            background_list=made / BACKGROUND_LIST,
            per_foreground=plan.per_foreground,
        )
        shards = hash_sources(pair_custom(plan, sources).shards)
        tables = joined_tables(made, plan.out)
        return Built(plan.out, assemble(plan, key, shards, folder, copied=tables), plan.split)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m distinctions646.build``.

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
    record = built.manifest["splits"][built.split]
    sys.stdout.write(
        f"{shown(config.out)}: {state}: {built.split}, "
        f"{record['composites']} composites of {record['foregrounds']} foregrounds, "
        f"root {record['root'] or 'not composed yet'}\n"
    )
    for kind, verdict in record["lists"].items():
        sys.stdout.write(f"{kind} list: {verdict}\n")
    tell_next(*_next_commands(config, built))


def _next_commands(config: BuildConfig, built: Built) -> list[str]:
    """Return what one does with a built split: train on it, or run methods on it."""
    folder = shlex.quote(shown(config.out))
    if built.split == TRAIN:
        return [f"python -m hattmatting.train --dataset {folder} --preset tiny --out runs/tiny"]
    split = "" if built.split == "test" else f" --split {built.split}"
    method = "hatt" if built.manifest["splits"][built.split]["trimap_rule"] is None else "knn hatt"
    return [f"python -m benchmark.run --method {method} --dataset {folder}{split}"]
