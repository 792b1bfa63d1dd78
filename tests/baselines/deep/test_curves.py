"""A learned method as users run it: beside others, over trimaps of growing width, in a figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmark.figure import main as figure
from benchmark.run import main as run
from benchmark.sensitivity import main as sensitivity
from distinctions646.images.png import write_png

from .synthetic import METHODS, save_small


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Return two discs on noise, 48×64 pixels, with trimaps."""
    folder = tmp_path / "discs"
    for kind in ("image", "alpha", "trimap"):
        (folder / kind).mkdir(parents=True)
    rng = np.random.default_rng(3)
    y, x = np.mgrid[:48, :64]
    for name, radius in (("a", 14), ("b", 17)):
        alpha = np.clip(radius - np.hypot(y - 24, x - 32), 0, 4) / 4
        alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
        image = 200 * alpha[..., None] + rng.integers(0, 256, (48, 64, 3)) * (1 - alpha[..., None])
        write_png(folder / "image" / f"{name}.png", image.astype(np.uint8))
        write_png(folder / "alpha" / f"{name}.png", alpha_u8)
        trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128)).astype(np.uint8)
        write_png(folder / "trimap" / f"{name}.png", trimap)
    return folder


@pytest.mark.slow
def test_dim_with_large_trimaps_is_measured_and_drawn(dataset: Path, tmp_path: Path) -> None:
    """The paper's Fig. 5: DIM, "DIM+Large" and a method without a trimap."""
    for name in ("dim", "late-fusion"):
        save_small(METHODS[name], tmp_path / name)
    out = tmp_path / "runs"
    methods = ["--method", "dim", "late-fusion"]
    methods += ["--weights", f"dim={tmp_path / 'dim'}", f"late-fusion={tmp_path / 'late-fusion'}"]
    where = ["--dataset", str(dataset), "--out", str(out)]
    assert run([*where, *methods]) == 0
    larger = [*where, "--method", "dim", "--weights", str(tmp_path / "dim")]
    assert run([*larger, "--trimap-rule", "radius-150/v1"]) == 0
    assert sensitivity([*where, *methods, "--dilations", "1", "150"]) == 0
    (table,) = out.glob("sensitivity/*/curves.csv")
    curves = pd.read_csv(table)
    assert set(curves.loc[curves["method"] == "dim", "dilation"]) == {1, 150}
    assert curves.loc[curves["method"] == "late-fusion", "dilation"].isna().all()
    sheet = tmp_path / "figure-5"
    style = ["--style", "trimaps", "--larger", "radius-150/v1", "--scores", "--rows", "2"]
    assert figure([*style, "--dataset", str(dataset), "--runs", str(out), "--out", str(sheet)]) == 0
    assert (tmp_path / "figure-5.pdf").stat().st_size > 10_000
    assert (tmp_path / "figure-5.png").is_file()
