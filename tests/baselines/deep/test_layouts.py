"""Random tensors in every public layout are loaded; one name or shape off is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from baselines.deep.network_method import NetworkMethod
from baselines.deep.networks import indexnet
from benchmark.methods.leaks import has_leaked, read_leaks

from .synthetic import METHODS, make_scene, network_shapes, random_state, read_shapes

# list, method, how the program wraps its state dict
LAYOUTS = [
    ("dim-huochaitiantang-stage1", "dim", "state_dict"),
    ("dim-huochaitiantang-stage1-old", "dim", "state_dict"),
    ("dim-huochaitiantang-stage3", "dim-skip", "state_dict"),
    ("dim-mmagic-stage1", "dim", "state_dict"),
    ("dim-mmagic-stage3", "dim", "state_dict"),
    ("dim-lu-fullfc6", "dim", "state_dict"),
    ("indexnet", "indexnet", "module"),
    ("indexnet-mmagic", "indexnet", "state_dict"),
    ("alphagan-cdotad", "alphagan", "bare"),
    ("gca", "gca", "module"),
    ("gca-baseline", "gca", "module"),
    ("gca-mmagic", "gca", "state_dict"),
    ("fba", "fba", "bare"),
    ("vitmatte-s-native", "vitmatte", "model"),
    ("vitmatte-b-native", "vitmatte", "model"),
    ("vitmatte-s-hf", "vitmatte", "safetensors"),
    ("vitmatte-b-hf", "vitmatte", "safetensors"),
]
QUICK = [row for row in LAYOUTS if row[0] in {"indexnet", "indexnet-mmagic"}]
SLOW = [row for row in LAYOUTS if row not in QUICK and row[0] != "dim-lu-fullfc6"]
every_layout = pytest.mark.parametrize(("name", "method", "wrapper"), LAYOUTS)


def layout_of(name: str, method: type[NetworkMethod]) -> Any:
    """Return the layout whose marker a list has."""
    return next(each for each in method.layouts if each.marker in read_shapes(name))


@every_layout
def test_names_are_translated_to_the_networks(name: str, method: str, wrapper: str) -> None:
    """On the meta device; folding looks at values, so it is left to the loading tests."""
    kind = METHODS[method]
    layout = layout_of(name, kind)
    with torch.device("meta"):
        tensors = {key: torch.empty(shape) for key, shape in read_shapes(name).items()}
        network = kind.build(layout.configure(tensors))
        translated = {key: tuple(each.shape) for key, each in layout.translate(tensors).items()}
    assert translated == network_shapes(network)


@pytest.mark.parametrize(("name", "method", "wrapper"), QUICK)
def test_a_file_in_the_layout_is_loaded(
    name: str, method: str, wrapper: str, tmp_path: Path
) -> None:
    load_and_run(name, method, wrapper, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method", "wrapper"), SLOW)
def test_a_large_file_in_the_layout_is_loaded(
    name: str, method: str, wrapper: str, tmp_path: Path
) -> None:
    load_and_run(name, method, wrapper, tmp_path)


def load_and_run(name: str, method: str, wrapper: str, folder: Path) -> None:
    """Write random tensors as a program does, load them twice, compare the two mattes."""
    path = write(folder, random_state(read_shapes(name)), wrapper)
    image, trimap = make_scene(33, 47)
    first, second = (METHODS[method](str(path)) for _ in range(2))
    alpha, _ = first(image, trimap)
    assert np.array_equal(alpha, second(image, trimap)[0])
    assert np.array_equal(alpha[trimap != 128], trimap[trimap != 128] / np.float32(255))
    assert first.card["layout"] == layout_of(name, METHODS[method]).name
    assert "sha256:" in first.card["weights"]
    assert first.card["licence"].startswith("not known for this file (others of the network: ")


def write(folder: Path, state: dict[str, torch.Tensor], wrapper: str) -> Path:
    """Write a state dict as its program wraps it, with what else a training program saves."""
    path = folder / "weights.pth"
    if wrapper == "safetensors":
        save_file(state, folder / "weights.safetensors")
        return folder / "weights.safetensors"
    if wrapper == "bare":
        torch.save(state, path)
    elif wrapper == "module":
        inside = {f"module.{key}": tensor for key, tensor in state.items()}
        torch.save({"state_dict": inside, "epoch": 30, "optimizer": {"lr": 0.1}}, path)
    else:
        torch.save({wrapper: state, "epoch": 12, "best_sad": np.float64(54.4)}, path)
    return path


def test_what_else_the_file_held_stands_in_the_card(tmp_path: Path) -> None:
    path = write(tmp_path, random_state(read_shapes("indexnet")), "module")
    card = METHODS["indexnet"](str(path)).card
    assert card["weights"].endswith("(not used: epoch, optimizer)")
    assert card["parameters"] == "5,953,515"


def test_batch_counters_may_be_absent_or_surplus(tmp_path: Path) -> None:
    """Files from before torch 0.4.1 lack them."""
    state = random_state(read_shapes("indexnet"))
    old = {key: each for key, each in state.items() if not key.endswith("num_batches_tracked")}
    METHODS["indexnet"](str(write(tmp_path, old, "module")))
    fba = random_state(read_shapes("fba"))
    fba["encoder.bn1.num_batches_tracked"] = torch.zeros((), dtype=torch.long)
    with torch.device("meta"):
        network = METHODS["fba"].build(METHODS["fba"].layouts[0].configure(fba))
    assert "encoder.bn1.num_batches_tracked" not in network.state_dict()


def test_a_wrong_name_is_refused_and_named(tmp_path: Path) -> None:
    state = random_state(read_shapes("indexnet"))
    state["layer1.0.conv.9.weight"] = state.pop("layer1.0.conv.0.weight")
    with pytest.raises(
        ValueError,
        match=r"weights\.pth: is no indexnet checkpoint in poppinace/indexnet_matting layout: "
        r"missing \(1\): layer1\.0\.conv\.0\.weight; too much \(1\): layer1\.0\.conv\.9\.weight",
    ):
        METHODS["indexnet"](str(write(tmp_path, state, "bare")))


def test_a_wrong_shape_is_refused_and_named(tmp_path: Path) -> None:
    state = random_state(read_shapes("indexnet"))
    state["layer0.0.weight"] = torch.zeros(32, 3, 3, 3)
    with pytest.raises(ValueError, match=r"layer0\.0\.weight 32×3×3×3, expected 32×4×3×3"):
        METHODS["indexnet"](str(write(tmp_path, state, "bare")))


@every_layout
def test_one_wrong_name_of_every_layout_is_refused(name: str, method: str, wrapper: str) -> None:
    """Renaming may not turn a wrong name into a right one."""
    kind = METHODS[method]
    layout = layout_of(name, kind)
    with torch.device("meta"):
        tensors = {key: torch.empty(shape) for key, shape in read_shapes(name).items()}
        wrong = next(key for key in sorted(tensors) if key.endswith("bias"))
        tensors[f"{wrong}_wrong"] = tensors.pop(wrong)
        network = kind.build(layout.configure(tensors))
        translated = set(layout.translate(tensors))
    assert len(translated - set(network.state_dict())) == 1
    assert len(set(network.state_dict()) - translated) == 1


@pytest.mark.parametrize(
    ("name", "method"), [("dcnn", "dim"), ("fba", "alphagan"), ("indexnet", "gca")]
)
def test_a_checkpoint_of_another_method_is_refused(name: str, method: str, tmp_path: Path) -> None:
    state = {key: torch.zeros(1) for key in read_shapes(name)}
    path = write(tmp_path, state, "bare")
    with pytest.raises(ValueError, match=f"is no checkpoint of {method}; expected the layout of"):
        METHODS[method](str(path))


def test_nan_is_refused(tmp_path: Path) -> None:
    state = random_state(read_shapes("indexnet"))
    state["pred.1.weight"][0, 0, 0, 0] = torch.nan
    with pytest.raises(ValueError, match=r"holds NaN or infinity: pred\.1\.weight"):
        METHODS["indexnet"](str(write(tmp_path, state, "bare")))


def test_the_index_branches_width_is_read_from_the_file(tmp_path: Path) -> None:
    with torch.device("meta"):
        wide = network_shapes(indexnet.IndexNet(indexnet.PRESETS["paper"]))
    method = METHODS["indexnet"](str(write(tmp_path, random_state(wide), "module")))
    assert "hidden 2" in method.card["variant"]
    assert method.card["parameters"] == "8,153,771"


def test_variants_of_dim_are_read_from_the_file_or_asked_for() -> None:
    kind = METHODS["dim"]
    for name, kernel, refine in (
        ("dim-huochaitiantang-stage1", 3, False),
        ("dim-huochaitiantang-stage1-old", 1, False),
        ("dim-mmagic-stage3", 1, True),
    ):
        tensors = {
            key: torch.empty(shape, device="meta") for key, shape in read_shapes(name).items()
        }
        config = layout_of(name, kind).configure(tensors)
        assert (config.fc6_kernel, config.refine, config.skip) == (kernel, refine, False)
    full = {
        key: torch.empty(shape, device="meta")
        for key, shape in read_shapes("dim-lu-fullfc6").items()
    }
    config = layout_of("dim-lu-fullfc6", kind).configure(full)
    assert (config.fc6_kernel, config.fc6_channels, config.batch_norm) == (7, 4096, True)


def test_skips_of_a_program_without_any_are_refused(tmp_path: Path) -> None:
    state = {key: torch.zeros(1) for key in read_shapes("dim-mmagic-stage1")}
    with pytest.raises(ValueError, match="open-mmlab/mmagic has no skips; use --method dim"):
        METHODS["dim-skip"](str(write(tmp_path, state, "bare")))


def test_a_file_that_saw_the_test_set_is_flagged(tmp_path: Path) -> None:
    state = random_state(read_shapes("gca-baseline"))
    path = write(tmp_path, state, "module").rename(tmp_path / "gca-dist-all-data.pth")
    card = METHODS["gca"](str(path)).card
    assert read_leaks(card)[0] == "composition1k"


def test_what_adobes_training_set_holds_is_a_leak(tmp_path: Path) -> None:
    """Its foregrounds GT01 to GT27 are the training photographs of alphamatting.com."""
    state = random_state(read_shapes("gca-baseline"))
    card = METHODS["gca"](str(write(tmp_path, state, "module"))).card
    assert has_leaked(card, "alphamatting-high")
    assert not has_leaked(card, "composition1k")
