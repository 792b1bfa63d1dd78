"""The runner: numbers equal the metrics', a second start does nothing again, bad input stops it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark import results
from benchmark.metrics import evaluate
from benchmark.run import affordable_workers, main
from benchmark.table import render, summarise
from distinctions646.build import main as build
from distinctions646.images import read_alpha, read_trimap, write_png
from distinctions646.loading import open_split


def start(dataset: Path, out: Path, *options: str) -> int:
    return main(["--dataset", str(dataset), "--out", str(out), *options])


def only(out: Path, method: str) -> Path:
    (folder,) = out.glob(f"*/{method}-*")
    return folder


def test_values_are_the_metrics(dataset: Path, tmp_path: Path) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 0
    folder = only(tmp_path / "runs", "trimap")
    table = results.read(folder / "results.parquet")
    assert len(table) == 3 * 8
    alpha_u8 = read_alpha(folder / "alpha" / "b.png")
    alpha_gt = read_alpha(dataset / "alpha" / "b.png")
    trimap = read_trimap(dataset / "trimap" / "b.png")
    rows = table[table["image_id"] == "b"].set_index("metric")["value"]
    for region in ("whole", "unknown"):
        expected = evaluate(alpha_u8, alpha_gt, trimap, region=region)
        for name, value in expected.items():
            assert rows[f"{name}/{region}/v1"] == value
    card = json.loads((folder / "run.json").read_text())
    assert card["method"] == "trimap"
    assert card["packages"]["numpy"] == np.__version__
    assert str(tmp_path) not in json.dumps(card)


def test_not_applicable_is_counted_and_scored(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The glass has no known foreground: 0.5 in the unknown region, as the trimap row gets."""
    start(dataset, tmp_path / "runs", "--method", "distance", "trimap")
    shown = capsys.readouterr().out
    assert [line.split()[:3] for line in shown.splitlines() if line.startswith(("dist", "trim"))]
    assert "distance              3    1 |" in shown
    distance, trimap = (
        results.read(only(tmp_path / "runs", name) / "results.parquet").set_index(
            ["image_id", "metric"]
        )
        for name in ("distance", "trimap")
    )
    assert set(distance.loc["glass", "status"]) == {"n/a"}
    assert set(distance.loc["a", "status"]) == {"ok"}
    assert distance.loc["glass", "value"].equals(trimap.loc["glass", "value"])


def test_second_start_skips(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from baselines.trivial import Distance

    calls: list[int] = []
    original = Distance.__call__

    def counting(self: Distance, *arguments: np.ndarray) -> np.ndarray:
        calls.append(1)
        return original(self, *arguments)

    monkeypatch.setattr(Distance, "__call__", counting)
    runs = tmp_path / "runs"
    assert start(dataset, runs, "--method", "distance", "--limit", "2") == 0
    assert len(calls) == 2
    start(dataset, runs, "--method", "distance")
    assert len(calls) == 3
    whole = (only(runs, "distance") / "results.parquet").read_bytes()
    first = capsys.readouterr().out.splitlines()[-5:]
    assert start(dataset, runs, "--method", "distance") == 0
    assert len(calls) == 3
    assert capsys.readouterr().out.splitlines()[-5:] == first
    assert (only(runs, "distance") / "results.parquet").read_bytes() == whole
    (only(runs, "distance") / "results.parquet").unlink()  # cached mattes alone suffice
    start(dataset, runs, "--method", "distance")
    assert len(calls) == 3
    assert (only(runs, "distance") / "results.parquet").read_bytes() == whole


def test_workers_change_nothing(dataset: Path, tmp_path: Path) -> None:
    tables = []
    for workers in ("1", "2"):
        out = tmp_path / workers
        assert start(dataset, out, "--method", "trimap", "--workers", workers) == 0
        tables.append(results.read(only(out, "trimap") / "results.parquet").drop(columns="seconds"))
    assert tables[0].equals(tables[1])


def test_folder_of_mattes_scores_zero_for_the_truth(dataset: Path, tmp_path: Path) -> None:
    assert start(dataset, tmp_path / "runs", "--method", f"folder:{dataset / 'alpha'}") == 0
    table = results.read(only(tmp_path / "runs", "folder-alpha") / "results.parquet")
    assert (table["value"].dropna() == 0).all()


def test_means_are_plain_and_leave_undefined_out(dataset: Path, tmp_path: Path) -> None:
    solid = np.full((24, 30), 255, np.uint8)
    write_png(dataset / "image" / "solid.png", np.dstack([solid] * 3))
    for kind in ("alpha", "trimap"):
        write_png(dataset / kind / "solid.png", solid)
    start(dataset, tmp_path / "runs", "--method", "constant")
    table = results.read(only(tmp_path / "runs", "constant") / "results.parquet")
    values = table[table["metric"] == "mse/unknown/v1"]["value"]
    assert values.isna().sum() == 1
    assert summarise(table)["mse/unknown/v1"] == pytest.approx(float(np.nanmean(values)))
    assert "1 values are undefined" in render([table])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: (d / "alpha" / "b.png").unlink(), "b"),
        (lambda d: write_png(d / "alpha" / "b.png", np.zeros((24, 29), np.uint8)), "24×29"),
        (lambda d: write_png(d / "trimap" / "b.png", np.full((24, 30), 127, np.uint8)),
         "has 127; expected 0, 128, 255"),
        (lambda d: (d / "image" / "b.png").write_bytes(b"\x89PNG"), "b.png"),
    ],
    ids=["missing", "size", "trimap-127", "truncated"],
)  # fmt: skip
def test_bad_datasets_exit_2(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage, message: str
) -> None:
    damage(dataset)
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert message in error
    assert not list((tmp_path / "runs").glob("*/*/results.parquet"))


