"""Measured files under perf/ have their form, and the documented tables come from them."""

import importlib
import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PERF = ROOT / "perf" / "metrics"


def load(name, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module(f"perf.metrics.{name}")


def documented(name):
    document = (ROOT / "docs" / name).read_text()
    return document.split("<!-- measured: start -->")[1].split("<!-- measured: end -->")[0].strip()


def test_the_documented_tables_are_the_measured_ones(monkeypatch):
    tables = load("port_tables", monkeypatch).tables(PERF / "ports.json", PERF / "ports.toml")
    assert documented("metric-ports.md") == tables.strip()


def test_the_documented_timings_are_the_measured_ones(monkeypatch):
    timings = load("timing_tables", monkeypatch).table(PERF / "metrics.json")
    assert documented("metrics.md") == timings.strip()


def test_every_measured_port_has_its_facts_and_its_commit():
    facts = tomllib.loads((PERF / "ports.toml").read_text())
    results = json.loads((PERF / "ports.json").read_text())
    assert set(results) <= set(facts)
    for name, entry in results.items():
        assert len(entry["commit"]) == 40, name
        assert entry["cases"] == 20
        assert set(entry["metrics"]) == set(facts[name]["functions"])
        for modes in entry["metrics"].values():
            for counts in modes.values():
                failed = sum(len(cases) for cases in counts["failed"].values())
                assert len(counts["off"]) + failed <= 20


def test_timings_say_what_they_were_taken_with():
    timings = json.loads((PERF / "metrics.json").read_text())
    assert {"commit", "date", "processor", "load", "packages", "threads", "clock", "rival"} <= set(
        timings
    )
    assert timings["threads"] == 1
    assert len(timings["inputs"]) == 6
    for found in timings["inputs"].values():
        for metric in ("sad", "mse", "grad", "conn", "all"):
            ours = found["ours"][metric]
            assert 0 < ours["best"] <= ours["median"] <= ours["worst"]
            ratio = found["rival"][metric]["median"] / ours["median"]
            assert found["times_faster"][metric] == pytest.approx(ratio)
