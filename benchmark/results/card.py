"""The run card: what made a result, beside it as JSON (``schema/run-card-v1.json``)."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.results.table import SCHEMA_VERSION
from distinctions646.forms.manifest import read_manifest
from distinctions646.images.png import write_bytes

if TYPE_CHECKING:
    from benchmark.methods.facts import Facts
    from benchmark.results.test_set import Trimaps
    from distinctions646.forms.samples import Split

# Everything that touches pixels on the way from a file to a number.
_PACKAGES = (
    "numpy", "scipy", "pillow", "opencv-python", "isal", "numba", "pymatting", "torch",
    "torchvision", "timm", "transformers", "safetensors", "onnxruntime", "datasets", "pyarrow",
    "pandas", "distinctions646",
)  # fmt: skip
_DECODERS = ("jpg", "libjpeg_turbo", "zlib", "webp", "libtiff")
_BUILD_FACTS = ("preset", "trimap_rule", "trimap_seed", "per_foreground", "names", "versions")


def make_run_card(
    facts: Facts,
    split: Split,
    trimaps: Trimaps,
    *,
    images: int,
    config: dict[str, Any],
    devices: Sequence[str] = (),
) -> dict[str, Any]:
    """Say what made a result.

    Parameters
    ----------
    facts
        Of the method.
    split
        What it was run on.
    trimaps
        What it was given.
    images
        How many of the split's the results have.
    config
        Of the run, without absolute paths.
    devices
        That it ran on; none is the CPU.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": facts.kind,
        "method": facts.name,
        "method_hash": facts.identity,
        "method_card": dict(facts.card),
        "needs_trimap": facts.uses_trimap,
        "dataset": split.name,
        "dataset_root": split.root,
        "split": split.split,
        "images": images,
        "images_in_split": len(split.samples),
        "trimaps": {"rule": trimaps.rule, "seed": trimaps.seed, "own": trimaps.own},
        "built": _build_facts(split),
        "config": config,
        "device": _devices(devices),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in _PACKAGES},
        "decoders": _decoders(),
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
    }


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Write a run card as JSON, atomically."""
    write_bytes(path, (json.dumps(card, indent=2, sort_keys=True) + "\n").encode())


def _build_facts(split: Split) -> dict[str, Any] | None:
    """Return how the dataset's build made its composites; None for pictures read in place."""
    manifest = read_manifest(split.folder)
    if manifest is None:
        return None
    built = manifest["splits"][split.split]
    return {name: built.get(name) for name in _BUILD_FACTS}


def _devices(names: Sequence[str]) -> list[str]:
    if not any(name.startswith("cuda") for name in names):
        return list(names) or ["cpu"]
    import torch

    return [f"{name} ({torch.cuda.get_device_name(name)})" for name in names]


def _decoders() -> dict[str, str | None]:
    from PIL import features

    return {name: features.version(name) for name in _DECODERS}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """Ask the suite's own repository, if it runs from one."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"run card without commit: {done.stderr.strip()}\n")
        return None
    return done.stdout.strip()