def test_method_that_needs_trimaps_says_so(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (dataset / "trimap").iterdir():
        path.unlink()
    (dataset / "trimap").rmdir()
    assert start(dataset, tmp_path / "runs", "--method", "trimap") == 2
    assert "needs trimaps and the dataset has none" in capsys.readouterr().err
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 0
    assert "region" not in capsys.readouterr().out  # no trimap, no unknown region


def test_misspelt_method_stops_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap", "closed-fort") == 2
    assert "did you mean 'closed-form'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_workers_fit_into_memory(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A 24×30 image at 1,000 GB a megapixel needs 0.72 GB, and a process 0.4."""
    samples = open_split(dataset).samples
    hungry = SimpleNamespace(memory_gb_per_megapixel=1000.0)
    assert affordable_workers(4, hungry, samples, available=int(2.3e9)) == 2
    assert "2 workers instead of 4: 0.7 GB each" in capsys.readouterr().err
    assert affordable_workers(4, hungry, samples, available=int(0.1e9)) == 1
    assert affordable_workers(4, hungry, samples, available=int(9e9)) == 4
    assert affordable_workers(4, object(), samples, available=0) == 4


def test_other_trimaps_are_another_run(dataset: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    start(dataset, runs, "--method", "trimap")
    write_png(dataset / "trimap" / "b.png", np.full((24, 30), 128, np.uint8))
    start(dataset, runs, "--method", "trimap")
    before, after = (results.read(path) for path in sorted(
        runs.glob("*/trimap-*/results.parquet"), key=lambda path: path.stat().st_mtime_ns
    ))  # fmt: skip
    values = [table.set_index(["image_id", "metric"])["value"] for table in (before, after)]
    assert values[0]["b", "sad/whole/v1"] < values[1]["b", "sad/whole/v1"]
    assert values[0]["a", "sad/whole/v1"] == values[1]["a", "sad/whole/v1"]


def test_a_tampered_build_is_refused(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built = tmp_path / "built"
    assert build(["--dataset", "custom", "--foregrounds", str(dataset / "image"), "--alphas",
                  str(dataset / "alpha"), "--backgrounds", str(dataset / "image"), "--out",
                  str(built), "--per-foreground", "1", "--write", "folder"]) == 0  # fmt: skip
    assert start(built, tmp_path / "runs", "--method", "constant") == 0
    truth = built / "test" / "alpha" / "b_0.png"
    write_png(truth, 255 - read_alpha(truth))
    assert start(built, tmp_path / "others", "--method", "constant") == 2
    assert "b_0: its alpha has other pixels than the dataset" in capsys.readouterr().err


def test_a_missing_matte_is_found_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mattes = tmp_path / "mattes"
    mattes.mkdir()
    write_png(mattes / "a.png", np.zeros((24, 30), np.uint8))
    assert start(dataset, tmp_path / "runs", "--method", f"folder:{mattes}") == 2
    assert "no matte for image 'b'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "closed-form" in capsys.readouterr().out
