"""The run card: what made a result, beside it as JSON (``schema/run-card-v1.json``)."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.results.result_table import SCHEMA_VERSION
from benchmark.results.stored_fields import check_fields
from distinctions646.checks.files import read_json
from distinctions646.forms.manifest import read_manifest
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    from benchmark.methods.description import MethodDescription
    from benchmark.results.trimaps import Trimaps
    from distinctions646.forms.samples import Split

DIGEST = "sha256"
"""The card's entry with the SHA-256 of all others."""
_PACKAGES = (
    *("numpy", "scipy", "pillow", "opencv-python", "isal", "numba", "pymatting"),
    *("torch", "torchvision", "timm", "transformers", "safetensors", "onnxruntime"),
    *("datasets", "pyarrow", "pandas", "distinctions646"),
)
"""Everything that touches pixels on the way from a file to a number."""
_DECODERS = ("jpg", "libjpeg_turbo", "zlib", "webp", "libtiff")
_BUILD_SETTINGS = (
    *("preset", "trimap_rule", "trimap_seed"),
    *("per_foreground", "names", "versions"),
)


def make_run_card(
    method: MethodDescription,
    split: Split,
    trimaps: Sequence[Trimaps],
    *,
    images: int,
    config: dict[str, Any],
    devices: Sequence[str] = (),
    reference: Trimaps | None = None,
) -> dict[str, Any]:
    """Return what made a result.

    Parameters
    ----------
    method
        The method that ran.
    split
        The split it ran on.
    trimaps
        What it was given; one, or several in a trimap sensitivity run.
    images
        How many images of the split have results.
    config
        The options of the run, without absolute paths.
    devices
        Devices it ran on; none is the CPU.
    reference
        The trimaps whose unknown region was scored, in a trimap sensitivity run.
    """
    commit, dirty = find_commit()
    card: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "kind": method.kind,
        "method": method.name,
        "method_hash": method.method_hash,
        "method_card": dict(method.card),
        "needs_trimap": method.uses_trimap,
        "dataset": split.name,
        "dataset_root": split.root,
        "split": split.split,
        "images": images,
        "images_in_split": len(split.samples),
        "trimaps": _trimaps(trimaps[0]),
        "built": _build_settings(split),
        "config": config,
        "device": _devices(devices),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in _PACKAGES},
        "decoders": _decoders(),
        "commit": commit,
        "dirty": dirty,
    }
    if reference is not None:
        card["reference_trimaps"] = _trimaps(reference) | {"region": reference.region}
        card["trimap_rules"] = [each.rule for each in trimaps]
    return card


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Write a run card as JSON, whole or not at all, with a hash of its content."""
    card = {key: value for key, value in card.items() if key != DIGEST}
    card[DIGEST] = settings_sha256(card)
    write_bytes(path, (json.dumps(card, indent=2, sort_keys=True) + "\n").encode())


def read_card(path: Path) -> dict[str, Any]:
    """Read a run card.

    Raises
    ------
    ValueError
        If it is missing, unreadable, changed after it was written, or an entry that is read here
        has another type.
    """
    try:
        card = read_json(path)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: no run card ({error}); run the method again") from None
    if not isinstance(card, dict):
        raise ValueError(f"{path}: no run card; expected a JSON object")
    check_card(path, card)
    check_fields(card, path)
    return card


def check_card(path: Path, card: dict[str, Any]) -> None:
    """Refuse a card that is not as it was written; older ones have no hash and are not checked.

    Raises
    ------
    ValueError
        Naming the file.
    """
    content = {key: value for key, value in card.items() if key != DIGEST}
    if DIGEST in card and card[DIGEST] != settings_sha256(content):
        raise ValueError(f"{path}: damaged or changed after it was written; run the method again")


def find_commit(source: Path = Path(__file__)) -> tuple[str | None, bool]:
    """Return the commit that a source file is checked out from, and whether the checkout differs.

    Git is asked, from the file's own folder, so the answer does not depend on how deep the file
    lies.

    Parameters
    ----------
    source
        A file of the suite.

    Returns
    -------
    commit : str or None
        40 hex digits. None where the file is under no version control, as in an installed wheel,
        also inside somebody else's repository.
    dirty : bool
        Whether the checkout has changes or files that are not committed.
    """
    tracked = _git(source.parent, "ls-files", "--error-unmatch", "--", source.name)
    commit = _git(source.parent, "rev-parse", "HEAD") if tracked else None
    return (commit, bool(_git(source.parent, "status", "--porcelain"))) if commit else (None, False)


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints; None, with a warning unless there is no checkout, where it fails."""
    command = ["git", "-C", str(folder), *arguments]
    environment = os.environ | {"LC_ALL": "C"}  # its messages are compared below
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError:  # git is not installed
        return None
    if done.returncode == 0:
        return done.stdout.strip()
    if not any(text in done.stderr for text in ("not a git repository", "did not match any file")):
        sys.stderr.write(f"warning: run card without commit: {done.stderr.strip()}\n")
    return None


def _trimaps(trimaps: Trimaps) -> dict[str, Any]:
    return {"rule": trimaps.rule, "seed": trimaps.seed, "own": trimaps.own}


def _build_settings(split: Split) -> dict[str, Any] | None:
    """Return how the dataset's build made its composites; None for pictures read in place."""
    manifest = read_manifest(split.folder)
    if manifest is None:
        return None
    built = manifest["splits"][split.split]
    return {name: built.get(name) for name in _BUILD_SETTINGS}


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
