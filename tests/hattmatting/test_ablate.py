"""The ablation: its rows are the paper's, its table is right, finished runs are skipped."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from distinctions646.images.png import write_png
from hattmatting import recipes
from hattmatting.ablate import (
    AblateConfig,
    ablate,
    interval,
    main,
    paper_numbers,
    parse_args,
    write_table,
)
from hattmatting.model import config as model_config
from hattmatting.model.ablations import ROWS
from hattmatting.model.config import HAttConfig

SMALL = HAttConfig(
    backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
)


@pytest.fixture
def config(sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AblateConfig:
    monkeypatch.setitem(model_config.PRESETS, "small", SMALL)
    small = dataclasses.replace(recipes.PRESETS["tiny"], model="small")
    monkeypatch.setitem(recipes.PRESETS, "tiny", small)
    folder = tmp_path / "pictures"
    for kind in ("image", "alpha"):
        (folder / "test" / kind).mkdir(parents=True)
        pixels = np.random.RandomState(1).randint(0, 256, (32, 40, 3)).astype(np.uint8)
        write_png(folder / "test" / kind / "a.png", pixels if kind == "image" else pixels[..., 0])
    return AblateConfig(
        sources=sources,
        dataset=folder,
        split="test",
        limit=None,
        out=tmp_path / "out",
        rows=("hatt-basic", "hatt"),
        seeds=2,
        preset="tiny",
        budget=2,
        mse_until=0.5,
        crop=32,
        batch=2,
        device="cpu",
        workers=0,
    )


def test_rows_are_those_of_the_paper() -> None:
    """§4.3: the parts of each network, and L_SSIM in the second and the last row only."""
    parts = {row.label: row.label.split(" + ")[1:] for row in ROWS.values()}
    for row in ROWS.values():
        named = parts[row.label] if row.label != "HAttMatting" else ["Low", "CA", "SA", "SSIM"]
        found = (row.low_level, row.channel_attention, row.spatial_attention, row.ssim)
        assert found == tuple(part in named for part in ("Low", "CA", "SA", "SSIM"))
    assert len(ROWS) == 8


def test_every_row_has_the_adversary_and_the_same_length(config: AblateConfig) -> None:
    for row in ROWS:
        recipe = config.recipe(row, seed=1)
        first, second = (recipe.loss_weights(done, epoch=0) for done in (0.0, 0.5))
        assert (first["mse"], first["adversarial"], first["ssim"]) == (1.0, 0.0, 0.0)
        assert (second["mse"], second["adversarial"]) == (1.0, 0.05)
        assert second["ssim"] == (0.1 if ROWS[row].ssim else 0.0)
        assert (recipe.steps, recipe.seed, recipe.losses) == (2, 1, "paper")


def test_runs_and_skips_what_is_done(config: AblateConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ablate(config).read_text()
    assert "| Basic | " in table
    assert "126.31" in table
    assert "(root " in table
    lines = (config.out / "ablation.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["hatt-basic", "0"],
        ["hatt-basic", "1"],
        ["hatt", "0"],
        ["hatt", "1"],
    ]
    assert not list(config.out.glob("*/*/checkpoint.pt"))

    def fail(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("hattmatting.training.loop.train", fail)
    assert ablate(config).read_text() == table
    with pytest.raises(ValueError, match=r"scores\.json: was made with other options"):
        ablate(dataclasses.replace(config, budget=3))


def test_table_by_hand(tmp_path: Path) -> None:
    """Three seeds with SAD 1, 2, 3: mean 2, half-width 4.3027·1/√3 = 2.48."""
    found = {
        "hatt-basic": [{"sad": 4.0 + s, "mse": 0.2, "grad": 1.0, "conn": 1.0} for s in range(3)],
        "hatt": [{"sad": 1.0 + s, "mse": 0.1, "grad": 1.0, "conn": 1.0} for s in range(3)],
    }
    text = write_table(tmp_path, found, "heading").read_text()
    assert "| HAttMatting | 2.00 ± 2.48 | 0.1000 ± 0.0000 |" in text
    assert (
        "| Basic | 5.00 ± 2.48 | 0.2000 ± 0.0000 | 1.00 ± 0.00 | 1.00 ± 0.00 | +3.00 ± 0.00 |"
        " 126.31 | 129.94 |"
    ) in text
    assert "Order by SAD, here: HAttMatting < Basic." in text
    assert "tau 1.00" in text


def test_one_seed_has_no_interval() -> None:
    mean, half = interval([3.0])
    assert mean == 3.0
    assert math.isnan(half)


def test_papers_numbers_are_complete() -> None:
    for numbers in paper_numbers().values():
        assert set(numbers) == set(ROWS)
    assert paper_numbers()["Composition-1k"]["hatt"]["sad"] == 44.01


def test_wrong_row_exits_2(
    config: AblateConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--sources", str(config.sources), "--dataset", str(config.dataset)]
    arguments += ["--out", str(tmp_path / "x"), "--rows", "hatt-better"]
    assert parse_args(arguments).rows == ("hatt-better",)
    assert main(arguments) == 2
    assert "no ablation 'hatt-better'" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "least"), [("crop", 32), ("batch", 1)])
def test_zero_is_not_the_presets(config: AblateConfig, name: str, least: int) -> None:
    with pytest.raises(ValueError, match=f"{name} is 0; expected {least} or more"):
        dataclasses.replace(config, **{name: 0}).recipe("hatt", 0)  # type: ignore[arg-type]
