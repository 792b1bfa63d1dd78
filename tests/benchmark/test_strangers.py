"""Mattes, trimaps and results from a stranger, through the commands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from benchmark.formats.long_table import escaped
from benchmark.metrics import batched, evaluate
from benchmark.metrics.torch_metrics import MattingMetrics
from benchmark.results import result_table
from benchmark.run import main as run
from benchmark.score import main as score
from benchmark.score import parse_args
from benchmark.score import score as score_config
from distinctions646.images.reading import alpha_to_u8
from hattmatting.inference.cutout import estimate_foreground

ROWS, COLUMNS = np.mgrid[:61, :83]
TRUTH = np.clip(300 - 12 * np.hypot(ROWS - 30, COLUMNS - 41), 0, 255).astype(np.uint8)
MATTE = np.clip(TRUTH.astype(int) - 5, 0, 255).astype(np.uint8)
ORANGE = np.broadcast_to(np.array([240, 150, 80], np.uint8), (61, 83, 3))


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(array)).save(path)
    return path


@pytest.fixture
def dataset(tmp_path):
    save(tmp_path / "set" / "image" / "x.png", np.dstack([TRUTH, TRUTH // 2, 255 - TRUTH]))
    save(tmp_path / "set" / "alpha" / "x.png", TRUTH)
    return tmp_path / "set"


def test_a_cut_out_is_scored_by_its_alpha_or_not_at_all(tmp_path, dataset, capsys):
    save(tmp_path / "mattes" / "x.png", np.dstack([ORANGE, MATTE]))
    folders = ["--alpha", str(tmp_path / "mattes"), "--alpha-gt", str(dataset / "alpha")]
    assert score(folders) == 2
    assert "--matte-channel alpha takes the alpha channel" in capsys.readouterr().err
    table = score_config(parse_args([*folders, "--matte-channel", "alpha"]))
    assert table.rows[0].values == evaluate(MATTE, TRUTH)
    method = ["--method", f"folder:{tmp_path / 'mattes'}", "--dataset", str(dataset)]
    out = ["--out", str(tmp_path / "runs")]
    assert run([*method, *out]) == 2
    assert "either may be the matte" in capsys.readouterr().err
    assert run([*method, *out, "--matte-channel", "alpha"]) == 0
    assert "warning: mode RGBA, its alpha channel was taken" in capsys.readouterr().err
    (results,) = (tmp_path / "runs").glob("*/*/results.parquet")
    rows = {row["metric"]: row["value"] for row in result_table.read_rows(results)}
    assert rows["sad/whole/v1"] == evaluate(MATTE, TRUTH)["sad"]
    assert run([*method, *out, "--matte-channel", "first"]) == 0
    assert len(list((tmp_path / "runs").glob("*/*/results.parquet"))) == 2  # other mattes


def test_a_colour_trimap_is_refused(tmp_path, dataset, capsys):
    code = np.stack([TRUTH == 0, TRUTH == 255, (TRUTH > 0) & (TRUTH < 255)], -1)
    trimap = save(dataset / "trimap" / "x.png", code.astype(np.uint8) * 255)
    out = ["--out", str(tmp_path / "runs")]
    assert run(["--method", "distance", "--dataset", str(dataset), *out]) == 2
    assert f"{trimap}: trimap has mode RGB with colour" in capsys.readouterr().err
    folders = ["--alpha", str(dataset / "alpha"), "--alpha-gt", str(dataset / "alpha")]
    unknown = ["--trimap", str(trimap.parent), "--region", "unknown"]
    assert score([*folders, *unknown, "--trimap-values", "official"]) == 2


@pytest.mark.parametrize("place", ["truth", "matte"])
def test_masks_of_0_and_1_are_noted_by_run(tmp_path, dataset, capsys, place):
    if place == "truth":
        odd = save(dataset / "alpha" / "x.png", TRUTH // 200)
        method = "constant"
    else:
        odd = save(tmp_path / "mattes" / "x.png", TRUTH // 200)
        method = f"folder:{tmp_path / 'mattes'}"
    out = ["--out", str(tmp_path / "runs")]
    assert run(["--method", method, "--dataset", str(dataset), *out]) == 0
    assert f"warning: no value above 1; a matte runs to 255: {odd}" in capsys.readouterr().err


def test_an_inverted_matte_is_noted(tmp_path, dataset, capsys):
    odd = save(tmp_path / "mattes" / "x.png", 255 - TRUTH)
    folders = ["--alpha", str(tmp_path / "mattes"), "--alpha-gt", str(dataset / "alpha")]
    note = f"warning: nearer to the truth when inverted; perhaps inverted: {odd}"
    assert score(folders) == 0
    assert note in capsys.readouterr().err
    method = ["--method", f"folder:{tmp_path / 'mattes'}", "--dataset", str(dataset)]
    assert run([*method, "--out", str(tmp_path / "runs")]) == 0
    assert note in capsys.readouterr().err


ROW = {
    "dataset": "pets",
    "dataset_root": "ab" * 32,
    "method": "knn",
    "method_hash": "0123456789ab",
    "image_id": "a",
    "foreground": "a",
    "metric": "sad/whole/v1",
    "region": "whole",
    "trimap_rule": None,
    "value": 1.0,
    "status": "ok",
    "notes": "{}",
    "seconds": 0.5,
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"method_hash": "../../.."},
        {"image_id": "../../x"},
        {"foreground": None},
        {"metric": "sad"},
        {"region": "unknown"},
        {"value": -1.0},
        {"status": "fine"},
        {"notes": "[" * 5000},
        {"notes": "[]"},
        {"trimap_rule": "a\nb"},
    ],
)
def test_results_of_a_stranger_are_checked(tmp_path, wrong):
    path = tmp_path / "results.parquet"
    result_table.write(path, [ROW])
    result_table.read(path)
    result_table.write(path, [ROW | wrong])
    with pytest.raises(ValueError, match=r"results\.parquet: [^\n]+$"):
        result_table.read(path)


def test_cells_of_csv_are_no_formulas():

    table = escaped(pd.DataFrame({"method": ["=1+1", "knn"], "value": [-1.5, 2.0]}))
    assert table.to_csv(index=False) == "method,value\n'=1+1,-1.5\nknn,2.0\n"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1 + 1e-7, r"1\.0000001 to 1\.0000001"),
        (np.nextafter(1, 2), r"1\.0000000000000002 to 1\.0000000000000002"),
        (-1e-12, "-1e-12 to -1e-12"),
        (2.0, "2 to 2"),
    ],
)
@pytest.mark.parametrize(
    "read",
    [
        lambda alpha: evaluate(alpha, np.ones((4, 4))),
        lambda alpha: evaluate(np.ones((4, 4)), alpha),
        alpha_to_u8,
        lambda alpha: estimate_foreground(np.zeros((4, 4, 3), np.uint8), alpha),
        lambda alpha: batched.evaluate(torch.from_numpy(alpha)[None], torch.ones(1, 4, 4)),
    ],
    ids=("alpha", "truth", "to 8 bits", "cut-out", "torch"),
)
def test_numbers_a_hair_outside_are_printed_with_enough_digits(read, value, told):
    with pytest.raises(ValueError, match=f"alpha(_gt)? has values from {told}; expected 0 to 1"):
        read(np.full((4, 4), value))


def test_sums_of_the_torch_metric_stay_exact():
    metric = MattingMetrics(("mse",)).set_dtype(torch.float16)
    alpha, truth = torch.full((1, 4, 4), 70 / 255), torch.zeros(1, 4, 4)
    for _ in range(300):
        metric.update(alpha, truth)
    assert float(metric.compute()["mse"]) == pytest.approx((70 / 255) ** 2)
    assert metric.total.dtype == torch.float64
