"""The trainer with a network of a test's own: inputs, losses, adversary and step are handed in."""

from __future__ import annotations

import ast
import csv
import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import hattmatting.training
from distinctions646.images.png import write_png
from hattmatting.samples.planes import Batch
from hattmatting.train import main
from hattmatting.training.loop import train
from hattmatting.training.losses import LOSSES, Adversary
from hattmatting.training.recipe import Recipe, setting
from hattmatting.training.run import Run
from hattmatting.training.state import TrainingState

ROOT = Path(__file__).parents[3]


class TrimapNetwork(nn.Module):
    """One convolution over image and trimap."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 4, 3, padding=1)
        self.last = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor:
        return torch.sigmoid(self.last(self.first(torch.cat([image, trimap], 1)).relu()))


@dataclass(frozen=True)
class TrimapRecipe(Recipe):
    """A network that takes a trimap, with two losses of its own choice."""

    trimap: str | None = setting("radius-200/v1", "rule of the trimap")
    layers: bool = setting(True, "samples carry what they are composed of")
    batch: int = setting(2, "samples a step")
    steps: int | None = setting(6, "length")
    stages: tuple[tuple[float, int], ...] = setting(((1.0, 32),), "crops")
    judged: bool = setting(False, "whether there is an adversary")

    def build(self) -> nn.Module:
        return TrimapNetwork()

    def forward(self, network: Any, batch: Batch) -> Mapping[str, Tensor]:
        return {"alpha": network(batch.image, batch.trimap)}

    def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
        return {"mse": 0.5, "l1": 0.5 if done >= 0.5 else 0.0} | (
            {"adversarial": 0.1} if self.judged else {}
        )

    def adversary(self) -> Adversary | None:
        if not self.judged:
            return None
        return Adversary(lambda: nn.Conv2d(4, 1, 5), lambda batch, alpha: (see(batch, alpha),))

    def parameter_groups(self, network: Any) -> list[tuple[list[nn.Parameter], float]]:
        return [(list(network.last.parameters()), 1.0), (list(network.first.parameters()), 0.0)]

    def predict(
        self, network: Any, image: np.ndarray, trimap: np.ndarray | None, *, crop: bool = False
    ) -> np.ndarray:
        assert trimap is not None
        assert trimap.shape == image.shape[:2]
        return np.full(trimap.shape, 0.5, np.float32)

    def save(self, network: Any, folder: Path, dtype: Any, facts: Mapping[str, object]) -> None:
        folder.mkdir()
        torch.save(network.state_dict(), folder / "weights.pt")
        (folder / "facts.json").write_text(json.dumps(dict(facts)))


def see(batch: Batch, alpha: Tensor) -> Tensor:
    """A judge that sees composites over the true layers, and the trimap."""
    assert batch.foreground is not None
    assert batch.background is not None
    assert batch.trimap is not None
    composite = alpha * batch.foreground + (1 - alpha) * batch.background
    return torch.cat([composite, batch.trimap], 1)


def run_in(folder: Path, sources: Path, **others: Any) -> Run:
    options = {"device": "cpu", "workers": 0, "checkpoint_every": 2, **others}
    return Run(folder, sources, **options)


def log_of(out: Path) -> list[dict[str, str]]:
    with (out / "log.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_another_network_trains_and_resumes_to_the_bit(sources: Path, tmp_path: Path) -> None:
    recipe = TrimapRecipe(judged=True)
    whole = train(recipe, run_in(tmp_path / "whole", sources))
    interrupted = run_in(tmp_path / "interrupted", sources)
    train(recipe, interrupted, stop_after=3)
    resumed = train(recipe, interrupted)
    first, second = (torch.load(folder / "weights.pt") for folder in (whole, resumed))
    assert all(torch.equal(first[name], second[name]) for name in first)
    torch.manual_seed(recipe.seed)
    fresh = TrimapNetwork().state_dict()
    assert not torch.equal(first["last.weight"], fresh["last.weight"])
    assert torch.equal(first["first.weight"], fresh["first.weight"])  # its rate has factor 0
    rows = log_of(tmp_path / "whole")
    assert all(float(row["train_discriminator"]) > 0 for row in rows)
    assert "row of the ablation" not in json.loads((whole / "facts.json").read_text())


def test_a_part_that_comes_late_gets_its_column(sources: Path, tmp_path: Path) -> None:
    train(TrimapRecipe(), run_in(tmp_path / "out", sources))
    cells = [row["train_l1"] for row in log_of(tmp_path / "out")]
    # L1 counts from the fourth of six steps on; the second row's mean is over that step alone.
    assert cells[0] == ""
    assert all(float(cell) > 0 for cell in cells[1:])
    columns = list(log_of(tmp_path / "out")[0])
    assert columns.index("train_mse") < columns.index("train_l1") < columns.index("gradient")


def test_an_added_loss_reaches_log_and_weights(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line in `LOSSES`: the log has it, and it pulls the matte where it wants it."""
    monkeypatch.setitem(LOSSES, "empty", lambda given, batch: given["alpha"].mean())
    plain = TrimapRecipe(steps=40, rate=0.1)
    recipe = dataclasses.replace(plain, extra_losses=(("empty", 20.0),))
    train(plain, run_in(tmp_path / "plain", sources, checkpoint_every=10))
    train(recipe, run_in(tmp_path / "out", sources, checkpoint_every=10))
    values = [float(row["train_empty"]) for row in log_of(tmp_path / "out")]
    assert len(values) == 4
    assert values[-1] < 0.1 * values[0]
    assert "train_empty" not in log_of(tmp_path / "plain")[0]


