"""`benchmark.verify` names what is damaged in a folder of results, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.results import result_table
from benchmark.results.journal import Journal
from benchmark.verify import main


@pytest.fixture
def runs(
    dataset: Path, tmp_path: Path, start: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> Path:
    assert start(dataset, tmp_path / "runs", "--method", "distance", "constant") == 0
    capsys.readouterr()
    return tmp_path / "runs"


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*folders: Path) -> tuple[int, str]:
        status = main([str(folder) for folder in folders])
        return status, capsys.readouterr().out

    return run


def test_whole_results(runs: Path, verify: Callable[..., tuple[int, str]]) -> None:
    assert verify(runs) == (0, f"{runs}: 2 runs, 48 rows, 6 mattes; all as written\n")


def test_every_kind_of_damage_is_named(runs: Path, verify: Callable[..., tuple[int, str]]) -> None:
    (folder,) = runs.glob("*/distance-*")
    table, card = folder / "results.parquet", folder / "run.json"
    content = bytearray(table.read_bytes())
    content[40] ^= 1
    table.write_bytes(content)
    facts = json.loads(card.read_text())
    card.write_text(json.dumps({**facts, "images": 4}))
    (matte, stray, _) = sorted((runs / "cache" / "mattes").glob("distance-*/*.png"))
    alpha_u8 = np.array(Image.open(matte))
    with Image.open(matte) as picture:
        picture.load()
        from PIL.PngImagePlugin import PngInfo

        header = PngInfo()
        header.add_text("matting-prediction", picture.info["matting-prediction"])
    matte.unlink()
    Image.fromarray(255 - alpha_u8).save(matte, pnginfo=header)
    shutil.copy(stray, stray.with_name("0123456789abcdef.png"))
    with Journal(folder, "0-of-1") as journal:
        journal.add([{"image_id": "a"}])
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"a"', b'"b"') + b"[cut off")
    status, shown = verify(runs)
    assert status == 1
    lines = shown.splitlines()
    for path, words in (
        (table, "results"),
        (card, "damaged or changed after it was written"),
        (matte, "its pixels are not those that were written"),
        (stray.with_name("0123456789abcdef.png"), "was made from the input"),
        (journal.path, "1 damaged lines"),
    ):
        assert [line for line in lines if str(path) in line and words in line], (path, shown)
    assert f"{runs}: 2 runs, 24 rows, 8 mattes; 5 damaged" in lines
    assert "1 journals are not joined" in lines[-1]


def test_a_card_that_belongs_to_another_table(
    runs: Path, verify: Callable[..., tuple[int, str]]
) -> None:
    one, other = (next(runs.glob(f"*/{name}-*")) for name in ("distance", "constant"))
    shutil.copy(other / "run.json", one / "run.json")
    status, shown = verify(one)
    assert status == 1
    assert "run.json: method is 'constant', and in the results 'distance'" in shown


def test_older_results_have_no_hash(
    make_run: Callable[..., Path], tmp_path: Path, verify: Callable[..., tuple[int, str]]
) -> None:
    folder = make_run(tmp_path / "runs", "knn", {"cat": [1.0]})
    old = result_table.read(folder / "results.parquet")
    old.to_parquet(folder / "results.parquet", index=False)
    status, shown = verify(tmp_path / "runs")
    assert status == 0
    assert "2 files have no hash of their content" in shown
    (folder / "run.json").unlink()
    status, shown = verify(tmp_path / "runs")
    assert status == 1
    assert "run.json: no run card" in shown


def test_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no results in it; expected the --out of benchmark.run" in capsys.readouterr().err
    assert main([str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err
