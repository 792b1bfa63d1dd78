"""Official test sets as NAME:DIR: known by names and pixels, or refused."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build
from distinctions646.images.fingerprint import short_fingerprint
from distinctions646.loading.opening import load, open_split
from distinctions646.verify.proving import DifferentError, compare_split

FOREGROUNDS = ["B.c.png", "cat_x.png"]
VOC = [f"2007_{number:06d}.jpg" for number in range(8)]


@pytest.fixture
def built(trees, shrink, tmp_path):
    """Composition-1k's test set as two foregrounds over four backgrounds each, built."""
    for path in trees.pictures["alpha.png"]:
        alpha_u8 = np.asarray(Image.open(path)).copy()
        alpha_u8[2:4] = 255
        Image.fromarray(alpha_u8).save(path)
    shrink("composition1k", "test", FOREGROUNDS, VOC)
    trees.archive("composition1k", "test", FOREGROUNDS, VOC)
    trees.voc(VOC)
    out = tmp_path / "built"
    build(trees.config("composition1k", "test", out, write=("folder",)))
    return out


@pytest.fixture
def composed(built, tmp_path):
    """The same pictures alone, as the official program leaves them."""
    return shutil.copytree(built / "test", tmp_path / "composed")


def everywhere(folder, change):
    for kind in ("image", "alpha", "trimap"):
        change(folder / kind)


def root_of(folder):
    return open_split(f"composition1k:{folder}").root


def test_a_folder_of_pictures_has_the_root_of_a_build(built, composed):
    split = open_split(f"composition1k:{composed}")
    assert split.name == "composition1k"
    assert [sample.name for sample in split.samples][3:5] == ["B.c_3", "cat_x_0"]
    assert [sample.foreground for sample in split.samples][3:5] == ["B.c", "cat_x"]
    assert split.root == root_of(built)
    assert load(f"composition1k:{composed}")["foreground"][-1] == "cat_x"


def test_a_plain_folder_of_its_name_is_taken_for_it(composed, tmp_path):
    folder = composed.rename(tmp_path / "composition1k")
    assert open_split(folder).check is not None
    everywhere(folder, lambda kind: (kind / "B.c_2.png").unlink())
    with pytest.raises(ValueError, match=r"has no B\.c_2"):
        open_split(folder)


def test_half_a_set_is_refused_with_what_is_missing(composed):
    everywhere(composed, lambda kind: (kind / "cat_x_1.png").unlink())
    with pytest.raises(ValueError, match=r"has no cat_x_1, which .* has: it has 7 images, .* 8"):
        open_split(f"composition1k:{composed}")
    for k in (0, 2, 3):
        everywhere(composed, lambda kind, k=k: (kind / f"cat_x_{k}.png").unlink())
    with pytest.raises(ValueError, match=r"has 4 images of 1 foregrounds; .* has 8 of 2, named"):
        open_split(f"composition1k:{composed}")


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("cow_{k}", "foregrounds are not those of Composition-1k test: .*not the official names"),
        ("cat_x_1{k}", r"cat_x_1\d is none of Composition-1k test"),
        ("cat_x", "cat_x is no name of Composition-1k test; expected <foreground>_0 to"),
    ],
)
def test_other_names_are_refused(composed, new, message):
    for k in range(4):
        name = new.format(k=k) + ".png"
        everywhere(composed, lambda kind, k=k, n=name: (kind / f"cat_x_{k}.png").rename(kind / n))
    with pytest.raises(ValueError, match=message):
        open_split(f"composition1k:{composed}")


def exchange(folder, first, second):
    shutil.move(folder / first, folder / "kept")
    shutil.move(folder / second, folder / first)
    shutil.move(folder / "kept", folder / second)


def test_exchanged_files_are_refused(composed):
    exchange(composed / "image", "cat_x_1.png", "B.c_1.png")
    with pytest.raises(ValueError, match=r"B.c_1.png: its opaque pixels differ .* of B.c_0"):
        root_of(composed)
    everywhere(composed, lambda kind: exchange(kind, "cat_x_2.png", "B.c_2.png"))
    exchange(composed / "image", "cat_x_1.png", "B.c_1.png")
    with pytest.raises(ValueError, match=r"B.c_2.png: differs from the alpha of B.c_0"):
        root_of(composed)


def test_a_picture_that_comes_twice_is_refused(composed):
    shutil.copy(composed / "image" / "B.c_0.png", composed / "image" / "B.c_3.png")
    with pytest.raises(ValueError, match=r"B.c_3.png: is the same picture as B.c_0"):
        root_of(composed)


def test_a_damaged_picture_is_refused(composed):
    path = composed / "image" / "cat_x_2.png"
    pixels = np.asarray(Image.open(path)).copy()
    pixels[3, 4] ^= 1
    Image.fromarray(pixels).save(path)
    with pytest.raises(ValueError, match=r"cat_x_2.png: its opaque pixels differ"):
        root_of(composed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "cv2-cubic"}, "was built with preset cv2-cubic; Composition-1k test has adobe"),
        ({"lists": {"foreground": "49 names"}}, "built with other foregrounds than .*: 49 names"),
        ({"root": "0" * 64}, "recipe/test.parquet has the root .* build.json says 0000"),
    ],
)
def test_a_build_of_something_else_is_refused(built, change, message):
    manifest = json.loads((built / "build.json").read_text())
    manifest["splits"]["test"] |= change
    (built / "build.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match=message):
        open_split(f"composition1k:{built}")


def test_a_copy_is_compared_by_root_fingerprint_and_recipe(built, composed):
    split = open_split(f"composition1k:{composed}")
    recipe = built / "recipe" / "test.parquet"
    for other in (
        split.root,
        split.root[:12],
        short_fingerprint(split.root),
        str(built),
        str(recipe),
    ):
        compare_split(split, other)
        compare_split(open_split(built), other)
    with pytest.raises(DifferentError, match=r"has the fingerprint .* expected 000-000-000-000"):
        compare_split(split, "000-000-000-000")
    # Nothing in the pictures contradicts two exchanged backgrounds: another copy's hashes do.
    exchange(composed / "image", "B.c_1.png", "B.c_2.png")
    split = open_split(f"composition1k:{composed}")
    assert split.root != open_split(built).root
    with pytest.raises(DifferentError, match=r"B.c_1 has another image than .*test.parquet"):
        compare_split(split, str(recipe))


def test_distinctions_is_known_by_its_numbers(shrink, tmp_path):
    shrink("distinctions646", "test", ["test_0.png", "test_1.png"], VOC)
    random = np.random.default_rng(1)
    for kind in ("image", "alpha"):
        (tmp_path / kind).mkdir()
    for index in range(8):
        alpha_u8 = np.full((4, 5), 40 + index // 4, np.uint8)
        Image.fromarray(alpha_u8).save(tmp_path / "alpha" / f"test_{index}.png")
        pixels = random.integers(0, 256, (4, 5, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "image" / f"test_{index}.png")
    split = open_split(f"distinctions646:{tmp_path}")
    assert [sample.foreground for sample in split.samples] == ["test_0"] * 4 + ["test_1"] * 4
    assert len(split.root) == 64
    for kind in ("image", "alpha"):
        (tmp_path / kind / "test_6.png").rename(tmp_path / kind / "test_9.png")
    with pytest.raises(ValueError, match="of 3 foregrounds; Distinctions-646 test has 8 of 2"):
        open_split(f"distinctions646:{tmp_path}")
