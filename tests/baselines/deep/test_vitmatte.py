"""ViTMatte's three preprocessings, its padding, and the same weights in both programs' names."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from baselines.deep.network_method import NetworkMethod
from baselines.deep.networks.vitmatte import PRESETS, VitMatte

from .synthetic import METHODS, make_scene, random_state

needs_transformers = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None,
    reason="wants the extra distinctions646[transformers]",
)
pytestmark = needs_transformers


def test_the_three_preprocessings_differ(small_method: Callable[[str], NetworkMethod]) -> None:
    image, trimap = make_scene(48, 64)
    mattes = {
        name: small_method(name)(image, trimap)[0]
        for name in ("vitmatte", "vitmatte-half", "vitmatte-raw")
    }
    for one, two in (
        ("vitmatte", "vitmatte-half"),
        ("vitmatte", "vitmatte-raw"),
        ("vitmatte-half", "vitmatte-raw"),
    ):
        assert np.abs(mattes[one] - mattes[two]).max() > 1e-3
    assert "preprocessing imagenet" in small_method("vitmatte").card["variant"]
    assert "preprocessing half" in small_method("vitmatte-half").card["variant"]


@pytest.mark.parametrize(
    ("preprocessing", "size", "expected"),
    [
        ("imagenet", (64, 64), (0, 0)),
        ("imagenet", (33, 64), (31, 32)),  # the aligned side gets 32 more, as in the program
        ("half", (33, 64), (31, 0)),
        ("none", (33, 47), (31, 17)),
    ],
)
def test_padding(preprocessing: str, size: tuple[int, int], expected: tuple[int, int]) -> None:
    import dataclasses

    with torch.device("meta"):
        config = dataclasses.replace(PRESETS["toy"], preprocessing=preprocessing)
        assert VitMatte(config)._padding(*size) == expected


def test_both_programs_names_give_the_same_matte(tmp_path: Path) -> None:
    with torch.device("meta"):
        network = VitMatte(PRESETS["toy"])
    shapes = {
        name.removeprefix("model."): tuple(each.shape)
        for name, each in network.state_dict().items()
    }
    library = {name: 4 * each for name, each in random_state(shapes).items()}
    native = {to_native(name): each for name, each in library.items()}
    torch.save(library, tmp_path / "library.pth")
    torch.save({"model": native}, tmp_path / "native.pth")
    image, trimap = make_scene(40, 40)
    one, two = (METHODS["vitmatte"](str(tmp_path / name)) for name in ("library.pth", "native.pth"))
    assert np.array_equal(one(image, trimap)[0], two(image, trimap)[0])
    assert (one.card["layout"], two.card["layout"]) == ("transformers", "hustvl/ViTMatte")
    assert one.card["variant"] == two.card["variant"]


def to_native(name: str) -> str:
    """Return the authors' name of one of the library's tensors."""
    for theirs, ours in (
        ("backbone.embeddings.projection.", "backbone.patch_embed.proj."),
        ("backbone.embeddings.position_embeddings", "backbone.pos_embed"),
        ("backbone.encoder.layer.", "backbone.blocks."),
        (".attention.", ".attn."),
        ("decoder.fusion_blocks.", "decoder.fusion_blks."),
        (".batch_norm.", ".bn."),
    ):
        name = name.replace(theirs, ours)
    return name


def test_a_repository_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its config.json is transformers', not ours; the sizes are read from the tensors."""
    import huggingface_hub

    with torch.device("meta"):
        network = VitMatte(PRESETS["toy"])
    shapes = {
        name.removeprefix("model."): tuple(each.shape)
        for name, each in network.state_dict().items()
    }
    snapshot = tmp_path / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text(json.dumps({"model_type": "vitmatte"}))
    save_file(random_state(shapes), snapshot / "model.safetensors")
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(snapshot))
    card = METHODS["vitmatte"]("hustvl/vitmatte-small-composition-1k").card
    assert card["weights"].startswith("hustvl/vitmatte-small-composition-1k sha256:")
    assert card["trained_on"] == "Composition-1k's training set, by the file's name"
    assert "hidden 32, heads 2, layers 2" in card["variant"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("ViTMatte_S_Com.pth", "Composition-1k's training set, by the file's name"),
        (
            "vitmatte-base-distinctions-646.pth",
            "Distinctions-646's training set, by the file's name",
        ),
        ("mine.pth", "not known; the file's name tells none"),
    ],
)
def test_the_training_set_is_read_from_the_name(tmp_path: Path, file: str, expected: str) -> None:
    with torch.device("meta"):
        network = VitMatte(PRESETS["toy"])
    shapes = {
        name.removeprefix("model."): tuple(each.shape)
        for name, each in network.state_dict().items()
    }
    torch.save(random_state(shapes), tmp_path / file)
    assert METHODS["vitmatte"](str(tmp_path / file)).card["trained_on"].startswith(expected)


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baselines.deep.networks import vitmatte

    monkeypatch.setattr(vitmatte.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"pip install 'distinctions646\[transformers\]'"):
        VitMatte(PRESETS["toy"])
