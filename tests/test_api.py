"""The public names of the packages: quick to import, functions in whatever order modules load."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import baselines
import benchmark
import distinctions646
import hattmatting

ROOT = Path(__file__).parents[1]
PACKAGES = (distinctions646, benchmark, hattmatting, baselines)
LATE = (
    "benchmark.run",
    "benchmark.leaderboard",
    "distinctions646.build",
    "distinctions646.audit",
    "hattmatting.train",
)
SNIPPET = """
import importlib, sys
package, name = sys.argv[1].split(".")
if sys.argv[2] == "first":
    importlib.import_module(sys.argv[1])
function = getattr(importlib.import_module(package), name)
module = importlib.import_module(sys.argv[1])
again = getattr(importlib.import_module(package), name)
print(type(function).__name__, function is again, callable(module.main))
"""


@pytest.mark.parametrize("order", ["first", "last"])
@pytest.mark.parametrize("name", LATE)
def test_a_function_is_not_replaced_by_the_module_of_its_name(name, order):
    command = [sys.executable, "-c", SNIPPET, name, order]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["function", "True", "True"]


@pytest.mark.parametrize("package", [distinctions646, benchmark, hattmatting])
def test_every_public_name_exists_and_has_a_docstring(package):
    assert package.__all__ == sorted(package.__all__)
    for name in package.__all__:
        value = getattr(package, name)
        assert not isinstance(value, type(sys)), name
        assert value.__doc__, name


def test_the_packages_have_one_version_and_ship_their_types():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for package in PACKAGES:
        assert (Path(package.__file__).parent / "py.typed").is_file()
    assert {package.__version__ for package in PACKAGES[:3]} == {stated}


def test_importing_the_packages_loads_nothing_slow():
    code = (
        "import sys, distinctions646, benchmark, hattmatting\n"
        "from distinctions646 import process\n"
        "slow = {'torch', 'numba', 'pandas', 'datasets', 'cv2', 'matplotlib', 'pyarrow'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def write_discs(folder: Path) -> Path:
    """Write two noisy pictures of a disc with alphas and trimaps, as a plain folder."""
    from distinctions646.images.png import write_png

    y, x = np.mgrid[:24, :30]
    for name, radius in (("a", 8), ("b", 6)):
        alpha = np.clip(radius - np.hypot(y - 12, x - 15), 0, 1)
        alpha_u8 = np.floor(255 * alpha + 0.5).astype(np.uint8)
        noise = np.random.RandomState(radius).randint(0, 256, (24, 30, 3))
        image = (200 * alpha[..., None] + noise * (1 - alpha[..., None])).astype(np.uint8)
        trimap = np.where(alpha_u8 % 255 == 0, alpha_u8, 128).astype(np.uint8)
        for kind, picture in (("image", image), ("alpha", alpha_u8), ("trimap", trimap)):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            write_png(folder / kind / f"{name}.png", picture)
    return folder


def test_methods_run_and_rank_in_three_lines(tmp_path):
    from benchmark import leaderboard, run

    discs = write_discs(tmp_path / "discs")
    board = run(["distance", "constant"], dataset=discs, out=tmp_path / "runs")
    assert {row.method for row in board.rows} == {"distance", "constant"}
    assert board.row("distance").cells["sad/whole/v1"].value > 0
    assert repr(board).endswith(": 2 rows, 2 images")
    assert "<table>" in board._repr_html_()
    assert "distance" in board._repr_html_()
    boards = leaderboard(tmp_path / "runs", out=tmp_path / "page", formats=["latex", "page"])
    assert boards[0].key == board.key
    assert boards._repr_html_().count("<h4>") == 1
    assert (tmp_path / "page" / "index.html").is_file()


def test_mattes_are_scored_in_two_lines(tmp_path):
    from benchmark import score_folder, score_mattes

    discs = write_discs(tmp_path / "discs")
    table = score_folder(discs / "trimap", discs / "alpha", discs / "trimap", region="unknown")
    assert repr(table).startswith("ScoreTable of ")
    assert len(repr(table)) < 120
    assert table.means()["sad"] > 0
    assert "sad/unknown/v1" in table._repr_html_()
    board = score_mattes(discs / "alpha", discs, out=tmp_path / "scores", title="Truth")
    (row,) = board.rows
    assert (row.title, row.kind, row.cells["sad/whole/v1"].value) == ("Truth", "scored", 0.0)


def test_a_dataset_is_built_and_loaded_in_two_lines(tmp_path, sources):
    from distinctions646 import build, open_split

    built = build(
        "custom",
        foregrounds=sources / "foregrounds",
        backgrounds=sources / "backgrounds",
        foreground_list=write_list(tmp_path, "disc_0.png", "disc_1.png"),
        per_foreground=1,
        write=["folder"],
        out=tmp_path / "out",
    )
    assert built.folder == tmp_path / "out"
    assert repr(built).startswith("Built ")
    assert len(repr(built)) < len(str(built.folder)) + 60
    assert "<code>" in built._repr_html_()
    split = open_split(built.folder)
    assert [sample.trimap_rule for sample in split.samples] == ["dilate-25/v1"] * 2


def write_list(folder: Path, *names: str) -> str:
    path = folder / "names.txt"
    path.write_text("\n".join(names))
    return str(path)


@pytest.mark.parametrize(
    ("dataset", "options", "message"),
    [
        ("compositon1k", {}, "did you mean composition1k"),
        ("custom", {"foreground": "fg"}, "no option 'foreground'; did you mean foregrounds"),
        ("composition1k", {"out": "out"}, "--dataset composition1k needs --source"),
        ("mini", {"voc": "voc"}, "--voc needs an official --dataset"),
    ],
)
def test_wrong_options_of_a_build_are_one_clear_error(dataset, options, message):
    with pytest.raises(ValueError, match=message):
        importlib.import_module("distinctions646.build.building").build(dataset, **options)


def test_a_matte_shows_itself_beside_its_picture(tmp_path):
    from hattmatting import matte

    discs = write_discs(tmp_path / "discs")
    made = matte(discs / "image" / "a.png", method="distance", trimap=discs / "trimap" / "a.png")
    assert made._repr_html_().count("<img") == 3
    assert made.cutout().shape == (24, 30, 4)
    assert made.over("white").shape == (24, 30, 3)
    made.save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="HAttMatting takes none"):
        matte(discs / "image" / "a.png", trimap=discs / "trimap" / "a.png")
