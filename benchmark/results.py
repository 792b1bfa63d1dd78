"""The schema of a result: long Parquet, one row an image, metric and region, and a run card.

Columns: dataset, dataset_root, method, method_hash, image_id, foreground, metric, region,
trimap_rule, value, status, notes, seconds. Metric ids carry region and version
(``conn/whole/v1``). Values come from the 8-bit matte, in the official units: SAD, Grad and Conn in
thousands, MSE absolute.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.png import write_bytes

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
COLUMNS = (
    "dataset", "dataset_root", "method", "method_hash", "image_id", "foreground", "metric",
    "region", "trimap_rule", "value", "status", "notes", "seconds",
)  # fmt: skip
# Everything that touches pixels on the way from a file to a number.
_PACKAGES = (
    "numpy", "scipy", "pillow", "opencv-python", "numba", "pymatting", "torch", "torchvision",
    "timm", "datasets", "pyarrow", "pandas", "distinctions646",
)  # fmt: skip


def write(path: Path, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Write rows as Parquet, sorted, under a temporary name first; return them as a table."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.sort_values(["image_id", "region", "metric"], ignore_index=True)
    write_bytes(path, table.to_parquet(index=False))
    return table


def read(path: Path) -> pd.DataFrame:
    """Read a result table.

    Raises
    ------
    ValueError
        If the file is missing, unreadable, or lacks a column.
    """
    import pandas as pd

    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: unreadable results ({error}); remove it to score again"
        ) from None
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise ValueError(f"{path}: results lack the columns {missing}")
    return table


def run_card(method: str, card: Mapping[str, str], config: dict[str, Any]) -> dict[str, Any]:
    """Return what made a result: versions, machine, configuration, commit."""
    return {
        "schema_version": SCHEMA_VERSION,
        "method": method,
        "config": config,
        "method_card": dict(card),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in _PACKAGES},
        "commit": _git("rev-parse", "HEAD"),
        "dirty": bool(_git("status", "--porcelain")),
    }


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Write a run card as JSON, atomically."""
    write_bytes(path, (json.dumps(card, indent=2, sort_keys=True) + "\n").encode())


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """Ask the suite's own repository, if it runs from one."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"run card without commit: {done.stderr.strip()}\n")
        return None
    return done.stdout.strip()
