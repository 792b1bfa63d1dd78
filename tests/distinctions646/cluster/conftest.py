"""A Dask cluster in this process, one for all tests: two workers, one labelled as having a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from distinctions646.cluster.dask_engine import DaskEngine
from distinctions646.cluster.fitness import Fitness, versions


@pytest.fixture(scope="session")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with a worker labelled GPU and another labelled CPU."""
    distributed = pytest.importorskip("distributed")
    workers = {
        label: {
            "cls": distributed.Worker,
            "options": {"nthreads": 1, "resources": {label: 1}, "dashboard": False},
        }
        for label in ("GPU", "CPU")
    }
    scheduler = {
        "cls": distributed.Scheduler,
        "options": {"protocol": "inproc://", "dashboard": False, "port": 0},
    }
    with distributed.SpecCluster(workers=workers, scheduler=scheduler, silence_logs=60) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def engine(scheduler: str, tmp_path: Path) -> Iterator[DaskEngine]:
    """Return an engine of that cluster."""
    from distributed import Client

    with Client(scheduler, set_as_default=False) as client:
        yield DaskEngine(client, scheduler, Fitness(tmp_path.name, versions(), tmp_path), "scope")
