"""The commands behind a checkpoint's card: rows of the ablation, the sheet, tables of scores."""

from __future__ import annotations

import importlib
import itertools
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from distinctions646.images.png import write_png
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting

ROOT = Path(__file__).parents[2]
SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


@pytest.fixture
def ablation(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("perf.checkpoint.ablation")


@pytest.fixture
def inputs(ablation: ModuleType, tmp_path: Path) -> object:
    """Two pictures of each kind."""
    for number, folder in enumerate(("gen/foregrounds", "gen/backgrounds", "photos", "objects")):
        (tmp_path / folder).mkdir(parents=True)
        for one in range(2):
            rgba = np.full((8, 8, 4), 10 * number + one, np.uint8)
            Image.fromarray(rgba).save(tmp_path / folder / f"{one}.png")
    return ablation.Inputs(
        generated=tmp_path / "gen",
        photographs=tmp_path / "photos",
        objects=tmp_path / "objects",
        backbone_weights="encoder.pth",
        validation=tmp_path / "objects",
        validation_backgrounds=tmp_path / "photos",
        out=tmp_path / "out",
        document=None,
        steps=100,
        rows=("base", "mse"),
        seeds=2,
    )


def test_every_row_changes_one_thing_of_the_first(ablation: ModuleType, inputs: object) -> None:
    first = ablation.recipe_of(ablation.ROWS["base"], 1, inputs).settings()
    assert first["seed"] == 1
    for name, row in ablation.ROWS.items():
        recipe = ablation.recipe_of(row, 1, inputs).settings()
        changed = {key for key in recipe if recipe[key] != first[key]} - {"steps", "warmup"}
        assert changed == set(row.settings), name
        more = (row.photographs, row.objects) != (True, True)
        assert name == "base" or more != bool(row.settings), name


def test_a_row_has_its_own_sources(ablation: ModuleType, inputs: object) -> None:
    row = ablation.ROWS["base"]
    folder = ablation.link_sources(row, inputs)
    assert len(list((folder / "foregrounds").iterdir())) == 4
    assert len(list((folder / "backgrounds").iterdir())) == 4
    assert ablation.link_sources(row, inputs) == folder
    fewer = ablation.link_sources(ablation.ROWS["generated-objects"], inputs)
    assert len(list((fewer / "foregrounds").iterdir())) == 2
    assert len(list((fewer / "backgrounds").iterdir())) == 4


def test_finished_rows_are_read_again(
    ablation: ModuleType, inputs: object, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in itertools.product(inputs.rows, (0, 1)):  # type: ignore[attr-defined]
        scores = {"sad": 9.5 - seed, "mse": 0.0625, "samples": 1600.0, "seconds": 88.4}
        recipe = ablation.recipe_of(ablation.ROWS[name], seed, inputs).settings()
        path = inputs.out / name / f"seed-{seed}" / "scores.json"  # type: ignore[attr-defined]
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"recipe": recipe, "scores": scores}))
    document = inputs.out / "doc.md"  # type: ignore[attr-defined]
    document.write_text("<!-- lite-ablation: start -->\n<!-- lite-ablation: end -->\n")
    ablation.ablate(replace(inputs, document=document))  # type: ignore[type-var]
    table = capsys.readouterr().out
    assert "| losses | MSE alone | 1,600 | 88 | 9.00 (8.50–9.50) | 0.062 (0.062–0.062) |" in table
    assert "means over 2 seeds" in table
    assert table in document.read_text()
    with pytest.raises(ValueError, match=r"base/seed-0/scores\.json: was made with other settings"):
        ablation.ablate(replace(inputs, steps=7))  # type: ignore[type-var]
    with pytest.raises(ValueError, match="--seeds is 0; expected 1 or more"):
        ablation.ablate(replace(inputs, seeds=0))  # type: ignore[type-var]
    with pytest.raises(ValueError, match="row is 'none'; expected one of base"):
        ablation.ablate(replace(inputs, rows=("none",)))  # type: ignore[type-var]


def test_the_sheet_shows_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT)
    sheet = importlib.import_module("perf.checkpoint.sheet")
    HAttMatting(SMALL).save_pretrained(tmp_path / "small")
    write_png(tmp_path / "photo.png", np.full((40, 48, 3), 90, np.uint8))
    out = tmp_path / "sheet.webp"
    options = ["--weights", str(tmp_path / "small"), "--out", str(out)]
    assert sheet.main([str(tmp_path / "photo.png"), *options]) == 0
    with Image.open(out) as drawn:
        assert drawn.format == "WEBP"
    assert sheet.main(options) == 2
    assert "no photographs; give files or folders, or --own" in capsys.readouterr().err


def test_times_are_told_as_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    times = importlib.import_module("perf.checkpoint.cutout_times")
    facts = {
        "processor": "P",
        "cores": 2,
        "load": 1.0,
        "python": "3.11",
        "packages": {"torch": "2"},
    }
    table = times.to_markdown({"cold: matte": 8.0, "warm: matte": 0.5}, facts)
    assert "| cold: matte | 8.00 | 16.00 |" in table
    assert table.endswith("P, 2 cores, load 1.0 (other work ran beside), Python 3.11, torch 2.\n")
    assert times.warm(len, "ab", 2) >= 0


def test_scores_have_a_column_a_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    scores = importlib.import_module("perf.checkpoint.scores")
    rows = {"method": ["isnet-imgly", "hatt"], "sad": [5.0, 20.04], "mse": [0.01, 0.0755]}
    table = scores.to_markdown(pd.DataFrame(rows).assign(set="real", images=34))
    assert table.splitlines()[0] == "| set | images | hatt | isnet-imgly |"
    assert table.splitlines()[2] == "| real | 34 | 20.0 / 0.075 | 5.0 / 0.010 |"