def test_a_loss_that_nobody_knows_is_refused(sources: Path, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Mistaken(TrimapRecipe):
        def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
            return {"mse": 1.0, "laplacain": 0.5}

    with pytest.raises(ValueError, match=r"loss 'laplacain' has a weight; expected one of \['l1'"):
        train(Mistaken(), run_in(tmp_path / "out", sources))


def test_a_step_can_be_handed_in(sources: Path, tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Idle(TrimapRecipe):
        def own_step(self) -> Callable[[TrainingState, Batch], dict[str, float]]:
            return lambda state, batch: {
                "rate": state.set_rate(),
                "brightness": float(batch.image.mean()),
            }

    train(Idle(), run_in(tmp_path / "out", sources))
    assert [float(row["train_brightness"]) > 0 for row in log_of(tmp_path / "out")] == [True] * 3


def test_a_checkpoint_of_an_older_version_goes_on(sources: Path, tmp_path: Path) -> None:
    """A setting that it did not have had today's default; another value is another training."""
    recipe, run = TrimapRecipe(), run_in(tmp_path / "out", sources)
    train(recipe, run, stop_after=2)
    parts = torch.load(run.out / "checkpoint.pt", weights_only=True)
    del parts["identity"]["judged"]
    torch.save(parts, run.out / "checkpoint.pt")
    with pytest.raises(ValueError, match="judged False, now True"):
        train(dataclasses.replace(recipe, judged=True), run)
    train(recipe, run)


def test_validation_without_trimaps_is_refused(sources: Path, tmp_path: Path) -> None:
    for kind in ("image", "alpha"):
        pixels = np.zeros((8, 8, 3) if kind == "image" else (8, 8), np.uint8)
        (tmp_path / "validation" / kind).mkdir(parents=True)
        write_png(tmp_path / "validation" / kind / "a.png", pixels)
    run = run_in(tmp_path / "out", sources, validation=tmp_path, validation_split="validation")
    with pytest.raises(ValueError, match="a has no trimap; expected one for every picture"):
        train(TrimapRecipe(), run)


def test_previews_show_the_trimap(sources: Path, tmp_path: Path) -> None:
    from PIL import Image

    train(TrimapRecipe(steps=2), run_in(tmp_path / "out", sources))
    with Image.open(tmp_path / "out" / "previews" / "step_0000002.png") as picture:
        assert picture.size == (4 * 192, 4 * 192)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--loss", "l2=1"], "loss is 'l2'; expected one of mse, ssim, l1"),
        (["--loss", "l1=0"], "weight of the loss l1 is 0.0; expected more than 0"),
        (["--loss", "l1"], "'l1'; expected NAME=WEIGHT"),
        (["--trimap", "dilate-25/v1"], "unrecognized arguments: --trimap"),
        (["--warmup", "-1"], "warmup is -1; expected 0 or more"),
        (["--ema", "1.5"], "ema is 1.5; expected 0 to 1"),
        (["--weight-decay", "-1"], "weight_decay is -1.0; expected 0 or more"),
    ],
)
def test_wrong_settings_exit_2(
    options: list[str],
    message: str,
    sources: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["--sources", str(sources), "--out", str(tmp_path / "out"), *options]
    try:
        status = main(arguments)
    except SystemExit as stopped:  # argparse's own
        status = int(str(stopped.code))
    assert status == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"trimap": "random"}, "trimap rule is 'random'; expected one of"),
        ({"compose": "device"}, "compose is 'device'; expected 'loader' with trimaps or layers"),
        ({"style": "salient"}, "layers is True; expected False with samples in the style 'sal"),
    ],
)
def test_planes_that_cannot_be_made_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrimapRecipe(**settings)


def test_the_trainer_knows_no_network() -> None:
    """Nothing in `hattmatting.training` or `hattmatting.samples` imports a model or its recipes."""
    package = Path(hattmatting.training.__file__).parent
    for path in [*package.glob("*.py"), *(package.parent / "samples").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            known = ("hattmatting.model", "hattmatting.recipes", "hattmatting.inference.predicting")
            assert not [name for name in names if name.startswith(known)], path


def test_the_docs_name_every_loss() -> None:
    text = (ROOT / "docs" / "training.md").read_text()
    assert [name for name in LOSSES if f"`{name}`" not in text] == []


def test_unknown_region_without_trimaps_is_refused() -> None:
    batch = Batch(torch.zeros(1, 3, 32, 32), torch.zeros(1, 1, 32, 32), [0])
    with pytest.raises(ValueError, match="samples have no trimap; expected a recipe with"):
        _ = batch.unknown
