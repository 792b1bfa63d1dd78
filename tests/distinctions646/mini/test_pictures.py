import numpy as np
import pytest

from distinctions646.mini.photographs import FOLDER, list_photographs, read_photograph
from distinctions646.mini.pictures import Picture, make_picture, reduce_rgba
from distinctions646.mini.sources import write_pictures


def test_reduction_weighs_colour_by_alpha() -> None:
    """Clear green beside opaque red, two to one: red alone, a third opaque."""
    pixels = np.zeros((6, 6, 4), np.uint8)
    pixels[:, 0::3] = (255, 0, 0, 255)
    pixels[:, 1::3] = pixels[:, 2::3] = (0, 255, 0, 0)
    assert reduce_rgba(pixels, 2).reshape(-1, 4).tolist() == [[255, 0, 0, 85]] * 4


def test_what_is_small_enough_stays() -> None:
    pixels = np.zeros((4, 6, 4), np.uint8)
    assert reduce_rgba(pixels, 6) is pixels


def test_photographs_are_free_small_and_split() -> None:
    photographs = list_photographs()
    assert {one.licence for one in photographs} == {"CC0-1.0", "public domain"}
    assert {path.name for path in FOLDER.glob("*.webp")} == {one.name for one in photographs}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000
    assert {one.split for one in photographs} == {"train", "validation", "test"}


@pytest.mark.parametrize("name", [one.name for one in list_photographs()])
def test_photographs_are_those_that_were_vendored(name: str) -> None:
    pixels = read_photograph(name)
    assert pixels.dtype == np.uint8
    assert max(pixels.shape[:2]) <= 640
    assert pixels.std() > 10


def test_unknown_photograph_is_refused() -> None:
    with pytest.raises(ValueError, match=r"name is 'moon\.webp'; expected a photograph: bridge"):
        read_photograph("moon.webp")


def test_opaque_part_is_half_a_percent(tmp_path) -> None:
    for kind in ("foregrounds", "backgrounds"):
        (tmp_path / kind).mkdir()
    pictures = [
        Picture("foreground", "solid.png", "solid", 64, seed=1),
        Picture("foreground", "glass.png", "glass", 64, seed=1_293_000_001),
        Picture("background", "room.png", "room", 40, seed=1),
    ]
    assert [make_picture(tmp_path, picture) for picture in pictures] == [True, False, True]
    write_pictures(tmp_path, pictures, resume=True)
    assert (tmp_path / "foregrounds.csv").read_text() == (
        "name,class,group,opaque_part,unseen,source\n"
        "solid.png,solid,solid,true,false,procedural\n"
        "glass.png,glass,glass,false,false,procedural\n"
    )
