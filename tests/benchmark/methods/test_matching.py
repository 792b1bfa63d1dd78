"""Others' mattes are found by the dataset's name or one convention, or the names are shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.methods.folder import describe_folder
from benchmark.methods.matching import match_mattes
from distinctions646.forms.samples import Sample
from distinctions646.images.png import write_png


def samples(naming: str = "adobe") -> list[Sample]:
    """Two foregrounds over two backgrounds each."""
    found = []
    for index in range(4):
        foreground = ("dog_1.png", "cat.png")[index // 2]
        name = {"adobe": f"{foreground[:-4]}_{index % 2}", "d646": f"{foreground[:3]}_{index}"}
        contents = {"image": (Path("none.png"), None)}
        found.append(
            Sample(name[naming], foreground, f"bg{index}.jpg", name[naming], None, contents)
        )
    return found


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_png(folder / name, np.zeros((2, 2), np.uint8))
    return folder


KEYS = ("dog_1_0", "dog_1_1", "cat_0", "cat_1")


@pytest.mark.parametrize(
    "pattern",
    ["{0}.png", "{0}_alpha.png", "pred-{0}.png", "{0}/alpha.png", "results/mattes/{0}.png"],
)
def test_one_text_around_the_names(tmp_path: Path, pattern: str) -> None:
    names = [pattern.format(key) for key in KEYS]
    fill(tmp_path, *names)
    found = match_mattes(tmp_path, samples())
    assert [path.relative_to(tmp_path).as_posix() for path in found] == names


@pytest.mark.parametrize(
    ("naming", "names"),
    [
        ("d646", [f"{key}.png" for key in KEYS]),  # Adobe's names, of a set with official ones
        ("adobe", ["dog_0.png", "dog_1.png", "cat.png_2.png", "cat.png_3.png"]),
        ("adobe", ["dog_1/0.png", "dog_1/1.png", "cat/0.png", "cat/1.png"]),
        ("d646", ["dog_1/bg0.png", "dog_1/bg1.png", "cat/bg2.png", "cat/bg3.png"]),
        ("adobe", [f"{key[:-2]}/{key}_matte.png" for key in KEYS]),
    ],
    ids=["adobe", "official", "by number", "by background", "by name"],
)
def test_other_conventions(tmp_path: Path, naming: str, names: list[str]) -> None:
    fill(tmp_path, *names)
    found = match_mattes(tmp_path, samples(naming))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == names


def test_the_datasets_own_names_go_first(tmp_path: Path) -> None:
    fill(tmp_path, *[f"{key}{more}.png" for key in KEYS for more in ("", "_alpha", "_fg")])
    assert [path.stem for path in match_mattes(tmp_path, samples())] == list(KEYS)


def test_two_ways_are_one_too_many(tmp_path: Path) -> None:
    fill(tmp_path, *[f"{key}{more}.png" for key in KEYS for more in ("_alpha", "_fg")])
    message = r"2 ways, <name>_alpha \(dog_1_0_alpha\.png\) or <name>_fg \(dog_1_0_fg\.png\)"
    with pytest.raises(ValueError, match=message):
        match_mattes(tmp_path, samples())


def test_what_is_missing_is_named_with_examples(tmp_path: Path) -> None:
    fill(tmp_path, "dog_1_0.png", "dog_1_1.png", "cat-zero.png", "cat-one.png")
    message = "no matte for 2 of 4 images; it has no 'cat_0', 'cat_1', but 'cat-one', 'cat-zero'"
    with pytest.raises(ValueError, match=message):
        match_mattes(tmp_path, samples())
    with pytest.raises(ValueError, match="no such folder; expected a folder of mattes"):
        match_mattes(tmp_path / "none", samples())
    fill(tmp_path, "cat_0.bmp.png")
    write_png(tmp_path / "x.png", np.zeros((2, 2), np.uint8))
    (tmp_path / "x.jpg").write_bytes((tmp_path / "x.png").read_bytes())
    with pytest.raises(ValueError, match=r"x\.jpg and x\.png share the name x"):
        match_mattes(tmp_path, samples())


def test_what_the_user_says_is_on_the_card(tmp_path: Path) -> None:
    folder = fill(tmp_path / "theirs", *[f"{key}.png" for key in KEYS])
    stated = {"title": "FBA", "reference": "Forte and Pitié 2020", "uses_trimap": True}
    fba, paths = describe_folder(f"folder:{folder}", samples(), **stated)
    assert (fba.kind, fba.name, fba.uses_trimap) == ("scored", "folder:theirs", True)
    assert fba.card["title"] == "FBA"
    assert fba.card["paper"] == "Forte and Pitié 2020"
    silent, _ = describe_folder(f"folder:{folder}", samples())
    assert silent.uses_trimap is None
    assert silent.method_hash != fba.method_hash
    write_png(paths[3], np.ones((2, 2), np.uint8))
    changed, _ = describe_folder(f"folder:{folder}", samples(), **stated)
    assert changed.method_hash != fba.method_hash
