"""Files of weights that are damaged, foreign or would run code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from baselines.deep.checkpoints import save_network
from baselines.deep.networks import dcnn
from baselines.deep.state_files import read_state

from .synthetic import METHODS

TENSORS = {"a.weight": torch.arange(6.0).view(2, 3), "a.bias": torch.zeros(2)}


class Surprise:
    """What a hostile file would have: an object that calls something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('code was run')",)


def test_wrappers_and_the_leading_module_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    inside = {f"module.{name}": tensor for name, tensor in TENSORS.items()}
    for content in (TENSORS, inside, {"state_dict": inside}, {"model": {"params": TENSORS}}):
        torch.save(content, path)
        state = read_state(path)
        assert sorted(state.tensors) == ["a.bias", "a.weight"]
        assert torch.equal(state.tensors["a.weight"], TENSORS["a.weight"])


def test_a_module_that_only_some_names_have_stays(tmp_path: Path) -> None:
    torch.save({"module.a": torch.zeros(1), "b": torch.zeros(1)}, tmp_path / "a.pth")
    assert sorted(read_state(tmp_path / "a.pth").tensors) == ["b", "module.a"]


def test_old_files_of_torch_are_read(tmp_path: Path) -> None:
    """Those from before version 1.6, as most public matting checkpoints are."""
    torch.save({"state_dict": TENSORS}, tmp_path / "a.pth", _use_new_zipfile_serialization=False)
    assert len(read_state(tmp_path / "a.pth").tensors) == 2


def test_a_pickled_module_is_refused_with_what_to_do(tmp_path: Path) -> None:
    torch.save(nn.DataParallel(nn.Linear(2, 2)), tmp_path / "module.tar")
    with pytest.raises(
        ValueError,
        match=r"module\.tar: holds more than tensors \(torch\.nn\..*"
        r"unpickling that runs code.*save its state dict",
    ):
        read_state(tmp_path / "module.tar")


def test_no_code_is_run(tmp_path: Path) -> None:
    torch.save({"state_dict": TENSORS, "config": Surprise()}, tmp_path / "bad.pth")
    with pytest.raises(ValueError, match=r"holds more than tensors \((builtins\.)?exec\)"):
        read_state(tmp_path / "bad.pth")


def test_a_configuration_without_end(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors")
    for text in ("[" * 100_000, '{"a":' * 500 + "1" + "}" * 500, "\ud800"):
        (tmp_path / "config.json").write_text(text, errors="surrogatepass")
        with pytest.raises(ValueError, match=r"config\.json: "):
            read_state(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_refused_before_it_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "weights.pth")
    with pytest.raises(ValueError, match=r"weights\.pth: is a pipe"):
        read_state(tmp_path / "weights.pth")


@pytest.mark.parametrize("error", [EOFError(), KeyError(), RecursionError("deep"), TypeError()])
def test_an_error_without_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise error

    (tmp_path / "a.pth").write_bytes(b"x")
    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(ValueError, match=r"a\.pth: unreadable checkpoint: \w+"):
        read_state(tmp_path / "a.pth")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_half_a_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"half{suffix}"
    if suffix == ".pth":
        torch.save({"state_dict": {"a": torch.zeros(999)}}, path)
    else:
        save_file({"a": torch.zeros(999)}, path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=rf"half\{suffix}: unreadable"):
        read_state(path)


@pytest.mark.parametrize("content", [b"", b"<html>Sign in to download", b"\x80\x02}q\x00."])
def test_something_else(tmp_path: Path, content: bytes) -> None:
    """An empty file, the web page that a drive gives instead, an empty dictionary."""
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.pth: (unreadable|holds no tensors)"):
        read_state(tmp_path / "a.pth")


def test_a_file_without_tensors(tmp_path: Path) -> None:
    torch.save({"epoch": 3}, tmp_path / "a.pth")
    with pytest.raises(ValueError, match="holds no tensors; expected a state dict"):
        read_state(tmp_path / "a.pth")
    torch.save([1, 2], tmp_path / "a.pth")
    with pytest.raises(ValueError, match="holds a list; expected a state dict"):
        read_state(tmp_path / "a.pth")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.pth: no such file; expected a \.safetensors"):
        read_state(tmp_path / "gone.pth")


def test_a_name_that_the_hub_does_not_give(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def refuse(*_: object, **__: object) -> None:
        raise OSError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(ValueError, match=r"hustvl/gone: no checkpoint; .* gives none: offline"):
        read_state("hustvl/gone")


def test_a_folder_of_ours(tmp_path: Path) -> None:
    network = dcnn.Dcnn(dcnn.PRESETS["paper"])
    save_network(network, "dcnn", tmp_path / "mine", card={"trained_on": "nothing"}, long_side=320)
    method = METHODS["dcnn"](str(tmp_path / "mine"))
    assert method.card["trained_on"] == "nothing"
    assert method.card["weights"].startswith("mine sha256:")
    assert method.longest == 320
    kept = method.network.state_dict()["conv1.weight"]
    assert torch.equal(kept, network.state_dict()["conv1.weight"].half().float())


def test_a_folder_of_ours_of_another_network(tmp_path: Path) -> None:
    save_network(dcnn.Dcnn(dcnn.PRESETS["paper"]), "dcnn", tmp_path)
    with pytest.raises(ValueError, match="is a checkpoint of dcnn; indexnet expected indexnet"):
        METHODS["indexnet"](str(tmp_path))


def test_a_folder_with_an_odd_configuration(tmp_path: Path) -> None:
    save_network(dcnn.Dcnn(dcnn.PRESETS["paper"]), "dcnn", tmp_path)
    path = tmp_path / "config.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"config": {"widht": 64}}))
    with pytest.raises(ValueError, match=r"has unknown key widht; did you mean width"):
        METHODS["dcnn"](str(tmp_path))
    path.write_text(json.dumps(content | {"long_side": 0}))
    with pytest.raises(ValueError, match="long_side is 0; expected pixels or null"):
        METHODS["dcnn"](str(tmp_path))
    path.write_text("{")
    with pytest.raises(ValueError, match=r"config\.json: cannot be read as JSON"):
        METHODS["dcnn"](str(tmp_path))
    path.unlink()
    with pytest.raises(ValueError, match=r"no checkpoint; the folder lacks config\.json"):
        METHODS["dcnn"](str(tmp_path))


def test_unfinished_weights_are_never_seen(tmp_path: Path) -> None:
    """Both files are written whole: a folder has its configuration last."""
    save_network(dcnn.Dcnn(dcnn.PRESETS["paper"]), "dcnn", tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]
