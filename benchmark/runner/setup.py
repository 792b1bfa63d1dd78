"""From a configuration to jobs: load the methods, open the datasets, check both."""

from __future__ import annotations

from pathlib import Path

from benchmark.methods.description import MethodDescription, describe_method
from benchmark.methods.folder import PREFIX
from benchmark.results.split_identity import split_folder
from benchmark.results.trimaps import choose_trimaps
from benchmark.runner.config import EMBEDDED, RunConfig
from benchmark.runner.jobs import Job, make_job
from distinctions646.images.rules import AS_STORED, ReadingRules
from distinctions646.loading.opening import Split, open_split
from distinctions646.process.compiling import tell_compiling


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
        trimaps = choose_trimaps(split, config.trimap_rule, config.trimap_seed)
        folder = config.out / split_folder(split, trimaps)
        jobs += [make_job(config, split, method, (trimaps,), folder) for method in methods]
    return jobs


def describe_methods(config: RunConfig) -> list[MethodDescription | str]:
    """Load every method once, so that an error in the last is found before the first one runs.

    Returns
    -------
    list
        One per method. Ready-made mattes can be described only beside their dataset: their
        ``folder:PATH`` stays as it is.
    """
    tell_compiling()  # some methods' libraries compile when they are imported
    device = config.device[0] if config.device else None
    return [
        name if name.startswith(PREFIX) else describe_method(name, config.weights, device)
        for name in config.method
    ]


def open_dataset(
    dataset: Path,
    split: str,
    backgrounds: Path | None = None,
    reading: ReadingRules = AS_STORED,
) -> Split:
    """Open a dataset; the embedded one is built first where it is absent."""
    if dataset == EMBEDDED and not dataset.exists():
        from distinctions646.build.building import main as build

        if build([]):
            raise ValueError("the embedded dataset could not be built into ./mini")
    return open_split(dataset, split, backgrounds=backgrounds, reading=reading)
