"""Measure the learned methods: what the suite adds to a bare forward pass, and peak memory.

    python -m perf.baselines.networks --preset small --out results/networks-small.json

Each method runs on random weights, on one thread, in a process of its own: the network alone on a
prepared input, and the whole method on the image with a network that does nothing: checks,
preparation, pasting, which is what the suite adds. Methods that the JSON already holds are measured
again only with --again. --memory measures the peak of the whole process on one tile of a large
image, also of onnx:NAME with --weights onnx:NAME=FILE. --document FILE fills the tables of
docs/learned.md instead.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from distinctions646.process.commandline import HelpFormatter, run_command
from perf.documents import fill
from perf.machine import ROOT, conditions

LIBRARIES = ("torch", "numpy", "opencv-python", "transformers")
ROOM = "baselines.deep.methods."
RESULTS = ROOT / "results"
REPEATS = 5
SLOW = 3.0  # CPU seconds from which on two repeats must do


def main() -> int:
    """Parse, measure or fill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=HelpFormatter)
    parser.add_argument("--methods", nargs="*", default=[], help="names; none means every one")
    parser.add_argument(
        "--preset", choices=("paper", "small", "base"), default="small", help="size"
    )
    parser.add_argument("--side", type=int, default=512, help="pixels of the square image")
    parser.add_argument("--memory", action="store_true", help="measure nothing but memory")
    parser.add_argument("--weights", nargs="*", default=[], help="NAME=FILE of onnx:NAME")
    parser.add_argument("--again", action="store_true", help="measure again what the JSON holds")
    parser.add_argument("--out", type=Path, help="JSON to write or complete")
    parser.add_argument("--document", type=Path, help="Markdown file to fill")
    given = parser.parse_args()
    if (given.out is None) == (given.document is None):
        parser.error("expected one of --out and --document")
    if given.document is not None:
        return run_command(lambda: _fill(given.document))
    return run_command(lambda: measure(given))


def _fill(document: Path) -> None:
    fill(document, {"sizes": sizes(), "cost": costs(), "memory": peaks()})


def learned_methods() -> list[str]:
    """Return the names of the learned methods that are registered."""
    from benchmark.methods.finding import registered

    return [name for name, entry in registered().items() if entry.value.startswith(ROOM)]


def measure(given: argparse.Namespace) -> None:
    """Run every method in a fresh process; write after each, so that a stop loses little."""
    rows: dict[str, Any] = {}
    if given.out.is_file():
        rows = json.loads(given.out.read_text(encoding="utf-8"))["rows"]
    spawn = multiprocessing.get_context("spawn")
    for name in given.methods or learned_methods():
        if name in rows and not given.again:
            continue
        with spawn.Pool(1) as pool:
            rows[name] = pool.apply(_measure_one, (name, given))
        about = conditions("networks", LIBRARIES)
        about |= {name: getattr(given, name) for name in ("preset", "side", "memory")}
        given.out.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
        sys.stderr.write(f"{name} {rows[name]}\n")


def _measure_one(name: str, given: argparse.Namespace) -> dict[str, Any]:
    weights = dict(text.split("=", 1) for text in given.weights)
    if name in weights:
        return measure_memory(name, weights[name], given.side)
    return run_method(name, given.preset, given.side, given.memory)


def measure_memory(name: str, weights: str, side: int) -> dict[str, Any]:
    """Return the peak memory of a method with its weights on a large image."""
    import numpy as np

    from benchmark.methods.finding import call, load_method

    method = load_method(name, weights)
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    _, notes = call(method, image, make_trimap(side, side) if method.needs_trimap else None)
    rows, columns = map(int, notes["network_input"].split("×"))
    return {"peak_gb": round(memory_gb("VmHWM"), 2), "rows": rows, "columns": columns}


