import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from distinctions646.images.png import write_png
from distinctions646.mini import CLASSES, SCENES, UNSEEN_CLASSES, render_foreground, write_sources
from distinctions646.mini.pictures import Picture, picture_seed
from distinctions646.mini.sources import write_pictures


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def decoded(path: Path) -> NDArray[np.uint8]:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    write_sources(folder, "train", size=40, per_class=1, seed=0, backgrounds=len(SCENES) + 1)
    return folder


def test_tables_name_every_file(train: Path) -> None:
    front, back = rows(train / "foregrounds.csv"), rows(train / "backgrounds.csv")
    assert {row["name"] for row in front} == {p.name for p in (train / "foregrounds").iterdir()}
    assert {row["name"] for row in back} == {p.name for p in (train / "backgrounds").iterdir()}
    assert list(front[0]) == ["name", "class", "group", "opaque_part", "unseen", "source"]
    first = ("creature_00.png", "creature", "solid", "true", "false", "procedural")
    assert tuple(front[0].values()) == first
    first, *_ = SCENES
    assert [row["scene"] for row in back] == [*SCENES, first]
    assert back[-1]["name"] == f"{first}_01.png"


def test_train_leaves_the_unseen_classes_out(train: Path) -> None:
    classes = {row["class"] for row in rows(train / "foregrounds.csv")}
    assert classes == set(CLASSES) - set(UNSEEN_CLASSES)


def test_files_hold_the_rendered_pixels(train: Path) -> None:
    stored = decoded(train / "foregrounds" / "fur_00.png")
    rendered = render_foreground("fur", 40, picture_seed("train", 0, 0))
    assert np.array_equal(stored[..., [2, 1, 0, 3]], rendered)
    background = decoded(train / "backgrounds" / "room_00.png")
    assert background.shape[2] == 3
    assert min(background.shape[:2]) == 40


def test_splits_and_seeds_never_share_a_picture() -> None:
    ends = {"train": 999_999, "test": 499_999, "validation": 499_999}
    seeds = [picture_seed(s, n, i) for s, last in ends.items() for n in (0, 1) for i in (0, last)]
    assert len(set(seeds)) == len(seeds)
    assert picture_seed("validation", 0, 0) == picture_seed("test", 0, 499_999) + 1
    assert picture_seed("train", 1, 0) > picture_seed("validation", 0, 499_999)


def test_more_pictures_do_not_change_the_first(train: Path, tmp_path: Path) -> None:
    write_sources(tmp_path, "train", size=40, per_class=2, seed=0, backgrounds=0)
    before, after = contents(train), contents(tmp_path)
    shared = [name for name in before if name.startswith("foregrounds/")]
    assert shared
    assert all(before[name] == after[name] for name in shared)


def test_opaque_part_is_measured(train: Path) -> None:
    for row in rows(train / "foregrounds.csv"):
        alpha = decoded(train / "foregrounds" / row["name"])[..., 3]
        assert row["opaque_part"] == str(bool((alpha == 255).mean() >= 0.005)).lower()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "val"}, "split is 'val'; expected one of train, test, validation"),
        ({"per_class": None}, "expected one of per_class and foregrounds"),
        ({"foregrounds": 3}, "expected one of per_class and foregrounds"),
        ({"per_class": None, "foregrounds": 0}, "foregrounds is 0; expected 1 or more"),
        ({"size": 8}, "size is 8; expected 32 or more"),
        ({"per_class": 0}, "per_class is 0; expected 1 or more"),
        ({"backgrounds": -1}, "backgrounds is -1; expected 0 or more"),
        ({"workers": 0}, "workers is 0; expected 1 or more"),
        ({"seed": -1}, "seed is -1; expected 0 or more"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    arguments = {"split": "train", "size": 40, "per_class": 1, "seed": 0, "backgrounds": 1}
    with pytest.raises(ValueError, match=message):
        write_sources(tmp_path / "out", **{**arguments, **change})  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_a_number_of_foregrounds_is_shared_out_by_weight(tmp_path: Path) -> None:
    write_sources(tmp_path, "train", size=32, foregrounds=5, seed=0, backgrounds=0)
    names = [row["name"] for row in rows(tmp_path / "foregrounds.csv")]
    assert names == [
        "creature_00.png",
        "creature_01.png",
        "portrait_00.png",
        "figure_00.png",
        "solid_00.png",
    ]


def test_a_killed_run_goes_on_with_what_is_there(tmp_path: Path) -> None:
    pictures = [Picture("foreground", f"smoke_{n}.png", "smoke", 40, seed=n) for n in (1, 2)]
    (tmp_path / "foregrounds").mkdir()
    there = np.full((8, 8, 4), 255, np.uint8)
    write_png(tmp_path / "foregrounds" / "smoke_1.png", there)
    write_pictures(tmp_path, pictures, resume=True)
    assert np.array_equal(decoded(tmp_path / "foregrounds" / "smoke_1.png"), there)
    kept, made = rows(tmp_path / "foregrounds.csv")
    assert kept["opaque_part"] == "true"
    assert made["name"] == "smoke_2.png"
    write_pictures(tmp_path, pictures)
    assert not np.array_equal(decoded(tmp_path / "foregrounds" / "smoke_1.png"), there)


@pytest.mark.slow
def test_workers_do_not_change_a_byte(tmp_path: Path) -> None:
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        write_sources(folder, "test", size=64, per_class=1, seed=7, backgrounds=8, workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert {r["class"] for r in rows(tmp_path / "1" / "foregrounds.csv")} == set(CLASSES)
