"""Starting an engine: connect or start workers, and refuse those that are not fit.

To add a kind of cluster, give it a line in `_START` and in `cluster.options`.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import sys
import time
import tomllib
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from distinctions646.cluster.dask_engine import DaskEngine, executing, scope_of, tell
from distinctions646.cluster.fitness import Fitness, required
from distinctions646.cluster.options import EngineChoice, parse_cluster
from distinctions646.process.commandline import one_line, suggest_name
from distinctions646.process.engine import current_engine, using

if TYPE_CHECKING:
    from distributed import Client

TIMEOUT = 5  # seconds for a scheduler to answer
_WORKERS_TIMEOUT = 15  # seconds for its first worker to be there
_DASHBOARD_TIMEOUT = 2  # seconds for its page
_SHARED = ("python", "dask", "distributed", "cloudpickle", "msgpack")
"""What the two ends of Dask must agree on to understand each other."""


@contextmanager
def engine_for(
    choice: EngineChoice | None, *, out: Path | None = None, read: Sequence[Path] = ()
) -> Iterator[None]:
    """Do the units of work by the chosen engine for the length of a ``with`` statement.

    Parameters
    ----------
    choice
        None leaves the engine as it is: the pool of this machine, or that of a calling command.
    out
        File or folder that the command writes.
    read
        Files and folders that it reads.

    Raises
    ------
    ValueError
        If the workers have other versions, or folders that are not this machine's.
    OSError
        If Dask is not installed, no scheduler answers, or there are no workers.
    """
    if choice is None or current_engine() is not None:
        yield
        return
    _import_dask()
    with _quiet(), required(out, read) as fitness, _client(choice) as client:
        address = str(client.scheduler.address)
        with _one_line(address):
            _refuse_unfit(client, address, fitness)
            _wait_for_leftovers(client, scope_of(out))
            workers = len(client.scheduler_info(n_workers=-1)["workers"])
        link = dashboard_of(client)
        tell(f"{workers} workers at {address}{f', dashboard {link}' if link else ''}")
        with using(DaskEngine(client, address, fitness, scope_of(out))):
            yield


def dashboard_of(client: Client) -> str | None:
    """Return the address of a scheduler's dashboard; None where it has none that answers.

    Dask gives the address of its web server, which is there without the dashboard too.
    """
    try:
        link = str(client.dashboard_link)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(link, timeout=_DASHBOARD_TIMEOUT):
            return link
    except (OSError, ValueError, KeyError, HTTPException):
        return None


@contextmanager
def _one_line(address: str) -> Iterator[None]:
    """Replace Dask's errors about a connection that ends by one that says so."""
    from distributed.comm import CommClosedError

    try:
        yield
    except (CommClosedError, TimeoutError) as error:
        raise OSError(f"the scheduler at {address} is gone; run the same command again") from error


