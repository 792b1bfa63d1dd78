"""Two processes with half a batch each do what one does with the whole."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file


@pytest.mark.slow
def test_two_processes_equal_one_with_the_doubled_batch(sources: Path, tmp_path: Path) -> None:
    """Both players of the paper's recipe for three steps; batch normalisation frozen."""
    command = [
        sys.executable,
        "-m",
        "hattmatting.train",
        "--sources",
        str(sources),
        "--preset",
        "paper",
        "--model",
        "tiny",
        "--crop",
        "48",
        "--steps",
        "3",
        "--batch",
        "4",
        "--freeze-batch-norm",
        "--device",
        "cpu",
        "--workers",
        "0",
        "--out",
    ]
    run_processes([*command, str(tmp_path / "one")], 1)
    output = run_processes([*command, str(tmp_path / "two")], 2)
    assert output.count("checkpoint:") == 1
    one, two = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("one", "two")
    )
    fresh = load_file(tmp_path / "one" / "model" / "model.safetensors")
    assert set(fresh) == set(one["model"])
    for name, value in one["model"].items():
        assert torch.allclose(value, two["model"][name], rtol=1e-5, atol=1e-6), name
    for name, value in one["discriminator"].items():
        # Adam makes whole steps of gradients that are rounding noise: a handful may differ.
        apart = (value - two["discriminator"][name]).abs() > 1e-5
        assert apart.float().mean() < 1e-3, name
    rows = []
    for folder in ("one", "two"):
        with (tmp_path / folder / "log.csv").open(newline="") as file:
            rows.append(next(csv.DictReader(file)))
    for name in ("train_mse", "train_ssim", "train_adversarial", "train_discriminator", "gradient"):
        assert float(rows[0][name]) == pytest.approx(float(rows[1][name]), rel=1e-4), name


def run_processes(command: list[str], count: int) -> str:
    """Start a command as `torchrun` does, over the loopback, and return what it printed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = []
    for rank in range(count):
        place = (
            {
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                "WORLD_SIZE": str(count),
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
            }
            if count > 1
            else {}
        )
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", **place}
        processes.append(
            subprocess.Popen(
                command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        )
    outputs = [process.communicate(timeout=600) for process in processes]
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == 0, errors
    return "".join(output for output, _ in outputs)
