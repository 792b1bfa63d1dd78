"""Finding checkpoints: folders, shipped ones, the Hub's cache; and what their cards say."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from hattmatting.model.ablations import ROWS
from hattmatting.model.card import method_name
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.model.pretrained import CHECKPOINTS, find_checkpoint

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache as the Hub's client keeps it, with one downloaded checkpoint, and no network."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    place = tmp_path / "cache" / "models--somebody--matting"
    torch.manual_seed(2)
    HAttMatting(SMALL).save_pretrained(place / "snapshots" / COMMIT)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(COMMIT)
    return tmp_path / "cache"


def test_from_the_hub_without_network(hub: Path) -> None:
    model = HAttMatting.from_pretrained("somebody/matting", cache=hub)
    again = HAttMatting.from_pretrained("somebody/matting", revision=COMMIT, cache=hub)
    image = torch.rand(1, 3, 32, 32)
    assert model.config == SMALL
    assert torch.equal(model(image), again(image))


def test_the_hub_has_none(hub: Path) -> None:
    with pytest.raises(ValueError, match="somebody/else: no checkpoint; there is no such folder"):
        HAttMatting.from_pretrained("somebody/else", cache=hub)


def test_a_local_folder_comes_first(
    hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path / "somebody" / "matting")
    monkeypatch.chdir(tmp_path)
    assert find_checkpoint("somebody/matting", cache=hub) == Path("somebody/matting")


@pytest.mark.parametrize("name", ["hatt-lite", "hatt-mini"])
def test_what_ships(name: str) -> None:
    assert find_checkpoint(name) == CHECKPOINTS / name


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_half_a_checkpoint(tmp_path: Path, file: str) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path / "saved")
    (tmp_path / "saved" / file).unlink()
    with pytest.raises(ValueError, match=f"saved: no checkpoint; the folder lacks {file}"):
        HAttMatting.from_pretrained(tmp_path / "saved")


def test_truncated_weights(tmp_path: Path) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match=r"model\.safetensors: unreadable weights"):
        HAttMatting.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no model configuration"),
        ('{"depth": 3}', "unknown fields: \\['depth'\\]"),
        ("[]", "no model configuration"),
        ('{"geometry": "os8"}', "geometry is 'os8'; expected"),
    ],
)
def test_wrong_configuration(tmp_path: Path, text: str, reason: str) -> None:
    HAttMatting(SMALL).save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=rf"config\.json: .*{reason}"):
        HAttMatting.from_pretrained(tmp_path)


def test_card(tmp_path: Path) -> None:
    model = HAttMatting(ROWS["hatt-basic-ca"].apply(SMALL))
    model.save_pretrained(tmp_path, torch.float16, {"seed": 3})
    card = (tmp_path / "README.md").read_text()
    assert card.startswith("---\nlicense: mit\n")
    assert "# HAttMatting (Basic + CA)" in card
    assert "weights stored as float16" in card
    assert "--method hatt-basic-ca --weights" in card
    assert "| seed | 3 |" in card


def test_a_network_alone_does_not_tell_its_loss() -> None:
    told = {name: method_name(row.apply(SMALL)) for name, row in ROWS.items()}
    differing = {name for name, answer in told.items() if answer != name}
    assert differing == {"hatt-basic-ssim", "hatt-basic-low-ca-sa"}
