"""IndexNet as a method.

References
----------
Lu, Dai, Shen, Xu, "Indices matter: learning to index for deep image matting", ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from baselines.deep.fitting import Fit
from baselines.deep.layouts import ADOBE, ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import indexnet

_MMAGIC_FILES = {
    "26dd258d": "indexnet_mobv2_1x16_78k_comp1k_SAD-45.6",
    "af359436": "indexnet_dimaug_mobv2_1x16_78k_comp1k_SAD-50.1",
}
_BRANCH = "index0.indexnet1.0.weight"
_MMAGIC_BRANCH = "backbone.encoder.index_layers.0.index_blocks.0.0.conv.weight"


def _hidden(tensors: Tensors, name: str) -> indexnet.IndexNetConfig:
    """Read the index branches' width, C or 2C; any other shape is for the strict load to refuse."""
    shape = tensors[name].shape if name in tensors else ()
    return indexnet.IndexNetConfig(hidden=2 if len(shape) == 4 and shape[0] == 2 * shape[1] else 1)


def _mmagic_renames() -> tuple[tuple[str, str], ...]:
    """Return mmagic's names as regular expressions: conv and bn of each step are a module there."""
    block = r"^backbone\.encoder\.layers\.(\d)\.(\d)\.conv\."
    deep = r"^backbone\.encoder\.dconv\."
    index = r"^backbone\.encoder\.index_layers\.{}\.index_blocks\.{}\."
    renames = [
        # layer 1 has no expansion: depthwise 0 and 1, projection 3 and 4
        (block + r"depthwise_conv\.conv\.", r"layer\1.\2.conv.0."),
        (block + r"depthwise_conv\.bn\.", r"layer\1.\2.conv.1."),
        (block + r"pointwise_conv\.conv\.", r"layer\1.\2.conv.3."),
        (block + r"pointwise_conv\.bn\.", r"layer\1.\2.conv.4."),
        (block + r"0\.conv\.", r"layer\1.\2.conv.0."),
        (block + r"0\.bn\.", r"layer\1.\2.conv.1."),
        (block + r"1\.depthwise_conv\.conv\.", r"layer\1.\2.conv.3."),
        (block + r"1\.depthwise_conv\.bn\.", r"layer\1.\2.conv.4."),
        (block + r"1\.pointwise_conv\.conv\.", r"layer\1.\2.conv.6."),
        (block + r"1\.pointwise_conv\.bn\.", r"layer\1.\2.conv.7."),
        (r"^backbone\.encoder\.layers\.0\.conv\.", "layer0.0."),
        (r"^backbone\.encoder\.layers\.0\.bn\.", "layer0.1."),
        (deep + r"convs\.0\.conv\.", "dconv_pp.aspp1.atrous_conv.0."),
        (deep + r"convs\.0\.bn\.", "dconv_pp.aspp1.atrous_conv.1."),
        (deep + r"convs\.4\.1\.conv\.", "dconv_pp.global_avg_pool.1."),
        (deep + r"convs\.4\.1\.bn\.", "dconv_pp.global_avg_pool.2."),
        (deep + r"project\.0\.conv\.", "dconv_pp.bottleneck_conv.0."),
        (deep + r"project\.0\.bn\.", "dconv_pp.bottleneck_conv.1."),
        (r"^backbone\.decoder\.pred\.0\.conv\.", "pred.0.0."),
        (r"^backbone\.decoder\.pred\.0\.bn\.", "pred.0.1."),
        (r"^backbone\.decoder\.pred\.1\.", "pred.1."),
    ]
    for place in (1, 2, 3):
        ours, theirs = f"dconv_pp.aspp{place + 1}.atrous_conv", deep + rf"convs\.{place}\."
        for step, first in (("depthwise", 0), ("pointwise", 3)):
            renames.append((theirs + rf"{step}_conv\.conv\.", f"{ours}.{first}."))
            renames.append((theirs + rf"{step}_conv\.bn\.", f"{ours}.{first + 1}."))
    for place, layer in enumerate(indexnet.POOLED):
        for branch in range(4):
            ours, theirs = f"index{layer}.indexnet{branch + 1}", index.format(place, branch)
            renames.append((theirs + r"0\.conv\.", f"{ours}.0."))
            renames.append((theirs + r"0\.bn\.", f"{ours}.1."))
            renames.append((theirs + r"1\.conv\.", f"{ours}.3."))
    for place in range(7):
        theirs = rf"^backbone\.decoder\.decoder_layers\.{place}\.conv\."
        renames.append((theirs + r"conv\.", f"decoder_layer{6 - place}.dconv.0."))
        renames.append((theirs + r"bn\.", f"decoder_layer{6 - place}.dconv.1."))
    return tuple(renames)


LAYOUTS = (
    Layout(
        "poppinace/indexnet_matting",
        marker="layer0.0.weight",
        configure=lambda tensors: _hidden(tensors, _BRANCH),
        licence="academic use only",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        inference="up",
    ),
    Layout(
        "open-mmlab/mmagic",
        marker="backbone.encoder.layers.0.conv.weight",
        configure=lambda tensors: _hidden(tensors, _MMAGIC_BRANCH),
        renames=_mmagic_renames(),
        licence="Apache-2.0, trained on Adobe's data (non-commercial)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        inference="up",
        files=_MMAGIC_FILES,
    ),
)


class IndexNet(NetworkMethod):
    """IndexNet with depthwise many-to-one indices on MobileNetV2."""

    name = "indexnet"
    card = network_card(
        paper="Lu et al. 2019, doi:10.1109/ICCV.2019.00336",
        year=2019,
        fidelity="faithful",
        implementation="ours: faithful to the released program; the paper's 8.15 M parameters have "
        "index branches of twice the width, read from the file",
        weights="indexnet_matting.pth.tar of poppinace/indexnet_matting, "
        "indexnet_mobv2_1x16_78k_comp1k_SAD-45.6….pth of open-mmlab/mmagic, or a folder of this "
        "suite's",
        parameters=8_153_771,
        gmac_512=35.2,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 1.7
    network_name = "indexnet"
    build = indexnet.IndexNet
    config_kind = indexnet.IndexNetConfig
    layouts = LAYOUTS
    fits: ClassVar[Mapping[str, Fit]] = {
        "pad": Fit("pad", 32),
        "up": Fit("up", 32, "bicubic", "nearest", "bicubic"),
    }
