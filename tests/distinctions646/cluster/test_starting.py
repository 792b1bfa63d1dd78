"""Starting an engine: what is refused, in one line that names it, before any work."""

from __future__ import annotations

import builtins
import contextlib
import socket
import stat
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from distinctions646.cluster import queues, starting
from distinctions646.cluster.fitness import Fitness
from distinctions646.cluster.options import EngineChoice, make_choice, parse_cluster
from distinctions646.cluster.queues import read_settings
from distinctions646.cluster.starting import dashboard_of, engine_for
from distinctions646.process.engine import current_engine
from distinctions646.process.pool import map_ordered


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("local", "expected local:N with N from 1 to"),
        ("local:0", "expected local:N with N from 1 to"),
        ("local:99999999999", "expected local:N with N from 1 to"),
        ("slurm:", "slurm:FILE.toml"),
        ("cloud:4", "kubernetes:FILE.toml"),
    ],
)
def test_a_cluster_in_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_cluster(text)


def test_one_engine_at_most() -> None:
    assert make_choice(None, None) is None
    with pytest.raises(ValueError, match="expected one of them"):
        make_choice("tcp://host:1", "local:1")
    with pytest.raises(ValueError, match="expected an address such as tcp://host:8786"):
        make_choice("host:1", None)


def test_dask_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide(monkeypatch, "distributed")
    with (
        pytest.raises(OSError, match=r"pip install 'distinctions646\[cluster\]'"),
        engine_for(EngineChoice(cluster="local:2")),
    ):
        pass


def test_a_queue_that_is_not_installed_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _hide(monkeypatch, "dask_jobqueue")
    with (
        pytest.raises(OSError, match=r"dask-jobqueue, which is not installed; .*cluster"),
        engine_for(EngineChoice(cluster=f"slurm:{_settings(tmp_path)}")),
    ):
        pass


def test_kubernetes_that_is_not_installed_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _hide(monkeypatch, "dask_kubernetes")
    with (
        pytest.raises(OSError, match="pip install dask-kubernetes"),
        engine_for(EngineChoice(cluster=f"kubernetes:{_settings(tmp_path)}")),
    ):
        pass


def test_no_scheduler_is_one_line_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "TIMEOUT", 0.3)
    begin = time.monotonic()
    with (
        pytest.raises(OSError, match=r"--scheduler tcp://127.0.0.1:1: no Dask scheduler answers"),
        engine_for(EngineChoice("tcp://127.0.0.1:1")),
    ):
        pass
    assert time.monotonic() - begin < 5


def test_a_scheduler_that_goes_as_work_starts_is_one_line(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed.comm import CommClosedError

    def gone(*_: Any) -> None:
        raise CommClosedError("in <TCP (closed) local=…>")

    monkeypatch.setattr(starting, "_refuse_unfit", gone)
    with (
        pytest.raises(OSError, match=r"^the scheduler at inproc\S+ is gone; run the same command"),
        engine_for(EngineChoice(scheduler)),
    ):
        pass


def test_an_engine_is_used_and_left(scheduler: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with engine_for(EngineChoice(scheduler), out=tmp_path / "out"):
        inner = current_engine()
        with engine_for(EngineChoice("tcp://127.0.0.1:1")):  # a command within a command
            assert current_engine() is inner
        assert list(map_ordered(str, range(3), workers=1)) == ["0", "1", "2"]
    assert current_engine() is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wanted": {"numpy": "0.1"}}, r"the worker inproc.* has .*, and this machine"),
        ({"cwd": Path("/no/such/folder")}, "does not see the folder /no/such/folder"),
        ({"probe": Path("/no/such/probe")}, "cannot use /no/such"),
    ],
)
def test_a_worker_that_is_not_fit_is_refused_before_work(
    scheduler: str, change: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = starting.required

    class Changed:
        def __init__(self, *arguments: Any) -> None:
            self.context = real(*arguments)

        def __enter__(self) -> Fitness:
            return replace(self.context.__enter__(), **change)

        def __exit__(self, *error: Any) -> None:
            self.context.__exit__(*error)

    monkeypatch.setattr(starting, "required", Changed)
    with pytest.raises(ValueError, match=message), engine_for(EngineChoice(scheduler)):
        pass


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("workers = ", "is no TOML"),
        ("cores = 2", "workers is missing; expected how many"),
        ("workers = 0", "workers is 0; expected a whole number"),
        ("workers = 1000000000", "workers is 1000000000; expected a whole number from 1 to"),
        ('workers = 1\ncores = "x"', "cores is 'x'; expected a whole number"),
        ("workers = 1\nmemory = 4", "memory is 4; expected an amount with its unit"),
        ('workers = 1\nmemory = "x"', "memory is 'x'; expected an amount with its unit"),
        ("workers = 1\nwalltime = 4", "walltime is 4; expected a text in quotes"),
    ],
)
def test_bad_settings_name_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "queue.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"queue.toml: {message}"):
        read_settings(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'qeue = "cpu"',
            "unknown setting 'qeue'; did you mean queue. .expected workers, or what",
        ),
        ("zz = 1", "unknown setting 'zz'; the nearest are [^,]*, [^,]*, [^,]* .expected"),
        ("", "memory is missing; expected that of a job"),
    ],
)
@pytest.mark.parametrize("kind", ["slurm", "pbs", "lsf"])
def test_settings_that_a_queue_does_not_take_are_one_sentence(
    tmp_path: Path, kind: str, text: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setattr(queues.shutil, "which", str)
    path = tmp_path / "queue.toml"
    path.write_text(f"workers = 2\n{text}\n")
    with (
        pytest.raises(ValueError, match=f"^{path}: {message}") as error,
        engine_for(EngineChoice(cluster=f"{kind}:{path}")),
    ):
        pass
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("kind", "program"), [("slurm", "sbatch"), ("pbs", "qsub"), ("lsf", "bsub")]
)
def test_a_queue_whose_program_is_missing_is_refused(
    kind: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask_jobqueue")
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(OSError, match=rf"^--cluster {kind}:.*: {program}, which submits the jobs"),
        engine_for(EngineChoice(cluster=f"{kind}:{_settings(tmp_path)}")),
    ):
        pass


