"""python -m benchmark.score, from folders of files to tables."""

import csv
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from benchmark.metrics import evaluate
from benchmark.score import main, parse_args, score
from benchmark.scoring import score_files

SMALL = ["o01_smooth", "o04_ties", "o08_empty_unknown", "o10_range", "o12_shape_1x37"]


@pytest.fixture(scope="module")
def golden_cases(golden):
    """Read some golden cases: arrays and the official numbers."""
    table = json.loads((golden / "metrics" / "golden.json").read_text())
    cases = {}
    for entry in table["cases"]:
        if entry["id"] in SMALL:
            arrays = {}
            for kind in ("alpha", "alpha_gt", "trimap"):
                path = golden / "metrics" / "cases" / entry["id"] / f"{kind}.webp"
                arrays[kind] = np.asarray(Image.open(path))[..., 0]
            cases[entry["id"]] = SimpleNamespace(**arrays, modes=entry["modes"])
    return cases


@pytest.fixture
def folders(tmp_path, golden_cases):
    """Write the cases as PNG in three folders; return the folder above."""
    for name, case in golden_cases.items():
        for kind in ("alpha", "alpha_gt", "trimap"):
            save(tmp_path / kind / f"{name}.png", getattr(case, kind))
    return tmp_path


def save(path, array, mode=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(np.asarray(array))
    (picture.convert(mode) if mode else picture).save(path)


def arguments(folder, *more):
    return ["--alpha", f"{folder}/alpha", "--alpha-gt", f"{folder}/alpha_gt", *map(str, more)]


def refused(capsys, argv):
    """Run the command, expect exit status 2, and return its one line of error."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()[-1].removeprefix("error: ")


@pytest.mark.parametrize("mode", ["masked", "whole", "filled"])
def test_the_table_holds_the_official_numbers(folders, golden_cases, mode, capsys):
    out = folders / "scores.csv"
    more = {
        "masked": ["--trimap", folders / "trimap", "--region", "unknown"],
        "whole": [],
        "filled": ["--trimap", folders / "trimap", "--region", "unknown", "--fill-known"],
    }[mode]
    assert main(arguments(folders, *more, "--out", out)) == 0
    rows = list(csv.DictReader(out.open()))
    assert [row["image"] for row in rows] == SMALL
    assert list(rows[0]) == ["image", "sad", "mse", "grad", "conn"]
    for row in rows:
        for metric in ("sad", "mse", "grad", "conn"):
            expected = golden_cases[row["image"]].modes[mode]["f64"][metric]
            expected = math.nan if expected is None else expected
            assert float(row[metric]) == pytest.approx(
                expected, rel=1e-9, abs=1e-12, nan_ok=True
            ), (row["image"], metric)
    region = "whole" if mode == "whole" else "unknown"
    text = capsys.readouterr().out
    assert f"conn/{region}/v1" in text
    assert "5 images of 5 foregrounds" in text
    assert ("known pixels set by the trimap" in text) == (mode == "filled")


def test_few_foregrounds_have_no_interval(folders, capsys):
    out = folders / "scores.json"
    assert main(arguments(folders, "--out", out)) == 0
    text = capsys.readouterr().out
    assert re.search(r"^sad\s+\S+\s+-\s+sad/whole/v1", text, re.M)
    assert "fewer than 8 foregrounds are too few for an interval" in text
    assert json.loads(out.read_text())["metrics"]["sad"]["interval_95"] is None


def test_intervals_are_said(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for place in range(9):
        alpha_gt = rng.integers(0, 256, (6, 7), dtype=np.uint8)
        save(tmp_path / "alpha_gt" / f"pet{place}.png", alpha_gt)
        save(tmp_path / "alpha" / f"pet{place}.png", alpha_gt if place else 255 - alpha_gt)
    assert main(arguments(tmp_path)) == 0
    text = capsys.readouterr().out
    assert "too few" not in text
    for metric in ("sad", "mse", "grad", "conn"):
        line = re.search(rf"^{metric}\s+(\S+)\s+(\S+) to (\S+)", text, re.M)
        assert 0 <= float(line[2]) < float(line[1]) < float(line[3])


def test_means_and_undefined_values_are_said(folders, capsys):
    main(arguments(folders, "--trimap", folders / "trimap", "--region", "unknown"))
    text = capsys.readouterr().out
    table = score(
        parse_args(arguments(folders, "--trimap", folders / "trimap", "--region", "unknown"))
    )
    values = [row.values["mse"] for row in table.rows if not math.isnan(row.values["mse"])]
    assert len(values) == 4
    mean = sum(values) / 4
    line = re.search(r"^mse\s+(\S+)", text, re.M)
    assert float(line[1]) == pytest.approx(mean, rel=1e-5)
    thousandfold = re.search(r"^mse x 1e3\s+(\S+)", text, re.M)
    assert float(thousandfold[1]) == pytest.approx(1000 * mean, rel=1e-5)
    assert "not in this mean: 1 image without an unknown pixel" in text


def test_conditions_go_with_the_table(folders):
    out = folders / "scores.csv"
    main(arguments(folders, "--out", out))
    conditions = json.loads((folders / "scores.conditions.json").read_text())
    assert conditions["region"] == "whole"
    assert conditions["metrics"]["grad"]["id"] == "grad/whole/v1"
    assert conditions["empty_intersection"] == "empty-is-unconnected"
    assert str(folders) not in json.dumps(conditions)
    main(arguments(folders, "--out", folders / "scores.json"))
    document = json.loads((folders / "scores.json").read_text())
    assert document["metrics"] == conditions["metrics"]
    assert [row["image"] for row in document["scores"]] == SMALL


def test_parquet_holds_the_same_numbers(folders):
    pq = pytest.importorskip("pyarrow.parquet")
    main(arguments(folders, "--out", folders / "scores.csv"))
    main(arguments(folders, "--out", folders / "scores.parquet"))
    table = pq.read_table(folders / "scores.parquet")
    rows = list(csv.DictReader((folders / "scores.csv").open()))
    assert table.column_names == list(rows[0])
    for name in table.column_names[1:]:
        assert table.column(name).to_pylist() == [float(row[name]) for row in rows]
    conditions = json.loads(table.schema.metadata[b"conditions"])
    assert conditions["images"] == len(SMALL)


@pytest.mark.slow
def test_workers_change_nothing(folders, monkeypatch):
    monkeypatch.setattr(score_files, "paying_workers", lambda seconds, wanted: wanted)
    one, two = folders / "one.csv", folders / "two.csv"
    assert main(arguments(folders, "--out", one)) == 0
    assert main(arguments(folders, "--out", two, "--workers", 2)) == 0
    assert one.read_bytes() == two.read_bytes()


def test_two_files(folders, capsys):
    alpha, alpha_gt = folders / "alpha/o04_ties.png", folders / "alpha_gt/o10_range.png"
    save(folders / "other.png", np.asarray(Image.open(alpha)))
    argv = ["--alpha", str(alpha), "--alpha-gt", str(folders / "other.png")]
    assert main(argv) == 0
    assert "1 image of 1 foreground;" in capsys.readouterr().out
    message = refused(capsys, ["--alpha", str(alpha), "--alpha-gt", str(alpha_gt.parent)])
    assert message == f"--alpha-gt {alpha_gt.parent}: expected a file, as --alpha is one"


def test_extra_columns_on_request(folders):
    out = folders / "scores.csv"
    columns = ["sad", "mad", "sad_foreground", "sad_background", "sad_unknown"]
    trimap = ["--trimap", folders / "trimap"]
    assert main(arguments(folders, *trimap, "--metrics", *columns, "--out", out)) == 0
    for row in csv.DictReader(out.open()):
        assert list(row) == ["image", *columns]
        parts = [float(row[name]) for name in columns[2:]]
        assert sum(parts) == pytest.approx(float(row["sad"]))


def test_composites_share_a_truth(tmp_path, capsys):
    rng = np.random.default_rng(4)
    for name in ("cat 1", "dog_2"):
        alpha_gt = rng.integers(0, 256, (6, 7), dtype=np.uint8)
        save(tmp_path / "alpha_gt" / f"{name}.png", alpha_gt)
        for k in range(3):
            save(tmp_path / "alpha" / f"{name}_{k}.png", alpha_gt // (k + 1))
    out = tmp_path / "scores.csv"
    assert main(arguments(tmp_path, "--shared-alpha-gt", "--out", out)) == 0
    rows = {row["image"]: float(row["sad"]) for row in csv.DictReader(out.open())}
    assert len(rows) == 6
    assert rows["cat 1_0"] == rows["dog_2_0"] == 0 < rows["dog_2_1"] < rows["dog_2_2"]
    assert "6 images of 2 foregrounds" in capsys.readouterr().out
    save(tmp_path / "alpha" / "dog.png", alpha_gt)
    message = refused(capsys, arguments(tmp_path, "--shared-alpha-gt"))
    assert message.endswith("dog is not named <ground truth>_<number>, as --shared-alpha-gt wants")


def test_missing_and_left_over_files_are_named(folders, capsys):
    extra = folders / "alpha_gt" / "extra.png"
    save(extra, np.zeros((2, 2), np.uint8))
    message = refused(capsys, arguments(folders))
    assert message == f"{extra}: no matte of this name in {folders / 'alpha'}"
    extra.unlink()
    (folders / "alpha_gt" / "o04_ties.png").unlink()
    message = refused(capsys, arguments(folders))
    alpha = folders / "alpha" / "o04_ties.png"
    assert message == f"{alpha}: no ground truth named o04_ties in {folders / 'alpha_gt'}"


def test_a_missing_trimap_is_named(folders, capsys):
    trimap = ["--trimap", folders / "trimap"]
    for name in SMALL[:2]:
        (folders / "trimap" / f"{name}.png").unlink()
    message = refused(capsys, arguments(folders, *trimap))
    assert message == (
        f"{folders / 'alpha' / SMALL[0]}.png: no trimap named {SMALL[0]} in {folders / 'trimap'} "
        "(and 1 more files like it)"
    )


def test_other_sizes_are_refused_and_nothing_is_resized(folders, capsys):
    path = folders / "alpha" / "o04_ties.png"
    height, width = np.asarray(Image.open(path)).shape
    save(path, np.zeros((height, width + 1), np.uint8))
    message = refused(capsys, arguments(folders, "--out", folders / "scores.csv"))
    assert message == (
        f"{folders / 'alpha_gt' / 'o04_ties.png'} is {height} x {width} (height x width), but "
        f"{path} is {height} x {width + 1}; expected one size, nothing is resized"
    )
    assert not (folders / "scores.csv").exists()


def test_odd_trimap_values_are_refused_unless_official(folders, golden_cases, capsys):
    path = folders / "trimap" / "o01_smooth.png"
    trimap = golden_cases["o01_smooth"].trimap.copy()
    trimap[0, :3] = 127, 129, 1
    save(path, trimap)
    unknown = ["--trimap", folders / "trimap", "--region", "unknown"]
    message = refused(capsys, arguments(folders, *unknown))
    assert message == f"{path}: trimap has 1, 127, 129; expected 0, 128, 255"
    assert main(arguments(folders, *unknown, "--trimap-values", "official")) == 0
    assert f"trimap has 1, 127, 129; only 128 counts as unknown: {path}" in capsys.readouterr().err


def test_options_that_need_a_trimap(folders, capsys):
    for options, wanted in (
        (["--region", "unknown"], "--region unknown"),
        (["--fill-known"], "--fill-known"),
        (["--metrics", "sad_foreground"], "--metrics sad_foreground"),
    ):
        message = refused(capsys, arguments(folders, *options))
        assert message == f"{wanted} needs --trimap, none was given"


def test_other_kinds_of_files(tmp_path, capsys):
    """RGB: the first channel, if asked for. 16 bits: scaled. 0 and 1: warned about."""
    alpha_gt = np.arange(256, dtype=np.uint8).reshape(16, 16)
    names = ["rgb", "deep", "ones"]
    for name in names:
        save(tmp_path / "alpha_gt" / f"{name}.png", alpha_gt)
    rgb = np.stack([alpha_gt, 255 - alpha_gt, alpha_gt // 2], axis=-1)
    save(tmp_path / "alpha" / "rgb.png", rgb)
    deep = alpha_gt * np.uint16(257)
    deep[alpha_gt < 255] += 128
    save(tmp_path / "alpha" / "deep.png", deep)
    save(tmp_path / "alpha" / "ones.png", alpha_gt // 200)
    out = tmp_path / "scores.csv"
    chosen = ["--matte-channel", "first"]
    assert main(arguments(tmp_path, "--out", out, "--metrics", "sad", *chosen)) == 0
    sads = {row["image"]: float(row["sad"]) for row in csv.DictReader(out.open())}
    assert sads["rgb"] == sads["deep"] == 0
    assert sads["ones"] > 0.1
    errors = capsys.readouterr().err
    assert "mode RGB, its first channel was taken" in errors
    assert "16 bits, scaled to 8 by 255 / 65535 and rounded" in errors
    assert "no value above 1; a matte runs to 255" in errors


def test_16_bit_mattes_round_to_the_nearest(tmp_path):
    alpha_gt = np.array([[1, 1, 2, 255]], np.uint8)
    save(tmp_path / "alpha_gt.png", alpha_gt)
    save(tmp_path / "alpha.png", np.array([[129, 385, 386, 65535]], np.uint16))
    argv = ["--alpha", f"{tmp_path}/alpha.png", "--alpha-gt", f"{tmp_path}/alpha_gt.png"]
    assert score(parse_args(argv)).rows[0].values["sad"] == 0


def test_a_damaged_file_leaves_the_old_table_alone(folders, capsys):
    out = folders / "scores.csv"
    assert main(arguments(folders, "--out", out)) == 0
    before = out.read_bytes()
    path = folders / "alpha" / "o10_range.png"
    path.write_bytes(path.read_bytes()[:-400])
    capsys.readouterr()
    message = refused(capsys, arguments(folders, "--out", out))
    assert message.startswith(f"{path}: cannot be read as an image")
    assert out.read_bytes() == before
    assert not list(folders.glob(".*part"))


def test_a_place_for_the_table_is_checked_first(folders, capsys):
    for out, reason in (
        (folders / "scores.txt", "expected a name ending in .csv, .parquet, .json"),
        (folders / "no" / "scores.csv", f"no folder {folders / 'no'}"),
    ):
        assert refused(capsys, arguments(folders, "--out", out)) == f"--out {out}: {reason}"


def test_a_bad_cluster_pattern_is_refused(folders, capsys):
    message = refused(capsys, arguments(folders, "--cluster-pattern", r".+_\d+"))
    assert message == "'.+_\\\\d+' has no group; expected the cluster's name in parentheses"


def test_the_api_needs_no_table(folders, golden_cases):
    table = score(parse_args(arguments(folders)))
    case = golden_cases[SMALL[0]]
    assert table.rows[0].values == evaluate(case.alpha, case.alpha_gt)
