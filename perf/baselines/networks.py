"""Measure the learned methods: what the suite adds to a bare forward pass, and peak memory.

    python -m perf.baselines.networks --preset small --out results/networks-small.json

Each method runs on random weights, on one thread, in a process of its own: the network alone on a
prepared input, and the whole method on the image. Methods that the JSON already holds are measured
again only with --again. --document FILE fills the tables of docs/learned.md instead.
"""

from __future__ import annotations

import argparse
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
REPEATS = 7
SLOW = 3.0  # CPU seconds from which on two repeats must do


def main() -> int:
    """Parse, measure or fill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=HelpFormatter)
    parser.add_argument("--methods", nargs="*", default=[], help="names; none means every one")
    parser.add_argument("--preset", choices=("paper", "small"), default="small", help="size")
    parser.add_argument("--side", type=int, default=512, help="pixels of the square image")
    parser.add_argument("--memory", action="store_true", help="measure nothing but memory")
    parser.add_argument("--again", action="store_true", help="measure again what the JSON holds")
    parser.add_argument("--out", type=Path, help="JSON to write or complete")
    parser.add_argument("--document", type=Path, help="Markdown file to fill")
    given = parser.parse_args()
    if (given.out is None) == (given.document is None):
        parser.error("expected one of --out and --document")
    if given.document is not None:
        return run_command(lambda: fill(given.document, {"sizes": sizes(), "cost": costs()}))
    return run_command(lambda: measure(given))


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
            rows[name] = pool.apply(run_method, (name, given.preset, given.side, given.memory))
        about = conditions("networks", LIBRARIES)
        about |= {name: getattr(given, name) for name in ("preset", "side", "memory")}
        given.out.write_text(json.dumps({"about": about, "rows": rows}, indent=1) + "\n")
        sys.stderr.write(f"{name} {rows[name]}\n")


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
    bare, whole = [], []
    for _ in range(REPEATS if first < SLOW else 2):  # by turns: the machine's load drifts
        with torch.inference_mode():
            bare.append(seconds(lambda: method.network(*inputs[0])))
        whole.append(seconds(lambda: method(image, given)))
    pair = min(bare), min(whole)  # the least disturbed of each
    return {
        "network_seconds": round(pair[0], 3),
        "method_seconds": round(pair[1], 3),
        "ratio": round(pair[1] / pair[0], 3),
        "gb_per_megapixel": round((peak - idle) / (side**2 / 1e6), 2),
    }


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
    network = kind.build(presets.get(preset, presets["small"]))
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
    """Return a table of what was measured, and the peaks of a large image."""
    lines = [
        "| method | size | network, CPU s | whole method, CPU s | ratio | GB a megapixel |",
        "|---|---|---|---|---|---|",
    ]
    loads, peaks = [], []
    for path in sorted(RESULTS.glob("networks-*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        about, rows = found["about"], found["rows"]
        if about["memory"]:
            peaks.append(_peaks(about["side"], rows))
            continue
        loads.append(about["load"])
        for name, row in rows.items():
            times = f"{row['network_seconds']:.2f} | {row['method_seconds']:.2f}"
            memory = f"{row['ratio']:.2f} | {row['gb_per_megapixel']:.1f}"
            lines.append(f"| `{name}` | {about['preset']} | {times} | {memory} |")
    load = f"{min(loads):.0f} to {max(loads):.0f}" if loads else "nothing measured"
    lines += ["", f"512×512 pixels, one thread, at a load of {load}. {' '.join(peaks)}".strip()]
    return "\n".join(lines) + "\n"


def _peaks(side: int, rows: dict[str, Any]) -> str:
    each = [
        f"`{name}` {row['peak_gb']:.1f} GB ({row['rows']}×{row['columns']})"
        for name, row in rows.items()
    ]
    return (
        f"Peak of the whole process at {side**2 / 1e6:.0f} megapixels, and what the network sees "
        f"at once: {'; '.join(each)}."
    )


if __name__ == "__main__":
    sys.exit(main())
