"""Networks against what is known of the public ones: names, shapes, parameters, multiply-adds."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from baselines.deep.networks import (
    alphagan,
    context_aware,
    dcnn,
    dim,
    fba,
    gca,
    indexnet,
    late_fusion,
    samplenet,
    vitmatte,
)
from baselines.deep.networks.parts.xception import Xception
from hattmatting.inference.cost import count_parameters

from .synthetic import METHODS, network_shapes, presets, read_shapes

OLD_DIM = dim.DimConfig(fc6_kernel=1, fc6_channels=512, refine=False)
NEW_DIM = dim.DimConfig(fc6_kernel=3, fc6_channels=512, refine=False)
NEW_DIM_3 = dim.DimConfig(fc6_kernel=3, fc6_channels=512)

# list, network and configuration whose own names the program's are
SAME_NAMES = [
    ("dim-huochaitiantang-stage1", dim.Dim, NEW_DIM),
    ("dim-huochaitiantang-stage1-old", dim.Dim, OLD_DIM),
    ("dim-huochaitiantang-stage3", dim.Dim, NEW_DIM_3),
    ("indexnet", indexnet.IndexNet, indexnet.PRESETS["released"]),
    ("alphagan-cdotad", alphagan.AlphaGan, alphagan.PRESETS["released"]),
    ("fba", fba.Fba, fba.PRESETS["paper"]),
    ("dcnn", dcnn.Dcnn, dcnn.PRESETS["paper"]),
]
# learned parameters as counted from the programs, or stated by them ("exact" in their documents)
PARAMETERS = [
    (dim.Dim, NEW_DIM, 28_297_153),
    (dim.Dim, OLD_DIM, 26_200_001),
    (dim.Dim, NEW_DIM_3, 28_373_954),
    (dim.Dim, dim.DimConfig(fc6_kernel=1, fc6_channels=512), 26_276_802),
    # 130.55 M in the README of poppinace/indexnet_matting
    (dim.Dim, dim.DimConfig(refine=False, batch_norm=True, output="linear"), 130_545_345),
    (indexnet.IndexNet, indexnet.PRESETS["released"], 5_953_515),  # its issue 11
    (alphagan.AlphaGan, alphagan.PRESETS["released"], 40_302_336),
    (gca.Gca, gca.PRESETS["paper"], 25_164_529),  # 96.5 MB in its README, u and v included
    (gca.Gca, gca.GcaConfig(attention=False), 25_072_481),
    (fba.Fba, fba.PRESETS["paper"], 34_693_031),  # a file of 139 MB
    (vitmatte.VitMatte, vitmatte.PRESETS["small"], 25_814_753),
    (vitmatte.VitMatte, vitmatte.PRESETS["base"], 96_686_561),
    (late_fusion.LateFusion, late_fusion.PRESETS["paper"], 37_667_913),
    (dcnn.Dcnn, dcnn.PRESETS["paper"], 41_345),
]
GMAC = [  # at 512×512, counted from the programs
    ("dim", NEW_DIM, 155.2),
    ("dim", NEW_DIM_3, 175.3),
    ("indexnet", indexnet.PRESETS["released"], 28.9),
    ("alphagan", alphagan.PRESETS["released"], 195.9),
    ("gca", gca.PRESETS["paper"], 47.6),
    ("gca", gca.GcaConfig(attention=False), 41.7),
    ("fba", fba.PRESETS["paper"], 170.8),
    ("vitmatte", vitmatte.PRESETS["small"], 59.5),
    ("vitmatte", vitmatte.PRESETS["base"], 150.5),
    ("late-fusion", late_fusion.PRESETS["paper"], 577.8),
    ("dcnn", dcnn.PRESETS["paper"], 10.8),
]


@pytest.mark.parametrize(("name", "kind", "config"), SAME_NAMES, ids=lambda each: str(each)[:40])
def test_names_and_shapes_are_the_programs(name: str, kind: Any, config: Any) -> None:
    with torch.device("meta"):
        assert network_shapes(kind(config)) == read_shapes(name)


@pytest.mark.parametrize(
    ("kind", "config", "expected"), PARAMETERS, ids=lambda each: str(each)[:40]
)
def test_parameters(kind: Any, config: Any, expected: int) -> None:
    with torch.device("meta"):
        assert count_parameters(kind(config)) == expected


@pytest.mark.parametrize(("method", "config", "expected"), GMAC, ids=lambda each: str(each)[:40])
def test_multiply_adds(method: str, config: Any, expected: float) -> None:
    """Within half a per cent; ours count relative positions, which the others left out."""
    assert METHODS[method].measure(config) == pytest.approx(expected, rel=5e-3)


def test_wider_index_branches_give_the_papers_parameters() -> None:
    """8.15 M in the paper and the README, 5.95 M in the public code."""
    with torch.device("meta"):
        network = indexnet.IndexNet(indexnet.PRESETS["paper"])
    assert round(count_parameters(network) / 1e6, 2) == 8.15


def test_late_fusion_has_the_kerass_shapes() -> None:
    """Names differ; every shape is there as often as in the program."""
    with torch.device("meta"):
        ours = network_shapes(late_fusion.LateFusion(late_fusion.PRESETS["paper"]))
    kernels = [
        tuple(shape[axis] for axis in (2, 3, 1, 0)) if len(shape) == 4 else shape
        for name, shape in ours.items()
        if not name.endswith("num_batches_tracked")
    ]
    assert sorted(kernels, key=str) == sorted(read_shapes("latefusion-keras").values(), key=str)


def test_context_aware_has_two_xceptions_and_two_pyramids() -> None:
    """37.87 M and 15.54 M each, from the program; about 107 to 108 M in all."""
    with torch.device("meta"):
        network = context_aware.ContextAware(context_aware.PRESETS["paper"])
        xception = Xception(4, 1, 16, 16)
        pyramid = context_aware.Atrous(2048, 256)
    assert round(count_parameters(xception) / 1e6, 2) == 37.87
    assert round(count_parameters(pyramid) / 1e6, 2) == 15.54
    assert 107e6 < count_parameters(network) < 108.1e6


@pytest.mark.parametrize("name", sorted(METHODS))
def test_cards_state_the_papers_size(name: str) -> None:
    method = METHODS[name]
    by_name = presets(method)
    config = NEW_DIM if name == "dim-skip" else by_name.get("paper", by_name["small"])
    with torch.device("meta"):
        assert method.card["parameters"] == f"{count_parameters(method.build(config)):,}"
    assert float(method.card["gmac_512"]) == pytest.approx(method.measure(config), abs=0.051)


@pytest.mark.parametrize("kind", [samplenet.SampleNet, context_aware.ContextAware, gca.Gca])
@pytest.mark.parametrize("size", [(32, 32), (96, 32)])
def test_the_smallest_sizes(kind: Any, size: tuple[int, int]) -> None:
    network = kind(presets_of(kind)["small"]).eval()
    outputs = network(torch.rand(1, 3, *size), torch.rand(1, 1, *size))
    assert outputs["alpha"].shape == (1, 1, *size)


def presets_of(kind: Any) -> Any:
    return {
        samplenet.SampleNet: samplenet.PRESETS,
        context_aware.ContextAware: context_aware.PRESETS,
        gca.Gca: gca.PRESETS,
    }[kind]


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"gca", "fba"}))
def test_small_checkpoints_fit_into_three_megabytes(name: str) -> None:
    """In float16, as they are saved; GCA, FBA and ViTMatte are loaded only."""
    if name.startswith("vitmatte"):
        return
    with torch.device("meta"):
        network = METHODS[name].build(presets(METHODS[name])["small"])
    assert 2 * sum(each.numel() for each in network.state_dict().values()) < 3.15e6
