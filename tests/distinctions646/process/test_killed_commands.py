"""Commands that start workers leave none behind when they are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow

FOREGROUNDS = 120  # seconds of work for two workers on a quick machine
SIDE = 600


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of noise, which take a while to write, read and score."""
    folder = tmp_path_factory.mktemp("killed")
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (SIDE, SIDE, 4), np.uint8)
    for kind in ("fg", "alpha", "bg", "other"):
        (folder / kind).mkdir()
    for kind, values in (
        ("fg", pixels[..., :3]),
        ("alpha", pixels[..., 3]),
        ("other", pixels[..., 0]),
        ("bg", pixels[..., 1:]),
    ):
        Image.fromarray(values).save(folder / kind / "0.png")
        for index in range(1, FOREGROUNDS):
            (folder / kind / f"{index}.png").hardlink_to(folder / kind / "0.png")
    return folder


def arguments(sources: Path, out: Path) -> list[str]:
    flags = {
        "--dataset": "custom",
        "--foregrounds": sources / "fg",
        "--alphas": sources / "alpha",
        "--backgrounds": sources / "bg",
        "--per-foreground": 1,
        "--trimap-rule": "radius-3/v1",
        "--out": out,
    }
    return [str(word) for pair in flags.items() for word in pair]


@pytest.fixture(scope="module")
def dataset(sources: Path) -> Path:
    command = [sys.executable, "-m", "distinctions646.build", *arguments(sources, sources / "out")]
    subprocess.run([*command, "--write", "folder"], check=True, capture_output=True)
    return sources / "out"


@pytest.fixture
def kill(
    tmp_path: Path,
    workers_of: Callable[[int], list[int]],
    still_there: Callable[[list[int]], list[int]],
) -> Callable[[list[str]], None]:
    """Run a command with two workers, kill it while they work, and check that they end."""
    log = tmp_path / "errors.txt"

    def run(words: list[str]) -> None:
        command = [sys.executable, "-m", *words, "--workers", "2"]
        with log.open("w") as errors:
            parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            while len(workers := workers_of(parent.pid)) < 2:
                assert parent.poll() is None, log.read_text()
                time.sleep(0.01)
            time.sleep(0.5)  # let them take up their work
            assert parent.poll() is None, "ended before it was killed: too little work"
        finally:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        assert not still_there(workers)

    return run


def test_generate(kill, tmp_path: Path):
    kill(["distinctions646.generate", "--out", str(tmp_path / "out"), "--foregrounds", "40"])


def test_build(kill, sources: Path, tmp_path: Path):
    kill(["distinctions646.build", *arguments(sources, tmp_path / "out"), "--write", "folder"])


def test_build_of_mini(kill, tmp_path: Path):
    kill(["distinctions646.build", "--out", str(tmp_path / "mini")])


def test_doctor(kill, sources: Path, tmp_path: Path):
    kill(["distinctions646.doctor", *arguments(sources, tmp_path / "out"), "--deep"])


def test_verify(kill, dataset: Path):
    kill(["distinctions646.verify", str(dataset)])


def test_score(kill, sources: Path):
    mattes = ["--alpha", str(sources / "other"), "--alpha-gt", str(sources / "alpha")]
    kill(["benchmark.score", *mattes])


def test_run(kill, dataset: Path, tmp_path: Path):
    named = ["--dataset", str(dataset), "--out", str(tmp_path / "runs")]
    kill(["benchmark.run", *named, "--method", "closed-form"])
