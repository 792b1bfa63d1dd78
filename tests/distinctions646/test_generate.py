"""The command that generates training sources."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from distinctions646.generate import main
from distinctions646.images.reading import read_foreground_with_alpha
from distinctions646.mini import CLASSES, UNSEEN_CLASSES, pictures
from distinctions646.mini.pathtraced import list_pathtraced
from distinctions646.mini.pictures import TEST_ONLY
from distinctions646.mini.plans import held_out

SMALL = ("--size", "32", "--foregrounds", "3", "--backgrounds", "1")


def test_counts(tmp_path: Path) -> None:
    out = tmp_path / "sources"
    counts = [f"{name}=0" for name in CLASSES if name not in {*UNSEEN_CLASSES, "solid", "fur"}]
    assert (
        main(
            [
                "--out",
                str(out),
                "--size",
                "40",
                "--per-class",
                "1",
                "--backgrounds",
                "1",
                "--count",
                *counts,
                "solid=2",
            ]
        )
        == 0
    )
    names = sorted(path.name for path in (out / "foregrounds").iterdir())
    assert names == ["fur_00.png", "solid_00.png", "solid_01.png"]
    colour, alpha_u8 = read_foreground_with_alpha(out / "foregrounds" / "solid_00.png")
    assert max(alpha_u8.shape) == 40
    assert alpha_u8.max() == 255
    assert colour[alpha_u8 == 255].std() > 0


def test_a_number_of_foregrounds(tmp_path: Path) -> None:
    out = tmp_path / "sources"
    assert main(["--out", str(out), *SMALL]) == 0
    names = sorted(path.name for path in (out / "foregrounds").iterdir())
    assert names == ["creature_00.png", "figure_00.png", "portrait_00.png"]


def test_path_traced_foregrounds_of_training_alone(tmp_path: Path) -> None:
    plain, out = tmp_path / "plain", tmp_path / "sources"
    assert main(["--out", str(plain), *SMALL]) == 0
    assert main(["--out", str(out), *SMALL, "--path-traced", "2"]) == 0
    with (out / "foregrounds.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    traced = [row for row in rows if row["source"] == "path-traced"]
    free = {one.name for one in list_pathtraced() if one.subject not in TEST_ONLY} - held_out()
    stems = [Path(name).stem.rpartition("_") for name in sorted(free)]
    expected = {f"{subject}_p{number}_{k}.png" for subject, _, number in stems for k in (0, 1)}
    assert len(expected) == 2 * len(free) > 2
    assert {row["name"] for row in traced} == expected
    assert {row["unseen"] for row in traced} == {"false"}
    assert {path.name for path in (out / "foregrounds").iterdir()} == {row["name"] for row in rows}
    first, second = (out / "foregrounds" / f"animal_p00_{k}.png" for k in (0, 1))
    assert first.read_bytes() == second.read_bytes()
    assert max(read_foreground_with_alpha(first)[1].shape) == 32
    table = (out / "foregrounds.csv").read_text()
    assert table.startswith((plain / "foregrounds.csv").read_text())
    for path in plain.glob("*/*.png"):
        assert path.read_bytes() == (out / path.relative_to(plain)).read_bytes()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--count", "unicorn=3"], "train has no class 'unicorn'"),
        (["--count", "feather=3"], "train has no class 'feather'"),
        (["--size", "8"], "size is 8; expected 32 or more"),
        (["--path-traced", "-1"], "--path-traced is -1; expected 0 or more"),
        (
            ["--path-traced", "2", "--split", "test"],
            "--path-traced 2 is for training alone, and --split is test; expected --split train",
        ),
        (["--path-traced", "2", "--split", "validation"], "--split is validation"),
    ],
)
def test_errors(
    option: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "sources"), *option]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "sources").exists()


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_stopped_command_goes_on_and_makes_no_picture_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "whole"), *SMALL]) == 0
    made: list[str] = []

    def stop_at_the_third(picture: pictures.Picture) -> np.ndarray:
        if len(made) == 2:
            raise KeyboardInterrupt
        made.append(picture.name)
        return render(picture)

    render = pictures.render_picture
    monkeypatch.setattr(pictures, "render_picture", stop_at_the_third)
    assert main(["--out", str(tmp_path / "out"), *SMALL]) == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.partial", "whole"]
    monkeypatch.setattr(
        pictures, "render_picture", lambda picture: (made.append(picture.name), render(picture))[1]
    )
    assert main(["--out", str(tmp_path / "out"), *SMALL]) == 0
    assert sorted(made) == sorted(set(made))
    assert len(made) == 4
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "whole"]
    assert main(["--out", str(tmp_path / "out"), *SMALL]) == 0
    assert "out: generated before" in capsys.readouterr().out
    assert main(["--out", str(tmp_path / "out"), *SMALL, "--seed", "1"]) == 2
    assert "holds something; expected an empty" in capsys.readouterr().err
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_other_settings_do_not_take_up_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(picture: pictures.Picture) -> np.ndarray:
        raise KeyboardInterrupt

    monkeypatch.setattr(pictures, "render_picture", stop)
    assert main(["--out", str(tmp_path / "out"), *SMALL, "--seed", "1"]) == 130
    monkeypatch.undo()
    assert main(["--out", str(tmp_path / "out"), *SMALL]) == 0
    assert main(["--out", str(tmp_path / "whole"), *SMALL]) == 0
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("left", [(), ("lock",), ("lock", "tag"), ("tag", "final")])
def test_what_a_kill_left_at_the_ends_is_no_obstacle(tmp_path: Path, left: tuple[str, ...]) -> None:
    partial = tmp_path / ".out.partial"
    partial.mkdir()
    for name in left:
        (partial / name).mkdir() if name == "final" else (partial / name).touch()
    assert main(["--out", str(tmp_path / "out"), *SMALL[:3], "1", "--backgrounds", "0"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["--out", str(tmp_path)]) == 2
    assert "holds something" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