def _import_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise OSError(
            "--scheduler and --cluster need Dask, which is not installed; "
            "pip install 'distinctions646[cluster]'"
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log and warnings off the screen: what a user needs is told in one line."""
    from distributed.versions import VersionMismatchWarning

    names = [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in names]  # each has a level of its own
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # the unfit are refused
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _client(choice: EngineChoice) -> Iterator[Client]:
    if choice.scheduler is not None:
        with _connected(choice.scheduler, f"--scheduler {choice.scheduler}") as client:
            _wait_for_workers(client, choice.scheduler)
            yield client
        return
    kind, argument = parse_cluster(str(choice.cluster))
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(_START[kind](argument))
        client = stack.enter_context(_connected(cluster, f"--cluster {choice.cluster}"))
        if kind != "local":
            tell(f"waiting for the first {kind} worker; Ctrl-C ends")
            client.wait_for_workers(1)
        yield client


@contextmanager
def _connected(address: Any, named: str) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise OSError(
            f"{named}: no Dask scheduler answers there within {TIMEOUT} s; start one with "
            "`dask scheduler`, or correct the address"
        ) from error
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told
            client.close(timeout=TIMEOUT)


def _wait_for_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_WORKERS_TIMEOUT)
    except TimeoutError as error:
        raise OSError(
            f"--scheduler {address}: has no worker after {_WORKERS_TIMEOUT} s; start some with "
            f"`dask worker {address} --nthreads 1`"
        ) from error


def _refuse_unfit(client: Client, address: str, fitness: Fitness) -> None:
    """Refuse workers with other versions, several threads, or folders of their own."""
    answer = client.get_versions(check=False)
    ours = answer["client"]
    for name, theirs in {address: answer["scheduler"], **answer["workers"]}.items():
        for package in _SHARED:
            here, there = _version(ours, package), _version(theirs, package)
            if here != there:
                what = "scheduler" if name == address else "worker"
                raise ValueError(
                    f"the {what} {name} has {package} {there}, and this machine {here}; "
                    "expected the same"
                )
    in_process = all(name.startswith("inproc") for name in answer["workers"])
    for name, worker in client.scheduler_info(n_workers=-1)["workers"].items():
        if worker["nthreads"] != 1 and not in_process:
            raise ValueError(
                f"the worker {name} has {worker['nthreads']} threads; expected processes of one "
                "thread each, as `dask worker --nworkers N --nthreads 1` starts them"
            )
    try:
        complaints = client.run(fitness.complaint)
    except ImportError as error:
        raise ValueError(
            f"the workers at {address} do not have this suite installed ({error}); expected the "
            "same version as here"
        ) from error
    for name, complaint in complaints.items():
        if complaint is not None:
            raise ValueError(f"the worker {name} {complaint}")


def _version(machine: Mapping[str, Any], package: str) -> str:
    if package == "python":
        return ".".join(map(str, machine["host"]["python"].split(".")[:3]))
    return str(machine["packages"].get(package))


def _wait_for_leftovers(client: Client, scope: str) -> None:
    """Wait for units that an earlier command left at work and that write into the same place."""
    told = False
    while scope != "none":
        keys = [key for each in client.run(executing).values() for key in each]
        if not any(key.split("-")[1] == scope for key in keys):
            return
        if not told:
            tell("waiting for the last units of an earlier command that writes there too")
            told = True
        time.sleep(0.5)


_CALM = {
    "distributed.worker.profile.enabled": False,  # by default it looks 100 times a second
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "2s",
    "distributed.worker.memory.monitor-interval": "500ms",
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.scheduler.active-memory-manager.start": False,  # it moves results, we fetch them
}
"""What Dask does for its own sake, less often: it costs processor time of every process."""


@contextmanager
def _local(workers: Any) -> Iterator[Any]:
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set(_CALM),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            silence_logs=logging.CRITICAL,
            dashboard_address=":0",
        ) as cluster,
    ):
        yield cluster


def _queue(class_name: str) -> Callable[[Any], contextlib.AbstractContextManager[Any]]:
    @contextmanager
    def start(path: Path) -> Iterator[Any]:
        try:
            import dask_jobqueue
        except ImportError:
            raise OSError(
                "clusters with a queue need dask-jobqueue, which is not installed; "
                "pip install 'distinctions646[cluster]'"
            ) from None
        kind = getattr(dask_jobqueue, class_name)
        settings = read_settings(path)
        workers = settings.pop("workers")
        _refuse_unknown(path, settings, kind)
        cores = settings.setdefault("cores", 1)
        settings.setdefault("processes", cores)  # one thread each
        try:
            cluster = kind(**settings, python=_python(settings))
        except (TypeError, ValueError) as error:
            if "memory" not in settings and "memory" in str(error):
                raise ValueError(
                    f'{path}: memory is missing; expected that of a job, such as memory = "32GB"'
                ) from error
            raise ValueError(f"{path}: {one_line(error)}") from error
        with cluster:
            cluster.scale(workers)
            yield cluster

    return start


def _refuse_unknown(path: Path, settings: Mapping[str, Any], kind: Any) -> None:
    """Refuse a setting that neither the class of a queue nor that of its jobs takes."""
    classes = [kind, *kind.job_cls.__mro__]
    classes += [each for each in kind.__mro__ if each.__module__.startswith("dask_jobqueue.")]
    known = {
        name
        for each in classes
        for name, what in inspect.signature(each.__init__).parameters.items()
        if what.kind not in (what.VAR_KEYWORD, what.VAR_POSITIONAL) and name not in _INNER
    }
    for name in settings:
        if name not in known:
            raise ValueError(
                f"{path}: unknown setting {name!r}{suggest_name(name, known)}; known are workers, "
                f"{', '.join(sorted(known))}"
            )


_INNER = ("self", "job_cls", "loop", "n_workers", "asynchronous", "scheduler", "scheduler_cls")
"""What the classes of a queue take and a file cannot give."""


def _python(settings: dict[str, Any]) -> str:
    python: str = settings.pop("python", sys.executable)
    return python


@contextmanager
def _kubernetes(path: Path) -> Iterator[Any]:
    try:
        from dask_kubernetes.operator import KubeCluster
    except ImportError:
        raise OSError(
            "--cluster kubernetes needs dask-kubernetes, which is not installed; "
            "pip install dask-kubernetes"
        ) from None
    settings = read_settings(path)
    with KubeCluster(n_workers=settings.pop("workers"), **settings) as cluster:
        yield cluster


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a cluster's jobs: TOML, ``workers`` and what Dask's class takes.

    Raises
    ------
    ValueError
        If the file is no TOML, or says no number of workers.
    OSError
        If it cannot be read.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OSError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is no TOML ({error})") from None
    workers = settings.get("workers")
    if type(workers) is not int or workers < 1:
        raise ValueError(f"{path}: workers is {workers!r}; expected a whole number of 1 or more")
    return settings


_START: Mapping[str, Callable[[Any], contextlib.AbstractContextManager[Any]]] = MappingProxyType(
    {
        "local": _local,
        "slurm": _queue("SLURMCluster"),
        "pbs": _queue("PBSCluster"),
        "lsf": _queue("LSFCluster"),
        "kubernetes": _kubernetes,
    }
)
