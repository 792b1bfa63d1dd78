import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.mini.catalogue import GROUPS
from distinctions646.mini.pathtraced import (
    COLUMNS,
    FOLDER,
    PathTraced,
    list_pathtraced,
    read_pathtraced,
)
from renderer.develop import encode_webp
from renderer.gallery import SCENES

PICTURES = list_pathtraced()
LARGEST = 16 * 2**20


def tiny() -> NDArray[np.uint8]:
    rgba = np.full((4, 6, 4), (200, 100, 50, 0), np.uint8)
    rgba[1:3, 1:5, 3] = 255
    rgba[1, 1] = (10, 20, 30, 128)
    return rgba


def store(folder: Path, rgba: NDArray[np.uint8], **changes: str) -> Path:
    (folder / "cup_00.webp").write_bytes(encode_webp(rgba))
    row = dict(
        zip(
            COLUMNS,
            ("cup_00.webp", "cup", "solid", "true", "0", "6", "4", "32", "?"),
            strict=True,
        )
    )
    row["sha256"] = pixel_sha256(rgba)
    with (folder / "pathtraced.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerow(row | changes)
    return folder


def test_pictures_keep_their_hidden_colours(tmp_path: Path) -> None:
    folder = store(tmp_path, tiny())
    (picture,) = list_pathtraced(folder=folder)
    expected = PathTraced("cup_00.webp", "cup", "solid", True, 0, 6, 4, 32, pixel_sha256(tiny()))
    assert picture == expected
    assert np.array_equal(read_pathtraced(picture, folder=folder), tiny())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, "its pixels have SHA-256"),
        ({"width": "7"}, r"is 6×4; pathtraced\.csv has 7×4"),
    ],
)
def test_a_picture_that_is_not_the_tables_is_refused(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    folder = store(tmp_path, tiny(), **changes)
    with pytest.raises(ValueError, match=message):
        read_pathtraced(list_pathtraced(folder=folder)[0], folder=folder)


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_file_that_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = store(tmp_path, tiny())
    (folder / "cup_00.webp").write_bytes(content)
    with pytest.raises(ValueError, match=r"cup_00\.webp: expected a WebP picture with alpha"):
        read_pathtraced(list_pathtraced(folder=folder)[0], folder=folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opaque_part": "perhaps"}, "line 2: a value is missing or wrong"),
        ({"width": "wide"}, "line 2: a value is missing or wrong"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    folder = store(tmp_path, tiny(), **changes)
    with pytest.raises(ValueError, match=message):
        list_pathtraced(folder=folder)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pathtraced.csv").write_text("name,class\n")
    with pytest.raises(ValueError, match="its columns are name, class; expected name, class, gr"):
        list_pathtraced(folder=tmp_path)


def test_table_names_every_file_once() -> None:
    names = [picture.name for picture in PICTURES]
    assert len(set(names)) == len(names)
    assert set(names) == {path.name for path in FOLDER.glob("*.webp")}


def test_table_follows_the_gallery() -> None:
    for picture in PICTURES:
        scene = SCENES[picture.subject]
        assert picture.group == scene.group
        assert picture.scene_seed in scene.seeds


def test_groups_are_the_catalogues() -> None:
    assert {picture.group for picture in PICTURES} <= set(GROUPS)


def test_set_is_as_large_as_promised() -> None:
    assert len(PICTURES) >= 60
    assert len({picture.subject for picture in PICTURES}) >= 14
    assert sum(path.stat().st_size for path in FOLDER.glob("*.webp")) <= LARGEST


def test_no_scene_is_there_twice() -> None:
    scenes = [(picture.subject, picture.scene_seed) for picture in PICTURES]
    assert len(set(scenes)) == len(scenes)


@pytest.mark.slow
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_whole_and_clean(picture: PathTraced) -> None:
    rgba = read_pathtraced(picture)
    alpha = rgba[..., 3]
    assert max(picture.width, picture.height) >= 640
    assert picture.opaque_part == bool(np.mean(alpha == 255) >= 0.005)
    assert np.mean(alpha == 0) > 0.05
    # Sampled finely enough: soft pixels take most of the 254 levels.
    assert len(np.unique(alpha)) > 150
    # No dark fringe: along outlines colours are about as bright as just inside them.
    grey = rgba[..., :3].mean(axis=2)
    faint = (alpha > 0) & (alpha < 40)
    near = cv2.dilate(faint.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    inside = near & (alpha > 128)
    if inside.any():
        assert np.median(grey[faint]) > 0.6 * np.median(grey[inside]) - 8
