"""The command that generates training sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from distinctions646.generate import main
from distinctions646.images import read_foreground_with_alpha
from distinctions646.mini import CLASSES, UNSEEN_CLASSES


def test_counts(tmp_path: Path) -> None:
    out = tmp_path / "sources"
    counts = [f"{name}=0" for name in CLASSES if name not in {*UNSEEN_CLASSES, "solid", "fur"}]
    assert main(["--out", str(out), "--size", "40", "--per-class", "1", "--backgrounds", "1",
                 "--count", *counts, "solid=2"]) == 0  # fmt: skip
    names = sorted(path.name for path in (out / "foregrounds").iterdir())
    assert names == ["fur_00.png", "solid_00.png", "solid_01.png"]
    colour, alpha_u8 = read_foreground_with_alpha(out / "foregrounds" / "solid_00.png")
    assert max(alpha_u8.shape) == 40
    assert alpha_u8.max() == 255
    assert colour[alpha_u8 == 255].std() > 0


def test_a_number_of_foregrounds(tmp_path: Path) -> None:
    out = tmp_path / "sources"
    arguments = ["--out", str(out), "--size", "32", "--foregrounds", "3", "--backgrounds", "1"]
    assert main(arguments) == 0
    names = sorted(path.name for path in (out / "foregrounds").iterdir())
    assert names == ["creature_00.png", "figure_00.png", "portrait_00.png"]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--count", "unicorn=3"], "train has no class 'unicorn'"),
        (["--count", "feather=3"], "train has no class 'feather'"),
        (["--size", "8"], "size is 8; expected 32 or more"),
    ],
)
def test_errors(
    option: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "sources"), *option]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "sources").exists()


def test_a_full_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["--out", str(tmp_path)]) == 2
    assert "holds something" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
