"""The runner: numbers equal the metrics', a second start does nothing again, bad input stops it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from baselines.trivial import Constant, Distance
from benchmark import results
from benchmark.journal import read_journals
from benchmark.metrics import evaluate
from benchmark.run import main, parse_args
from distinctions646.build import main as build
from distinctions646.images import read_alpha, read_trimap, write_png
from distinctions646.trimap import NotApplicable


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
    assert "distance              3    1 |" in shown
    assert "trimap                3    0 |" in shown
    distance, trimap = (
        results.read(only(tmp_path / "runs", name) / "results.parquet").set_index(
            ["image_id", "metric"]
        )
        for name in ("distance", "trimap")
    )
    assert set(distance.loc["glass", "status"]) == {"n/a"}
    assert set(distance.loc["a", "status"]) == {"ok"}
    assert distance.loc["glass", "value"].equals(trimap.loc["glass", "value"])


def count_calls(method: type, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    original = method.__call__

    def counting(self: object, *arguments: np.ndarray) -> np.ndarray:
        calls.append(1)
        return original(self, *arguments)  # type: ignore[operator]

    monkeypatch.setattr(method, "__call__", counting)
    return calls


def test_second_start_skips(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = count_calls(Distance, monkeypatch)
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
    folder = only(tmp_path / "runs", "folder-alpha")
    table = results.read(folder / "results.parquet")
    assert (table["value"].dropna() == 0).all()
    card = json.loads((folder / "run.json").read_text())
    assert (card["kind"], card["needs_trimap"]) == ("scored", None)
    assert card["config"]["method"] == ["folder:alpha"]
    assert np.array_equal(
        read_alpha(folder / "alpha" / "b.png"), read_alpha(dataset / "alpha" / "b.png")
    )


def test_an_undefined_value_is_said(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solid = np.full((24, 30), 255, np.uint8)
    write_png(dataset / "image" / "solid.png", np.dstack([solid] * 3))
    for kind in ("alpha", "trimap"):
        write_png(dataset / kind / "solid.png", solid)
    start(dataset, tmp_path / "runs", "--method", "constant")
    table = results.read(only(tmp_path / "runs", "constant") / "results.parquet")
    values = table[table["metric"] == "mse/unknown/v1"]["value"]
    assert values.isna().sum() == 1
    assert "1 values are undefined" in capsys.readouterr().out


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
    assert "trimap needs trimaps and the dataset discs has none" in capsys.readouterr().err
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 0
    assert "unknown" not in capsys.readouterr().out  # no trimap, no unknown region


def test_misspelt_method_stops_before_any_work(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap", "closed-fort") == 2
    assert "did you mean 'closed-form'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


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
    assert "no matte for 2 of 3 images; it has no 'b', 'glass'" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_stopped_run_keeps_what_is_done(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the third image: the first two are not called again, and the bytes are equal."""
    runs = tmp_path / "runs"
    original = Distance.__call__
    calls: list[int] = []

    def failing(self: Distance, *arguments: np.ndarray) -> np.ndarray:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("the power went")
        return original(self, *arguments)

    monkeypatch.setattr(Distance, "__call__", failing)
    with pytest.raises(RuntimeError, match="the power went"):
        start(dataset, runs, "--method", "distance")
    folder = only(runs, "distance")
    assert len(read_journals(folder)) == 2 * 8
    assert not (folder / "results.parquet").exists()
    assert start(dataset, runs, "--method", "distance") == 0
    assert len(calls) == 4
    resumed = (folder / "results.parquet").read_bytes()
    assert not (folder / "parts").exists()
    (folder / "results.parquet").unlink()
    start(dataset, runs, "--method", "distance")
    assert (folder / "results.parquet").read_bytes() == resumed


