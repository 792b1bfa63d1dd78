"""Results as published: the schema holds, bytes do not depend on order, old versions are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmark.results import result_table as results
from benchmark.run import main
from benchmark.sensitivity import main as sensitivity


def row(image: str = "a", **changes: Any) -> dict[str, Any]:
    return {
        "dataset": "mini",
        "dataset_root": "0" * 64,
        "method": "knn",
        "method_hash": "0" * 12,
        "image_id": image,
        "foreground": "cat.png",
        "metric": "sad/whole/v1",
        "region": "whole",
        "trimap_rule": None,
        "value": 1.25,
        "status": "ok",
        "notes": "{}",
        "seconds": 0.5,
    } | changes


def test_round_trip(tmp_path: Path) -> None:
    """Text stays text, a missing rule is None and an undefined value NaN."""
    rows = [row(), row("b", trimap_rule="given", value=float("nan"))]
    written = results.write(tmp_path / "r.parquet", rows)
    read = results.read(tmp_path / "r.parquet")
    pd.testing.assert_frame_equal(written, read)
    assert read["trimap_rule"].tolist() == [None, "given"]
    assert read["value"].isna().tolist() == [False, True]
    assert results.read_rows(tmp_path / "r.parquet")[0] == row()
    assert results.read_rows(tmp_path / "none.parquet") == []


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    rows = [row(image, metric=metric) for image in "cab" for metric in ("x/whole/v1", "a/whole/v1")]
    for name, given in (("one", rows), ("other", rows[::-1])):
        results.write(tmp_path / name, given)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_newer_rows_replace_older_ones() -> None:
    merged = results.merge([row(value=1.0), row("b")], [row(value=2.0), row(trimap_rule="given")])
    assert [(one["image_id"], one["trimap_rule"], one["value"]) for one in merged] == [
        ("a", None, 2.0),
        ("b", None, 1.25),
        ("a", "given", 1.25),
    ]


def test_version_0_had_neither_notes_nor_seconds(tmp_path: Path) -> None:
    old = pd.DataFrame([row(trimap_rule="given")]).drop(columns=["notes", "seconds"])
    old.to_parquet(tmp_path / "r.parquet", index=False)
    read = results.read(tmp_path / "r.parquet")
    assert list(read.columns) == list(results.COLUMNS)
    assert read["notes"].tolist() == ["{}"]
    assert read["seconds"].isna().all()
    assert read["value"].tolist() == [1.25]


def test_version_1_before_files_said_so(tmp_path: Path) -> None:
    pd.DataFrame([row()]).to_parquet(tmp_path / "r.parquet", index=False)
    assert results.read_rows(tmp_path / "r.parquet") == [row()]


def test_a_file_that_says_version_0_may_have_its_later_columns(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([row()]).replace_schema_metadata({b"matting-results": b"0"})
    pq.write_table(table, tmp_path / "r.parquet")
    assert results.read(tmp_path / "r.parquet")["notes"].tolist() == ["{}"]


def test_a_column_that_comes_twice_is_refused(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([row()])
    pq.write_table(table.append_column("notes", table["notes"]), tmp_path / "r.parquet")
    with pytest.raises(ValueError, match=r"r\.parquet: .*\['notes'\] more than once"):
        results.read(tmp_path / "r.parquet")


@pytest.mark.parametrize("encoded", [False, True])
def test_what_pandas_noted_in_a_file_is_not_read(tmp_path: Path, encoded: bool) -> None:
    table = pa.Table.from_pylist([row()]).replace_schema_metadata({b"pandas": b"{torn"})
    pq.write_table(table, tmp_path / "r.parquet")
    assert results.read(tmp_path / "r.parquet", encoded=encoded)["value"].tolist() == [1.25]


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    table = pa.table({"image": ["a"]}).replace_schema_metadata({b"matting-results": b"7"})
    pq.write_table(table, tmp_path / "r.parquet")
    with pytest.raises(ValueError, match=r"schema version 7; this suite reads up to 1"):
        results.read(tmp_path / "r.parquet")


def test_no_results(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(ValueError, match=r"r\.parquet: unreadable results"):
        results.read(tmp_path / "r.parquet")
    with pytest.raises(ValueError, match=r"none\.parquet: unreadable results"):
        results.read(tmp_path / "none.parquet")
    pd.DataFrame([row()]).drop(columns="value").to_parquet(tmp_path / "r.parquet")
    with pytest.raises(ValueError, match=r"results lack the columns \['value'\]"):
        results.read(tmp_path / "r.parquet")


@pytest.mark.parametrize("column", results.COLUMNS)
@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, True, b"x"])
def test_values_of_other_types_are_refused_by_name(tmp_path: Path, column: str, value: Any) -> None:
    path = tmp_path / "r.parquet"
    pd.DataFrame([row(**{column: value}), row("b", **{column: value})]).to_parquet(path)
    with pytest.raises(ValueError, match=r"r\.parquet"):
        results.read(path)


def test_every_version_has_its_migration() -> None:
    assert sorted(results.MIGRATIONS) == list(range(results.SCHEMA_VERSION))


def test_the_schema_names_the_columns() -> None:
    schema = results.read_schema("result")
    assert list(schema["properties"]) == list(results.COLUMNS)
    assert schema["required"] == list(results.COLUMNS)


def test_written_files_follow_the_schemas(dataset: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    options = ["--dataset", str(dataset), "--out", str(tmp_path)]
    folder = f"folder:{dataset / 'alpha'}"
    assert main([*options, "--method", "distance", folder, "--more-metrics", "mad"]) == 0
    assert sensitivity([*options, "--method", "distance", "constant", "--dilations", "9"]) == 0
    validator = jsonschema.Draft202012Validator(results.read_schema("result"))
    tables = [*tmp_path.rglob("results.parquet"), *tmp_path.rglob("sensitivity.parquet")]
    assert len(tables) == 4
    for path in tables:
        for one in json.loads(results.read(path).to_json(orient="records", double_precision=15)):
            validator.validate(one)
    cards = [*tmp_path.rglob("run.json"), *tmp_path.rglob("sensitivity.json")]
    assert len(cards) == 4
    validator = jsonschema.Draft202012Validator(results.read_schema("run-card"))
    for path in cards:
        validator.validate(json.loads(path.read_text()))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"schema_version": 1})
