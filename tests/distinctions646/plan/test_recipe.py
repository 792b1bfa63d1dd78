"""The plan: background order, both naming rules, its table."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from distinctions646.plan.recipe import Rules, make_recipe, output_name, read_recipe, to_table
from distinctions646.sources.files import Background, Foreground

RULES = Rules(
    preset="cv2-cubic",
    exif="apply",
    alpha_cleanup="clip-10-245/v1",
    image_format="jpeg-90",
    trimap_rule="dilate-25/v1",
    trimap_seed=7,
)


def foregrounds(*names: str) -> list[Foreground]:
    return [Foreground(Path("/x/fg") / name, None, 30, 40) for name in names]


def backgrounds(count: int) -> list[Background]:
    return [Background(Path(f"/x/bg/b{index}.jpg"), 60, 20) for index in range(count)]


def test_foreground_i_takes_the_backgrounds_from_i_times_n():
    rows = make_recipe(foregrounds("b.png", "a.png"), backgrounds(7), per_foreground=3)
    assert [(row.foreground, row.background, row.k, row.index) for row in rows] == [
        ("b.png", "b0.jpg", 0, 0),
        ("b.png", "b1.jpg", 1, 1),
        ("b.png", "b2.jpg", 2, 2),
        ("a.png", "b3.jpg", 0, 3),
        ("a.png", "b4.jpg", 1, 4),
        ("a.png", "b5.jpg", 2, 5),
    ]
    # 20×60 must grow by 2 to cover 40×30 (width × height).
    assert {(row.width, row.height, row.resized_width, row.resized_height) for row in rows} == {
        (40, 30, 40, 120)
    }


@pytest.mark.parametrize("naming", ["adobe", "d646"])
def test_names_of_the_goldens(golden_sources, naming):
    field = {"adobe": "merged", "d646": "d646_name"}[naming]
    for index, row in enumerate(golden_sources.manifest["composites"]):
        assert output_name(row["fg"], row["k"], index, naming) + ".png" == row[field]


def test_names_with_several_dots_and_underscores():
    assert output_name("woman-1_1920 (1).v2.png", 19, 99, "adobe") == "woman-1_1920 (1).v2_19"
    assert output_name("h_29.png", 0, 2900, "d646") == "h_2900"
    assert output_name("004c8d.png", 0, 0, "d646") == "004c8d.png_0"


def test_the_official_name_rule_of_the_distinctions_646_training_list(oracle):
    names = (oracle / "lists" / "distinctions646" / "fg_train.txt").read_text().split("\n")
    stripped = [name.strip() for name in names if name.strip()]
    assert len(stripped) == 596
    # Unique across the 59,600 composites, whatever the names.
    assert (
        len({output_name(stripped[i // 100], i % 100, i, "d646") for i in range(59_600)}) == 59_600
    )


def test_too_few_backgrounds_are_counted():
    message = "2 foregrounds x 20 need 40 backgrounds; the list has 16"
    with pytest.raises(ValueError, match=message):
        make_recipe(foregrounds("a.png", "b.png"), backgrounds(16), per_foreground=20)


def test_equal_output_names_are_refused():
    message = "a.png and a.jpg both give a composite named a_0; expected one foreground per name"
    with pytest.raises(ValueError, match=re.escape(message)):
        make_recipe(foregrounds("a.png", "a.jpg"), backgrounds(2), per_foreground=1)


def test_the_table_comes_back_from_parquet(tmp_path):
    rows = make_recipe(foregrounds("a.png"), backgrounds(2), per_foreground=2, rules=RULES)
    pq.write_table(to_table(rows), tmp_path / "test.parquet")
    assert read_recipe(tmp_path / "test.parquet") == rows
    assert (
        to_table(rows).column_names
        == (
            "id split index foreground background k width height resized_width resized_height "
            "trimap_rule name image_sha256 alpha_sha256 trimap_sha256 foreground_sha256 "
            "trimap_seed preset exif alpha_cleanup image_format"
        ).split()
    )
    assert "/x/" not in str(to_table(rows).to_pylist())
    assert {(row.preset, row.exif, row.trimap_seed) for row in rows} == {("cv2-cubic", "apply", 7)}
    assert rows[1].file_name("image") == "a_1.jpg"
    assert rows[1].file_name("alpha") == "a_1.png"


def test_a_recipe_of_the_first_version_is_read(tmp_path):
    rows = make_recipe(foregrounds("a.png"), backgrounds(2), per_foreground=2)
    table = to_table(rows)
    pq.write_table(table.select(table.column_names[:14]), tmp_path / "test.parquet")
    assert read_recipe(tmp_path / "test.parquet") == rows


def test_other_tables_are_refused(tmp_path):
    pq.write_table(to_table([]).drop_columns(["k"]), tmp_path / "test.parquet")
    with pytest.raises(ValueError, match=r"test\.parquet: has columns id, split, index, foregroun"):
        read_recipe(tmp_path / "test.parquet")
    (tmp_path / "test.parquet").write_bytes(b"no parquet")
    with pytest.raises(ValueError, match=r"test\.parquet: cannot be read as Parquet"):
        read_recipe(tmp_path / "test.parquet")