def test_a_job_that_cannot_be_submitted_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask_jobqueue")
    program = tmp_path / "sbatch"
    program.write_text("#!/bin/sh\necho no such partition >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with (
        pytest.raises(
            OSError, match=r"slurm:.*: the queue took no job: no such partition"
        ) as error,
        engine_for(EngineChoice(cluster=f"slurm:{_settings(tmp_path)}")),
    ):
        pass
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-server\r\n", b"\0" * 64])
def test_a_server_that_is_no_scheduler_is_refused_soon(
    greeting: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    kept.append(connection)
                    connection.sendall(greeting)

        kept: list[socket.socket] = []
        threading.Thread(target=answer, daemon=True).start()
        begin = time.monotonic()
        with (
            pytest.raises(OSError, match=f"--scheduler {address}: no Dask scheduler answers"),
            engine_for(EngineChoice(address)),
        ):
            pass
        assert time.monotonic() - begin < 5
        for connection in kept:
            connection.close()


def test_a_dashboard_is_named_only_where_one_answers(scheduler: str) -> None:
    from distributed import Client

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/status" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with Client(scheduler, set_as_default=False) as client:
        assert dashboard_of(client) is None  # started without one
    with HTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there, none = (
            SimpleNamespace(dashboard_link=f"http://127.0.0.1:{server.server_port}/{page}")
            for page in ("status", "none")
        )
        assert dashboard_of(there) == there.dashboard_link  # type: ignore[arg-type]
        assert dashboard_of(none) is None  # type: ignore[arg-type]
        server.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "submit", "cancel"),
    [("slurm", "sbatch", "scancel"), ("pbs", "qsub", "qdel"), ("lsf", "bsub", "bkill")],
)
def test_a_queue_runs_the_jobs(
    kind: str, submit: str, cancel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs of a queue whose programs are scripts that start them on this machine."""
    for name, script in (
        (
            submit,
            f'cp "${{@: -1}}" {tmp_path}/job\nbash {tmp_path}/job &>{tmp_path}/log &\necho "<1>"',
        ),
        (cancel, "true"),
    ):
        path = tmp_path / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin:{Path(sys.executable).parent}")
    settings = _settings(tmp_path, "lsf" if kind == "lsf" else "")
    with engine_for(EngineChoice(cluster=f"{kind}:{settings}"), out=tmp_path / "out"):
        assert list(map_ordered(str, range(3), workers=1)) == ["0", "1", "2"]


def _settings(folder: Path, kind: str = "") -> Path:
    path = folder / "queue.toml"
    more = "use_stdin = false\n" if kind == "lsf" else ""
    path.write_text(f'workers = 1\ncores = 1\nmemory = "1GB"\ninterface = "lo"\n{more}')
    return path


def _hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