def run_method(name: str, preset: str, side: int, memory: bool = False) -> dict[str, float]:
    """Return CPU seconds of both, their ratio, and peak memory over that of the loaded network."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    method = build_method(name, preset)
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    given = make_trimap(side, 64 if memory else side) if method.needs_trimap else None
    inputs: list[Any] = []
    hook = method.network.register_forward_pre_hook(lambda _, args: inputs.append(args))
    idle = reset_peak_gb()
    first = seconds(lambda: method(image, given))
    peak = memory_gb("VmHWM")
    hook.remove()
    if memory:  # of one tile, since all are of one size
        rows, columns = inputs[0][0].shape[-2:]
        return {"peak_gb": round(peak, 2), "rows": rows, "columns": columns}
    network, idle_network = method.network, make_idle_network(inputs[0][0])
    bare, suite = [], []
    for _ in range(REPEATS if first < SLOW else 2):  # by turns: the machine's load drifts
        with torch.inference_mode():
            bare.append(seconds(lambda: network(*inputs[0])))
        method.network = idle_network
        suite.append(seconds(lambda: method(image, given)))
        method.network = network
    alone, around = min(bare), min(suite)  # the least disturbed of each
    return {
        "network_seconds": round(alone, 4),
        "suite_seconds": round(around, 4),
        "ratio": round((alone + around) / alone, 3),
        "gb_per_megapixel": round((peak - idle) / (side**2 / 1e6), 2),
    }


def make_idle_network(image: Any) -> Any:
    """Return a network that does nothing, so that a method's time is what the suite adds."""
    import torch

    class Idle(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.place = torch.nn.Parameter(torch.zeros(1))
            self.alpha = torch.zeros_like(image[:, :1])

        def forward(self, *inputs: Any) -> dict[str, Any]:
            return {"alpha": self.alpha}

    return Idle()


def make_trimap(side: int, unknown: int) -> Any:
    """Return a trimap with as many unknown rows and columns at its top left, but for its sides."""
    import numpy as np

    trimap = np.zeros((side, side), np.uint8)
    trimap[:unknown, :unknown] = 128
    trimap[:, : min(side, unknown) // 8], trimap[:, -side // 8 :] = 0, 255
    return trimap


def build_method(name: str, preset: str) -> Any:
    """Return a method with random weights, through a checkpoint folder as a user would have it."""
    import torch

    from baselines.deep.checkpoints import save_network
    from benchmark.methods.finding import registered

    kind = registered()[name].load()
    presets = importlib.import_module(kind.build.__module__).PRESETS
    torch.manual_seed(0)
    config = presets.get(preset, presets["small"])
    if getattr(kind, "skip", False):
        config = dataclasses.replace(config, skip=True)
    network = kind.build(config)
    with tempfile.TemporaryDirectory() as folder:
        save_network(network, kind.network_name, Path(folder))
        return kind(folder)


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that a call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def reset_peak_gb() -> float:
    """Forget the peak memory that this process has had, and return what it has now (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory_gb("VmRSS")


def memory_gb(name: str) -> float:
    """Return a line of the process's status: VmRSS is its memory, VmHWM the peak of that."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1e6
    raise ValueError(f"/proc/self/status has no {name}")


def sizes() -> str:
    """Return a table of parameters and multiply-adds, counted from the networks."""
    import torch

    from benchmark.methods.finding import registered
    from hattmatting.inference.cost import count_parameters

    lines = ["| method | size | parameters | GMAC at 512² |", "|---|---|---|---|"]
    for name in learned_methods():
        kind = registered()[name].load()
        if name != kind.network_name:
            continue  # another preprocessing or variant of the same network
        presets = importlib.import_module(kind.build.__module__).PRESETS
        for preset, config in presets.items():
            if preset == "toy":
                continue
            with torch.device("meta"):
                count = count_parameters(kind.build(config))
            lines.append(f"| `{name}` | {preset} | {count:,} | {kind.measure(config):.1f} |")
    return "\n".join(lines) + "\n"


def costs() -> str:
    """Return a table of what was measured at 512×512 pixels."""
    lines = [
        "| method | size | network, CPU s | whole method, CPU s | ratio | GB a megapixel |",
        "|---|---|---|---|---|---|",
    ]
    loads = []
    for about, rows in _measured():
        if about["memory"]:
            continue
        loads.append(about["load"])
        for name, row in rows.items():
            alone = row["network_seconds"]
            # the first measurements timed the whole method at once, later ones its two parts
            whole = row.get("method_seconds") or alone + row["suite_seconds"]
            memory = f"{whole / alone:.2f} | {row['gb_per_megapixel']:.1f}"
            lines.append(f"| `{name}` | {about['preset']} | {alone:.2f} | {whole:.2f} | {memory} |")
    load = f"{min(loads):.0f} to {max(loads):.0f}" if loads else "nothing measured"
    return "\n".join([*lines, "", f"512×512 pixels, one thread, at a load of {load}."]) + "\n"


def peaks() -> str:
    """Return a table of the peak memory on a large image."""
    head = [
        "| method | size | peak of the process, GB | the network sees at once |",
        "|---|---|---|---|",
    ]
    lines, sides = [], []
    for measured, rows in _measured():
        if not measured["memory"]:
            continue
        sides.append(measured["side"])
        for name, row in rows.items():
            seen = f"{row['rows']}×{row['columns']}"
            preset = "its file's" if name.startswith("onnx:") else measured["preset"]
            lines.append(f"| `{name}` | {preset} | {row['peak_gb']:.1f} | {seen} |")
    image = " and ".join(f"{side}×{side}" for side in sorted(set(sides)))
    about = f"An image of {image} pixels, one thread."
    return "\n".join([*head, *sorted(lines), "", about]) + "\n"


def _measured() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return conditions and rows of every result file."""
    files = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(RESULTS.glob("networks-*.json"))
    ]
    return [(file["about"], file["rows"]) for file in files]


if __name__ == "__main__":
    sys.exit(main())
