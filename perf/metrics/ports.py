r"""Measure how far a public port of the metrics is from the official numbers.

    python -m perf.metrics.ports --port GCA-Matting --checkout ~/src/GCA-Matting
    python -m perf.metrics.ports --write docs/metric-ports.md

Calls the port's own functions, from a checkout outside this repository, on the 20 golden cases;
how to call them is in perf/metrics/ports.toml. Results are collected in perf/metrics/ports.json,
one entry per port.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import platform
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmark.metrics.diagnose import diagnose_conn, diagnose_grad
from perf.documents import fill
from perf.machine import ROOT, commit_of, versions
from perf.metrics.outside import load_file, resolve, restore_numpy_names
from perf.metrics.port_tables import tables

HERE = Path(__file__).parent
GOLDEN = ROOT / "tests" / "golden" / "metrics"
RESULTS = HERE / "ports.json"
FACTS = HERE / "ports.toml"
MODES = {
    "whole": {"region": "whole"},
    "masked": {"region": "unknown"},
    "filled": {"region": "unknown", "fill_known": True},
}
METRICS = ("sad", "mse", "grad", "conn")
OFF = 1e-4
"""A number further than this from the official one, relatively, is off."""


@dataclass(frozen=True)
class Port:
    """How one port is called, from perf/metrics/ports.toml."""

    name: str
    facts: dict[str, Any]
    checkout: Path

    def value(self, metric: str, mode: str, case: dict[str, Any]) -> float | None:
        """Call the port on a case; None where it has no such metric or mode."""
        call = self.prepare(metric, mode, case)
        return None if call is None else call()

    def prepare(self, metric: str, mode: str, case: dict[str, Any]) -> Callable[[], float] | None:
        """Return the call for a case with its arguments made, or None."""
        function = self.facts["functions"].get(metric, {})
        without_trimap = mode == "whole" and "whole" in function
        name = function.get("whole" if without_trimap else "name")
        if name is None:
            return None
        arrays = self._arguments(mode, case)
        module = self._module(function)
        if "collected" in function:
            return _collecting(getattr(module, name), function["collected"], arrays)
        keys = ("alpha", "alpha_gt") if without_trimap else self.facts["arguments"]
        call = functools.partial(
            resolve(module, name), *(arrays[key] for key in keys), **function.get("options", {})
        )
        element, factor = function.get("result"), function.get("factor", 1)
        return lambda: float(call() if element is None else call()[element]) * factor

    def _module(self, function: dict[str, Any]) -> Any:
        file = "/".join(part for part in (self.facts["file"], function.get("file")) if part)
        instead = tuple(function.get("instead", {}).items())
        return load_file(self.checkout, file, tuple(self.facts.get("absent", ())), instead)

    def _arguments(self, mode: str, case: dict[str, Any]) -> dict[str, Any]:
        alpha, alpha_gt, trimap = (case[key].copy() for key in ("alpha", "alpha_gt", "trimap"))
        if mode == "whole":
            trimap[:] = 128
        if mode == "filled":
            alpha[trimap == 0], alpha[trimap == 255] = 0, 255
        dtype = np.dtype(self.facts["dtype"])
        mattes = {"alpha": alpha.astype(dtype), "alpha_gt": alpha_gt.astype(dtype)}
        if self.facts.get("range", 255) == 1:
            mattes = {key: matte / dtype.type(255) for key, matte in mattes.items()}
        return {**mattes, "trimap": trimap, "mask": (trimap == 128).astype(np.float32)}


class _HostTensor:
    """As much of a torch tensor as mmagic's metrics ask for."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getitem__(self, key: Any) -> _HostTensor:
        return _HostTensor(self.array[key])

    def cpu(self) -> _HostTensor:
        return self

    def numpy(self) -> np.ndarray:
        return self.array


def _collecting(metric_class: Any, key: str, arrays: dict[str, Any]) -> Callable[[], float]:
    """Return the call of a metric object of OpenMMLab, which takes samples and keeps results."""
    metric = object.__new__(metric_class)
    metric.results, metric.sigma, metric.step = [], 1.4, 0.1
    metric.norm_const = metric.norm_constant = 1000
    sample = {
        "ori_trimap": _HostTensor(arrays["trimap"][None]),
        "ori_alpha": _HostTensor(arrays["alpha_gt"][None]),
        "output": {"pred_alpha": _HostTensor(arrays["alpha"])},
    }

    def call() -> float:
        metric.process(None, [sample])
        return float(metric.results[-1][key])

    return call


