"""Stores to copy from and to: fsspec's memory, and an S3 server of moto in this process."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from distinctions646.build import work
from distinctions646.storage.staging import CACHE_VARIABLE


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep copies in the test's own folder; return it."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the endpoint of an S3 server."""
    moto = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a new bucket; credentials are in the environment."""
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server,
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"


@pytest.fixture
def memory() -> str:
    """Return the address of a new folder in memory."""
    return f"memory://{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=["memory", "bucket"])
def store(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty folder in each kind of store."""
    return f"{request.getfixturevalue(request.param)}/folder"


@pytest.fixture
def breaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have builds break down after their first shard; return the files whose shards are rendered.

    They go on once `mended` is in the test's folder.
    """
    rendered: list[str] = []
    real = work.render_shard

    def counting(shard: Any, *rest: Any) -> Any:
        if len(rendered) == 1 and not (tmp_path / "mended").exists():
            raise OSError("the machine breaks down")
        rendered.append(shard.foreground.path.name)
        return real(shard, *rest)

    monkeypatch.setattr(work, "render_shard", counting)
    return rendered
