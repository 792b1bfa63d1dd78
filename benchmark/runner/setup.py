"""From a configuration to jobs: load the methods, open the datasets, check both."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from benchmark.methods.description import MethodDescription, describe_method
from benchmark.methods.folder import PREFIX, find_folders
from benchmark.methods.memory import given_bytes
from benchmark.methods.two_stage import name_two_stage
from benchmark.results.split_identity import split_folder
from benchmark.results.trimaps import choose_trimaps
from benchmark.runner.config import EMBEDDED, RunConfig
from benchmark.runner.jobs import Job, make_job
from distinctions646.cluster.starting import engine_for
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.loading.opening import Split, open_split
from distinctions646.process.commandline import usable_cores
from distinctions646.process.compiling import tell_compiling
from distinctions646.verify.proving import compare_split


def engine_of(config: RunConfig) -> AbstractContextManager[None]:
    """Return the context in which a run's images are done by its engine."""
    read = [*config.dataset, *([config.backgrounds] if config.backgrounds else [])]
    return engine_for(config.engine, out=config.out / "results", read=read)


def make_jobs(config: RunConfig) -> list[Job]:
    """Return the jobs of a run, in order of datasets, then methods.

    Raises
    ------
    ValueError
        If a method or dataset is unknown, or they do not fit together.
    """
    methods = describe_methods(config)
    jobs = []
    for dataset in config.dataset:
        split = open_dataset(dataset, config.split, config.backgrounds, config.reading)
        if config.against is not None:
            compare_split(split, config.against)
        trimaps = choose_trimaps(split, config.trimap_rule, config.trimap_seed)
        folder = config.out / split_folder(split, trimaps)
        jobs += [
            make_job(config, split, method, (trimaps,), folder)
            for method in _with_all_folders(config, methods, split)
        ]
    return jobs


def _with_all_folders(
    config: RunConfig, methods: Sequence[MethodDescription | str], split: Split
) -> list[MethodDescription | str]:
    """Replace a folder that holds the mattes of several methods by one folder for each."""
    found: list[MethodDescription | str] = []
    for method in methods:
        folders = find_folders(method, split.samples) if isinstance(method, str) else [method]
        if len(folders) > 1 and (config.title or config.reference):
            raise ValueError(
                f"{method}: has the mattes of {len(folders)} methods; --title and --reference "
                "describe one"
            )
        found += folders
    return found


def describe_methods(config: RunConfig) -> list[MethodDescription | str]:
    """Load every method once, so that an error in the last is found before the first one runs.

    Returns
    -------
    list
        One per method. Ready-made mattes can be described only beside their dataset: their
        ``folder:PATH`` stays as it is.
    """
    given_bytes()  # refused before any work and any other word
    tell_compiling()  # some methods' libraries compile when they are imported
    device = config.device[0] if config.device else None
    weights = config.weights_of_methods()
    described = [
        name if name.startswith(PREFIX) else describe_method(name, weights.get(name), device)
        for name in config.method
    ]
    if config.trimap_from is None:
        return described
    if not any(
        isinstance(method, MethodDescription) and method.needs_trimap for method in described
    ):
        raise ValueError(
            f"--trimap-from {config.trimap_from} is for methods that take a trimap; expected one "
            f"in --method, got {', '.join(config.method)}"
        )
    return [
        describe_method(name_two_stage(method.spec, config.trimap_from), method.weights, device)
        if isinstance(method, MethodDescription) and method.needs_trimap
        else method
        for method in described
    ]


def open_dataset(
    dataset: Path,
    split: str,
    backgrounds: Path | None = None,
    reading: ReadingRules = AS_STORED,
) -> Split:
    """Open a dataset; the embedded one is built first where it is absent."""
    if dataset == EMBEDDED and not dataset.exists():
        from distinctions646.build.building import build

        sys.stderr.write("building the embedded dataset into ./mini\n")
        build("mini", out=dataset, workers=usable_cores())
    return open_split(dataset, split, backgrounds=backgrounds, reading=reading)