def load_cases() -> list[dict[str, Any]]:
    """Read the golden cases."""
    cases = json.loads((GOLDEN / "golden.json").read_text())["cases"]
    for case in cases:
        for name in ("alpha", "alpha_gt", "trimap"):
            with Image.open(GOLDEN / "cases" / case["id"] / f"{name}.webp") as picture:
                case[name] = np.ascontiguousarray(np.asarray(picture)[..., 0])
    return cases


def deviation(value: float, official: float | None) -> float:
    """Return how far a number is from the official one, relatively; inf where one is undefined."""
    if official is None:
        return 0.0 if math.isnan(value) else math.inf
    if not math.isfinite(value):
        return math.inf
    if official == 0:
        return math.inf if abs(value) > 1e-9 else 0.0
    return abs(value - official) / abs(official)


def measure(port: Port) -> dict[str, Any]:
    """Measure each metric and mode of a port on all cases."""
    cases = load_cases()
    measured: dict[str, Any] = {}
    for metric in METRICS:
        for mode in MODES:
            counts = _measure_mode(port, metric, mode, cases)
            if counts:
                measured.setdefault(metric, {})[mode] = counts
    return measured


def _measure_mode(
    port: Port, metric: str, mode: str, cases: list[dict[str, Any]]
) -> dict[str, Any] | None:
    off, worst, explained = [], (0.0, ""), 0
    failed: dict[str, list[str]] = {}
    for case in cases:
        official = case["modes"][mode]["f64"][metric]
        try:
            value = port.value(metric, mode, case)
        except Exception as error:  # whatever another program raises is the result here
            message = f"{type(error).__name__}: {error}".splitlines()[0][:120]
            failed.setdefault(message, []).append(case["id"])
            continue
        if value is None:
            return None
        distance = deviation(value, official)
        if distance > OFF:
            off.append({"case": case["id"], "value": repr(value), "official": official})
            explained += _explains(port, metric, mode, case, value)
            if math.isfinite(distance):
                worst = max(worst, (distance, case["id"]))
    switches = port.facts["functions"][metric].get("explained")
    return {
        "off": off,
        "failed": failed,
        "worst_relative": worst[0],
        "worst_case": worst[1],
        "explained_by": switches,
        "explained": explained if switches else None,
    }


def _explains(port: Port, metric: str, mode: str, case: dict[str, Any], value: float) -> bool:
    """Say whether the switches named for a port turn our number into its number."""
    switches = port.facts["functions"][metric].get("explained")
    if not switches:
        return False
    diagnose = {"grad": diagnose_grad, "conn": diagnose_conn}[metric]
    ours = diagnose(case["alpha"], case["alpha_gt"], case["trimap"], **MODES[mode], **switches)
    return deviation(value, ours) <= OFF


def run(name: str, checkout: Path) -> None:
    """Measure one port and file the result."""
    ports = tomllib.loads(FACTS.read_text())
    if name not in ports:
        raise ValueError(f"--port {name}: expected one of {', '.join(ports)}")
    restore_numpy_names()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = {
        "commit": commit_of(checkout),
        "python": platform.python_version(),
        "packages": versions(("numpy", "scipy", "scikit-image", "opencv-python-headless")),
        "cases": len(load_cases()),
        "off_above": OFF,
        "metrics": measure(Port(name, ports[name], checkout)),
    }
    ordered = {key: results[key] for key in ports if key in results}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", help="name in perf/metrics/ports.toml")
    parser.add_argument("--checkout", type=Path, help="root of the port's repository")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    given = parser.parse_args()
    try:
        if given.port or given.checkout:
            if not (given.port and given.checkout):
                raise ValueError("--port and --checkout go together")
            run(given.port, given.checkout.resolve())
        if given.write:
            fill(given.write, {"measured": tables(RESULTS, FACTS)})
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
