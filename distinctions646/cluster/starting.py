"""Starting an engine: connect or start workers, and refuse those that are not fit.

To add a kind of cluster, give it a line in `_START` and in `cluster.options`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import threading
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from distinctions646.cluster.dask_engine import DaskEngine, executing, scope_of, tell
from distinctions646.cluster.fitness import Fitness, required
from distinctions646.cluster.options import EngineChoice, parse_cluster
from distinctions646.cluster.queues import kubernetes, queue_of
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
            warnings.filterwarnings("ignore", message=r"\s*Port \d+ is already in use")
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
        yield client


@contextmanager
def _connected(address: Any, named: str) -> Iterator[Client]:
    from distributed import Client

    try:
        if isinstance(address, str):
            _refuse_other_server(address)
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


def _refuse_other_server(address: str) -> None:
    """Ask who listens at an address: Dask's client waits for minutes for one that does not say.

    Raises
    ------
    OSError
        If it is no scheduler, or says nothing.
    """
    from distributed.core import connect
    from distributed.security import Security

    async def ask() -> Any:
        with_keys = Security().get_connection_args("client")
        comm = await connect(address, timeout=TIMEOUT, **with_keys)
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    def identity() -> Any:
        return asyncio.run(asyncio.wait_for(ask(), TIMEOUT))

    if address.startswith("inproc"):
        return
    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook's thread has a loop already
            answer = pool.submit(identity).result()
    except Exception as error:  # what reading another protocol as Dask's may raise
        raise OSError(f"{address}: no answer of a scheduler ({type(error).__name__})") from error
    if not isinstance(answer, dict) or answer.get("type") != "Scheduler":
        raise OSError(f"{address}: something else listens there")


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
        _loop_without_interrupts() as loop,
        contextlib.ExitStack() as stack,
    ):
        with _deferred_signals():  # Dask cannot close a cluster that is half there
            cluster = LocalCluster(
                loop=loop,
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                silence_logs=logging.CRITICAL,
                dashboard_address=":0",
            )
            stack.enter_context(cluster)
        yield cluster


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Answer Ctrl-C and SIGTERM at the end of a ``with`` statement."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def _loop_without_interrupts() -> Iterator[Any]:
    """Run Dask's event loop on a thread that blocks SIGINT, and so do the processes it starts.

    Ctrl-C goes to every process of a terminal; only the command's own answers, and ends the rest.
    """
    from distributed.utils import LoopRunner

    runner = LoopRunner()
    with _blocking_interrupts():  # the thread takes over what is blocked here
        runner.start()
    try:
        yield runner.loop
    finally:
        runner.stop()


@contextmanager
def _blocking_interrupts() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # where a thread must start it later, it lets the signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_START: Mapping[str, Callable[[Any], contextlib.AbstractContextManager[Any]]] = MappingProxyType(
    {
        "local": _local,
        "slurm": queue_of("slurm", "SLURMCluster"),
        "pbs": queue_of("pbs", "PBSCluster"),
        "lsf": queue_of("lsf", "LSFCluster"),
        "kubernetes": kubernetes,
    }
)
