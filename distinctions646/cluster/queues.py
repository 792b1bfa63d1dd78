"""Clusters whose workers are jobs of a queue or pods, and the settings of these in TOML."""

from __future__ import annotations

import contextlib
import inspect
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from distinctions646.cluster.dask_engine import tell
from distinctions646.process.commandline import one_line, suggest_name

MAX_WORKERS = 100_000
_INNER = ("self", "job_cls", "loop", "n_workers", "asynchronous", "scheduler", "scheduler_cls")
"""What the classes of a queue take and a file cannot give."""
_LOOK = 1  # seconds between looks at jobs that were not taken
_SHOWN = 3  # known settings beside one that is not


def queue_of(kind: str, class_name: str) -> Callable[[Any], contextlib.AbstractContextManager[Any]]:
    """Return what starts a cluster of a queue from the file of its settings.

    Parameters
    ----------
    kind
        As of ``--cluster``, for messages.
    class_name
        Of dask-jobqueue.
    """

    @contextmanager
    def start(path: Path) -> Iterator[Any]:
        try:
            import dask_jobqueue
        except ImportError:
            raise OSError(
                "clusters with a queue need dask-jobqueue, which is not installed; "
                "pip install 'distinctions646[cluster]'"
            ) from None
        queue = getattr(dask_jobqueue, class_name)
        settings = read_settings(path)
        workers = settings.pop("workers")
        _refuse_unknown(path, settings, queue)
        _refuse_missing_program(kind, path, queue)
        cores = settings.setdefault("cores", 1)
        settings.setdefault("processes", cores)  # one thread each
        python = settings.pop("python", sys.executable)
        failures: list[Exception] = []
        try:
            job_class = _noting_failures(queue.job_cls, failures)
            cluster = queue(**settings, python=python, job_cls=job_class)
        except (TypeError, ValueError) as error:
            if "memory" not in settings and "memory" in str(error):
                raise ValueError(
                    f'{path}: memory is missing; expected that of a job, such as memory = "32GB"'
                ) from error
            raise ValueError(f"{path}: {one_line(error)}") from error
        with cluster:
            cluster.scale(workers)
            _wait_for_first(kind, path, cluster, failures)
            yield cluster

    return start


def _refuse_missing_program(kind: str, path: Path, queue: Any) -> None:
    program = shlex.split(queue.job_cls.submit_command)[0]
    if shutil.which(program) is None:
        raise OSError(
            f"--cluster {kind}:{path}: {program}, which submits the jobs of the workers, is not "
            "installed here, or not on the PATH; give the command on a machine of the cluster "
            "that has it"
        )


def _noting_failures(job_class: Any, failures: list[Exception]) -> Any:
    """Return a class of jobs that note why they could not be submitted.

    Dask logs such an error with its traceback, and waits for the worker all the same.
    """
    from distributed import Status
    from distributed.deploy.spec import ProcessInterface

    class Job(job_class):  # type: ignore[misc]
        is_lost = False

        async def start(self) -> None:
            try:
                await super().start()
            except Exception as error:  # of the program, or of reading what it printed
                failures.append(error)
                self.is_lost = True
                self.status = Status.running  # so that it is not tried again

        async def close(self) -> None:
            if self.is_lost:  # there is nothing to cancel
                await ProcessInterface.close(self)
            else:
                await super().close()

    return Job


def _wait_for_first(kind: str, path: Path, cluster: Any, failures: list[Exception]) -> None:
    """Wait for the first worker; a queue that takes none of the jobs is refused."""
    tell(f"waiting for the first {kind} worker; Ctrl-C ends")
    while True:
        try:
            cluster.wait_for_workers(1, timeout=_LOOK)
        except TimeoutError:
            if failures and len(failures) >= len(cluster.worker_spec):
                reason = str(failures[0]).rpartition("stderr:")[2].strip() or str(failures[0])
                raise OSError(
                    f"--cluster {kind}:{path}: the queue took no job: {one_line(reason)}"
                ) from failures[0]
        else:
            return


def _refuse_unknown(path: Path, settings: Mapping[str, Any], queue: Any) -> None:
    """Refuse a setting that neither the class of a queue nor that of its jobs takes."""
    classes = [queue, *queue.job_cls.__mro__]
    classes += [each for each in queue.__mro__ if each.__module__.startswith("dask_jobqueue.")]
    known = {
        name
        for each in classes
        for name, what in inspect.signature(each.__init__).parameters.items()
        if what.kind not in (what.VAR_KEYWORD, what.VAR_POSITIONAL) and name not in _INNER
    }
    for name in settings:
        if name not in known:
            near = get_close_matches(name, sorted({*known, "workers"}), n=_SHOWN, cutoff=0)
            hint = suggest_name(name, known) or f"; the nearest are {', '.join(near)}"
            raise ValueError(
                f"{path}: unknown setting {name!r}{hint} (expected workers, or what "
                f"dask-jobqueue's {queue.__name__} takes)"
            )


@contextmanager
def kubernetes(path: Path) -> Iterator[Any]:
    """Start a cluster of pods from the file of its settings."""
    try:
        from dask_kubernetes.operator import KubeCluster
    except ImportError:
        raise OSError(
            "--cluster kubernetes needs dask-kubernetes, which is not installed; "
            "pip install dask-kubernetes"
        ) from None
    settings = read_settings(path)
    with KubeCluster(n_workers=settings.pop("workers"), **settings) as cluster:
        _wait_for_first("kubernetes", path, cluster, [])
        yield cluster


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings of a cluster's jobs: TOML, ``workers`` and what Dask's class takes.

    Raises
    ------
    ValueError
        If the file is no TOML, or says no number of workers, or a setting is of another kind.
    OSError
        If it cannot be read.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OSError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: is no TOML ({error})") from None
    if "workers" not in settings:
        raise ValueError(
            f"{path}: workers is missing; expected how many to ask for, such as workers = 8"
        )
    for name, value in settings.items():
        fits, expected = _KNOWN.get(name, (_anything, ""))
        if not fits(value):
            raise ValueError(f"{path}: {name} is {value!r}; expected {expected}")
    return settings


def _anything(value: Any) -> bool:
    return True


def _is_count(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MAX_WORKERS


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_memory(value: Any) -> bool:
    from dask.utils import parse_bytes

    try:
        return isinstance(value, str) and parse_bytes(value) > 0
    except ValueError:
        return False


_COUNT = (_is_count, f"a whole number from 1 to {MAX_WORKERS}")
_TEXT = (_is_text, "a text in quotes")
_TEXTS = (_are_texts, "a list of texts")
_KNOWN: Mapping[str, tuple[Callable[[Any], bool], str]] = MappingProxyType(
    {
        **dict.fromkeys(("workers", "cores", "processes"), _COUNT),
        **dict.fromkeys(("queue", "account", "project", "walltime", "interface", "python"), _TEXT),
        **dict.fromkeys(("job_name", "local_directory", "log_directory", "shebang"), _TEXT),
        **dict.fromkeys(("job_extra_directives", "job_script_prologue"), _TEXTS),
        **dict.fromkeys(("job_directives_skip", "worker_extra_args"), _TEXTS),
        "memory": (_is_memory, 'an amount with its unit in quotes, such as "32GB"'),
    }
)
"""Settings whose values are checked here; Dask's class looks at the others."""