def test_other_trimaps_need_no_call_of_a_method_without(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that needs them is called for those only that differ."""
    constant, distance = (count_calls(kind, monkeypatch) for kind in (Constant, Distance))
    runs = tmp_path / "runs"
    methods = ("--method", "constant", "distance")
    for rule in ("radius-1/v1", "radius-50/v1", "radius-60/v1"):  # of 30 pixels: 1, 1 and 1
        assert start(dataset, runs, *methods, "--trimap-rule", rule) == 0
    assert (len(constant), len(distance)) == (3, 3)
    start(dataset, runs, *methods, "--trimap-rule", "radius-200/v1")  # of 30 pixels: 4
    assert (len(constant), len(distance)) == (3, 6)
    tables = [results.read(path) for path in sorted(runs.glob("*/constant-*/results.parquet"))]
    assert {rule for table in tables for rule in table["trimap_rule"]} == {
        "radius-1/v1", "radius-50/v1", "radius-60/v1", "radius-200/v1"
    }  # fmt: skip
    assert all((path.parent / "alpha" / "b.png").is_file() for path in runs.glob("*/*/run.json"))


def test_new_metrics_need_no_call(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    calls = count_calls(Distance, monkeypatch)
    start(dataset, runs, "--method", "distance")
    start(dataset, runs, "--method", "distance", "--more-metrics", "mad")
    assert len(calls) == 3
    table = results.read(only(runs, "distance") / "results.parquet")
    assert len(table) == 3 * 10
    whole = table[table["image_id"] == "a"].set_index("metric")["value"]
    assert whole["mad/whole/v1"] == pytest.approx(whole["sad/whole/v1"] * 1000 / (24 * 30))


def test_where_a_method_cannot_work_the_trimap_of_this_run_counts(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a method without trimaps, whose answer is cached for all of them."""

    def never(self: Constant, *_: np.ndarray) -> np.ndarray:
        raise NotApplicable("not today")

    monkeypatch.setattr(Constant, "__call__", never)
    runs = tmp_path / "runs"
    for rule in ("radius-1/v1", "radius-200/v1"):
        start(dataset, runs, "--method", "constant", "trimap", "--trimap-rule", rule)
    folders = list(runs.glob("discs-*"))
    assert len(folders) == 2
    for folder in folders:
        tables = [results.read(path) for path in sorted(folder.glob("*/results.parquet"))]
        assert set(tables[0]["status"]) == {"n/a"}
        assert tables[0]["value"].equals(tables[1]["value"])


def test_several_datasets(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "others"
    shutil.copytree(dataset, other)
    write_png(other / "alpha" / "b.png", read_alpha(other / "alpha" / "a.png"))
    runs = tmp_path / "runs"
    options = ["--method", "constant", "trimap", "--dataset", str(dataset), str(other)]
    assert main([*options, "--out", str(runs)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("trimaps: given") == 2
    assert len(list(runs.glob("discs-*/*/results.parquet"))) == 2
    assert len(list(runs.glob("others-*/*/results.parquet"))) == 2


def test_a_method_that_refuses_an_image_names_it(
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Constant, "__call__", lambda self, image, _: image[..., 0] / 99)
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 2
    assert "error: image a: method constant returned alpha from" in capsys.readouterr().err


def test_a_rule_stands_in_for_missing_trimaps(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same trimaps, and the same folder, as a build by that rule has."""
    built = tmp_path / "built"
    options = ["--dataset", "custom", "--foregrounds", str(dataset / "image"), "--alphas",
               str(dataset / "alpha"), "--backgrounds", str(dataset / "image"), "--out",
               str(built), "--per-foreground", "1", "--write", "folder"]  # fmt: skip
    assert build([*options, "--trimap-rule", "dilate-25/v1"]) == 0
    runs = tmp_path / "runs"
    start(built, runs, "--method", "trimap", "--protocol", "standard")
    shutil.rmtree(built)
    assert build(options) == 0
    start(built, runs, "--method", "trimap", "--protocol", "paper")
    assert "all 3 images done before" in capsys.readouterr().err
    (path,) = runs.glob("*/*/results.parquet")
    assert set(results.read(path)["trimap_rule"]) == {"dilate-25/v1"}


@pytest.mark.slow
def test_a_virtual_split_with_backgrounds_elsewhere(dataset: Path, tmp_path: Path) -> None:
    built, runs = tmp_path / "built", tmp_path / "runs"
    options = ["--dataset", "custom", "--foregrounds", str(dataset / "image"), "--alphas",
               str(dataset / "alpha"), "--backgrounds", str(dataset / "image"), "--out",
               str(built), "--per-foreground", "1", "--write", "virtual"]  # fmt: skip
    assert build(options) == 0
    assert start(built, runs, "--method", "constant") == 2
    backgrounds = ("--backgrounds", str(dataset / "image"))
    assert start(built, runs, "--method", "constant", *backgrounds, "--workers", "2") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--method", "trimap", "--title", "Mine"], "expected one in --method, got 0"),
        (["--protocol", "paper", "--trimap-rule", "radius-5/v1"], "both say which trimaps"),
        (["--device", "cuda", "cpu"], "several, not all GPUs"),
        (["--limit", "0"], "--limit is 0; expected 1 or more"),
    ],
)
def test_options_that_make_no_sense(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(options)
    assert message in capsys.readouterr().err


def test_without_arguments_the_example_runs() -> None:
    config = parse_args([])
    assert config is not None
    assert config.method == ("closed-form", "knn", "hatt")
    assert config.dataset == (Path("mini"),)


KILLED = """
import os, signal
from pathlib import Path
import numpy as np

class Killed:
    name, needs_trimap, card = "killed", False, {}

    def __call__(self, image, trimap=None):
        flag = Path(os.environ["KILL_FLAG"])
        calls = int(flag.read_text()) + 1
        flag.write_text(str(calls))
        if calls == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return image[..., 0] / 255
"""


@pytest.mark.slow
def test_kill_and_resume(dataset: Path, tmp_path: Path) -> None:
    """SIGKILL in the second image; then another number of workers, and equal bytes."""
    (tmp_path / "killed_method.py").write_text(KILLED)
    flag = tmp_path / "flag"
    flag.write_text("0")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "KILL_FLAG": str(flag)}

    def command(workers: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "benchmark.run", "--method", "killed_method:Killed",
             "--dataset", str(dataset), "--out", str(tmp_path / "runs"), "--workers", workers],
            env=environment, check=False, capture_output=True,
        ).returncode  # fmt: skip

    assert command("1") == -signal.SIGKILL
    folder = only(tmp_path / "runs", "killed")
    assert len(read_journals(folder)) == 8
    assert command("2") == 0
    assert flag.read_text() == "4"  # three images, and the one that was lost
    resumed = (folder / "results.parquet").read_bytes()
    (folder / "results.parquet").unlink()
    assert command("1") == 0
    assert flag.read_text() == "4"
    assert (folder / "results.parquet").read_bytes() == resumed


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert "closed-form" in capsys.readouterr().out
