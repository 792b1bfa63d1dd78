"""The pictures of a checkpoint's card: chosen by rank, credited, the same bytes each time."""

from __future__ import annotations

import hashlib
import importlib
import io
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from benchmark.figures.grid import GridRow, Tile
from distinctions646.images.png import write_png
from distinctions646.loading.opening import Sample
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.model.pretrained import CHECKPOINTS

ROOT = Path(__file__).parents[2]
SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
SHEETS = ("attention.webp", "photographs.webp", "ranks.webp")


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("perf.checkpoint.pictures")


@pytest.fixture
def options(
    pictures: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: Path
) -> list[str]:
    """A small network, four images of mini, one photograph that ships and two that do not."""
    HAttMatting(SMALL).save_pretrained(tmp_path / "small")
    card = f"before\n{pictures.BEGIN}\nstale\n{pictures.END}\nafter\n"
    (tmp_path / "small" / "README.md").write_text(card)
    rng = np.random.RandomState(3)
    rows = ["name,source"]
    for number in range(4):
        rows.append(f"object_{number},{('procedural', 'path-traced')[number % 2]}")
        for kind, shape in (("image", (40, 48, 3)), ("alpha", (40, 48))):
            (tmp_path / "mini" / kind).mkdir(parents=True, exist_ok=True)
            noise = rng.randint(0, 256, shape).astype(np.uint8)
            write_png(tmp_path / "mini" / kind / f"object_{number}.png", noise)
    (tmp_path / "mini" / "foregrounds.csv").write_text("\n".join(rows))
    given = []
    for photograph in pictures.GIVEN:
        content = (sources / "backgrounds" / f"noise_{len(given)}.png").read_bytes()
        (tmp_path / photograph.name).write_bytes(content)
        given.append(replace(photograph, sha256=hashlib.sha256(content).hexdigest()))
    monkeypatch.setattr(pictures, "GIVEN", tuple(given))
    monkeypatch.setattr(pictures, "OWN", ("bee.webp",))
    folders = {"weights": "small", "mini": "mini", "photographs": "."}
    return [word for name, one in folders.items() for word in (f"--{name}", str(tmp_path / one))]


def test_the_command(pictures: ModuleType, options: list[str], tmp_path: Path) -> None:
    assert pictures.main(options) == 0
    files = {name: (tmp_path / "small" / name).read_bytes() for name in SHEETS}
    for content in files.values():
        with Image.open(io.BytesIO(content)) as sheet:
            sheet.load()
            assert sheet.format == "WEBP"
    card = (tmp_path / "small" / "README.md").read_text()
    assert card.startswith(f"before\n{pictures.BEGIN}\n")
    assert card.endswith(f"{pictures.END}\nafter\n")
    assert "stale" not in card
    weights = (tmp_path / "small" / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest()[:16] in card
    assert all(f"({name})" in card for name in SHEETS)
    assert pictures.main([*options, "--out", str(tmp_path / "again")]) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == files


def test_a_card_edited_while_drawing_keeps_the_edit(
    pictures: ModuleType, options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "small" / "README.md"

    def edit(_: object) -> dict[str, bytes]:
        card.write_text(card.read_text().replace("after", "edited"))
        return {}

    monkeypatch.setattr(pictures, "make_sheets", edit)
    assert pictures.main(options) == 0
    assert "edited" in card.read_text()
    assert "stale" not in card.read_text()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("astronaut.png", "its SHA-256 is"),
        ("small/README.md", "expected the markers"),
        ("mini/foregrounds.csv", "has no row of object_0"),
    ],
)
def test_bad_input_writes_nothing(
    pictures: ModuleType,
    options: list[str],
    tmp_path: Path,
    spoil: str,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / spoil).write_text("name,source\n")
    assert pictures.main(options) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert str(tmp_path / spoil) in error
    assert not list((tmp_path / "small").glob("*.webp"))


def scored(pictures: ModuleType, errors: list[float], path_traced: set[int]) -> list[object]:
    def one(number: int, mse: float) -> object:
        sample = Sample(f"{number:02}", "", "", f"{number:02}", None, {})
        return pictures.Scored(sample, number in path_traced, {}, {"first": {"mse": mse}})

    return sorted((one(*pair) for pair in enumerate(errors)), key=lambda each: each.order)


def test_ranks_decide_what_is_shown(pictures: ModuleType) -> None:
    errors = [0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.8]
    ranking = scored(pictures, errors, {0, 2, 3})
    assert [one.sample.name for one in ranking] == ["01", "05", "03", "02", "04", "06", "00"]
    assert pictures.choose(ranking) == {
        0: ["best of all"],
        2: ["best of the 3 path-traced"],
        3: ["median of all", "median of the 3 path-traced"],
        5: ["second worst of all"],
        6: ["worst of all", "worst of the 3 path-traced"],
    }


def test_equal_errors_are_ranked_by_name(pictures: ModuleType) -> None:
    ranking = scored(pictures, [0.5, 0.5], set())
    assert [one.sample.name for one in ranking[::-1]] == ["01", "00"]
    assert pictures.choose(ranking) == {0: ["best of all"], 1: ["worst of all"]}


@pytest.fixture
def layout(pictures: ModuleType) -> ModuleType:
    return importlib.import_module("perf.checkpoint.layout")


def test_every_tile_is_below_its_title(layout: ModuleType) -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    tiles = [Tile(np.full((30, 60, 3), colour, np.uint8), "words") for colour in colours]
    rows = [GridRow("first", tiles[:2]), GridRow("second", tiles[2:])]
    sheet = np.asarray(layout.lay_out(["left", "right"], rows, "foot"))
    found = {}
    for colour in colours:
        y, x = np.nonzero((sheet == colour).all(axis=2))
        found[colour] = (y.min(), y.max(), x.min(), x.max())
    first, second, third, last = found.values()
    assert first[:2] == second[:2]
    assert third[:2] == last[:2]
    assert first[2:] == third[2:]
    assert second[2:] == last[2:]
    assert first[1] + 2 * layout.LINE < third[0]
    assert first[3] < second[2]
    assert first[3] - first[2] + 1 == layout.TILE - 2  # a frame of one pixel lies over it


def test_the_shipped_pictures_are_of_the_shipped_weights(pictures: ModuleType) -> None:
    folder = CHECKPOINTS / "hatt-mini"
    card = (folder / "README.md").read_bytes()
    assert pictures.with_pictures(folder / "README.md", folder) == card, (
        "run perf/checkpoint/pictures.py as the card says"
    )
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:16]
    assert f"What one sees (weights {digest})" in card.decode(), "look again at the new pictures"
    for name in SHEETS:
        with Image.open(folder / name) as sheet:
            sheet.load()
            assert (folder / name).stat().st_size < 400_000
