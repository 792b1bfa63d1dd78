"""The vendored golden cases, and a slow, plain second implementation for random cases."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from benchmark.metrics.kernels.choosing import CHOICE

GOLDEN = Path(__file__).parents[2] / "golden" / "metrics"
MODES = {
    "masked": {"region": "unknown", "fill_known": False},
    "whole": {"region": "whole", "fill_known": False},
    "filled": {"region": "unknown", "fill_known": True},
}


@pytest.fixture(autouse=True, params=["compiled", "uncompiled"])
def steps(request, monkeypatch):
    """Run every test of the metrics with the compiled steps and with the plain ones."""
    monkeypatch.setattr(CHOICE, "pixels", -(10**12))
    monkeypatch.setattr(CHOICE, "compiled", None)
    if request.param == "compiled":
        CHOICE.compile()
    return request.param


@dataclass(frozen=True)
class Case:
    """One golden case: three arrays, how to call a metric for a mode, and what it must return."""

    id: str
    alpha: np.ndarray
    alpha_gt: np.ndarray
    trimap: np.ndarray
    modes: dict

    def arguments(self, mode):
        return (self.alpha, self.alpha_gt, self.trimap), MODES[mode]

    def value(self, mode, metric, source="f64"):
        value = self.modes[mode][source][metric]
        return math.nan if value is None else value


def load_case(entry):
    arrays = {}
    for name in ("alpha", "alpha_gt", "trimap"):
        with Image.open(GOLDEN / "cases" / entry["id"] / f"{name}.webp") as picture:
            pixels = np.ascontiguousarray(np.asarray(picture)[..., 0])
        assert hashlib.sha256(pixels.tobytes()).hexdigest() == entry["pixels_sha256"][name]
        arrays[name] = pixels
    return Case(id=entry["id"], modes=entry["modes"], **arrays)


@pytest.fixture(scope="session")
def golden_cases():
    """All 20 golden cases by id."""
    table = json.loads((GOLDEN / "golden.json").read_text())
    return {entry["id"]: load_case(entry) for entry in table["cases"]}


def reference_sad(p, g, mask):
    return np.abs(p / 255 - g / 255)[mask].sum() / 1000


def reference_mse(p, g, mask):
    return ((p / 255 - g / 255)[mask] ** 2).mean() if mask.any() else math.nan


def reference_mad(p, g, mask):
    return np.abs(p / 255 - g / 255)[mask].mean() if mask.any() else math.nan


def reference_gradient(a):
    a = a.astype(float)
    a = (a - a.min()) / (a.max() - a.min()) if a.max() > a.min() else np.zeros_like(a)
    x = np.arange(-4, 5)
    gauss = np.exp(-(x**2) / (2 * 1.4**2)) / (1.4 * math.sqrt(2 * math.pi))
    kernel = np.outer(gauss, -x * gauss / 1.4**2)
    kernel /= math.sqrt((kernel**2).sum())
    gx = ndimage.convolve(a, kernel, mode="nearest")
    gy = ndimage.convolve(a, kernel.T, mode="nearest")
    return np.hypot(gx, gy)


def reference_grad(p, g, mask):
    return ((reference_gradient(p) - reference_gradient(g)) ** 2)[mask].sum() / 1000


def reference_conn(p, g, mask):
    p32, g32 = (a.astype(np.float32) / np.float32(255) for a in (p, g))
    level = np.full(p.shape, -1.0)
    for i in range(1, 11):
        threshold = np.float32(i / 10)
        labels, count = ndimage.label(((p32 >= threshold) & (g32 >= threshold)).T)
        labels = labels.T
        omega = np.zeros(p.shape, bool)
        if count:
            omega = labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])
        level[(level == -1) & ~omega] = (i - 1) / 10
    level[level == -1] = 1
    phi = []
    for a in (p, g):
        d = a / 255 - level
        phi.append(1 - d * (d >= 0.15))
    return np.abs(phi[0] - phi[1])[mask].sum() / 1000


@pytest.fixture(scope="session")
def reference():
    """Plain functions of (alpha_u8, alpha_gt_u8, bool mask), straight from the formulas."""
    return SimpleNamespace(
        sad=reference_sad,
        mse=reference_mse,
        mad=reference_mad,
        grad=reference_grad,
        conn=reference_conn,
    )
