"""Deep Image Matting as a method, with and without the public re-implementation's skips.

References
----------
Xu, Price, Cohen, Huang, "Deep image matting", CVPR 2017.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

from baselines.deep.checkpoints import Source
from baselines.deep.fitting import Fit
from baselines.deep.layouts import ADOBE, ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import dim

FC6 = "conv6_1.weight"
_MMAGIC_FILES = {
    "979a420f": "dim_stage1_v16_1x1_1000k_comp1k_SAD-53.8",
    "d83c4775": "dim_stage2_v16_pln_1x1_1000k_comp1k_SAD-52.3",
    "647f24b6": "dim_stage3_v16_pln_1x1_1000k_comp1k_SAD-50.6",
}


def _huochaitiantang(tensors: Tensors) -> dim.DimConfig:
    """Read the stage (refinement or not) and conv6's kernel: 3×3 since September 2019, else 1×1."""
    outside, _, kernel, _ = tensors[FC6].shape if FC6 in tensors else (512, 512, 3, 3)
    refine = "refine_pred.weight" in tensors
    return dim.DimConfig(fc6_kernel=kernel, fc6_channels=outside, refine=refine)


def _mmagic(tensors: Tensors) -> dim.DimConfig:
    refine = "refiner.refine_pred.weight" in tensors
    return dim.DimConfig(fc6_kernel=1, fc6_channels=512, refine=refine)


def _lu(tensors: Tensors) -> dim.DimConfig:
    return dim.DimConfig(refine=False, batch_norm=True, output="linear")


LAYOUTS = (
    Layout(
        "huochaitiantang/pytorch-deep-image-matting",
        marker="conv1_1.weight",
        configure=_huochaitiantang,
        licence="non-commercial (Adobe's data)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        inference="down",
    ),
    Layout(
        "open-mmlab/mmagic",
        marker="backbone.encoder.layer1.0.weight",
        configure=_mmagic,
        renames=(
            (r"^backbone\.encoder\.layer(\d)\.0\.", r"conv\1_1."),
            (r"^backbone\.encoder\.layer(\d)\.2\.", r"conv\1_2."),
            (r"^backbone\.encoder\.layer(\d)\.4\.", r"conv\1_3."),
            (r"^backbone\.encoder\.conv6\.", "conv6_1."),
            (r"^(backbone\.decoder|refiner)\.", ""),
        ),
        licence="Apache-2.0, trained on Adobe's data (non-commercial)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        files=_MMAGIC_FILES,
    ),
    Layout(
        "poppinace/indexnet_matting, its Deep Image Matting",
        marker="conv11.weight",
        configure=_lu,
        renames=(
            (r"^(conv|bn)(\d)(\d)\.", r"\1\2_\3."),
            (r"^conv6\.", "conv6_1."),
            (r"^dconv(\d)\.", r"deconv\1_1."),
            (r"^alpha_pred\.", "deconv1."),
        ),
        licence="academic use only",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        inference="half",
    ),
)


class Dim(NetworkMethod):
    """Deep Image Matting without skips, as the paper has it."""

    name = "dim"
    card = network_card(
        paper="Xu et al. 2017, doi:10.1109/CVPR.2017.41",
        year=2017,
        fidelity="faithful",
        implementation="ours: the paper's network, 7×7 fc6 and refinement; variants as in the "
        "public re-implementations, read from the file",
        weights="stage1_sad_54.4.pth of huochaitiantang/pytorch-deep-image-matting, "
        "dim_stage3_v16_pln_1x1_1000k_comp1k_SAD-50.6….pth of open-mmlab/mmagic, or a folder of "
        "this suite's",
        parameters=130_613_698,
        gmac_512=201.5,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 2.0
    network_name = "dim"
    build = dim.Dim
    config_kind = dim.DimConfig
    layouts = LAYOUTS
    fits: ClassVar[Mapping[str, Fit]] = {
        "pad": Fit("pad", 32),
        "down": Fit("down", 32, longest=1600),
        "half": Fit("down", 32, scale=0.5),
    }
    largest_pixels = 1600 * 1600
    skip: ClassVar[bool] = False

    def choose(self, source: Source, config: dim.DimConfig) -> dim.DimConfig:
        """Return the configuration with or without skips: public files of both have equal keys."""
        if source.public is None:
            if config.skip != self.skip:
                other = "dim-skip" if config.skip else "dim"
                raise ValueError(f"{source.state.path.parent}: is a checkpoint of {other}")
            return config
        if self.skip and source.public is not LAYOUTS[0]:
            raise ValueError(f"{source.state.path}: {source.layout} has no skips; use --method dim")
        return dataclasses.replace(config, skip=self.skip)


class DimSkip(Dim):
    """Deep Image Matting with additive skips, as huochaitiantang's second release has them."""

    name = "dim-skip"
    card = Dim.card | {
        "implementation": "ours: as dim, with the additive skips of a public re-implementation",
        "weights": "--weights takes stage1_skip_sad_52.9.pth of "
        "huochaitiantang/pytorch-deep-image-matting, or a folder of this suite's",
        "parameters": "28,297,153",
        "gmac_512": "155.2",
    }
    skip = True
