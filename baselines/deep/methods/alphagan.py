"""AlphaGAN as a method.

References
----------
Lutz, Amplianitis, Smolić, "AlphaGAN: generative adversarial networks for natural image matting",
BMVC 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from baselines.deep.fitting import Fit
from baselines.deep.layouts import ADOBE, ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import alphagan


def _configure(tensors: Tensors) -> alphagan.AlphaGanConfig:
    """Read the normalisation: batch normalisation has running means, group normalisation none."""
    batch_norm = "encoder.resnet50.bn1.running_mean" in tensors
    return alphagan.AlphaGanConfig(groups=0 if batch_norm else 32)


LAYOUTS = (
    Layout(
        "CDOTAD/AlphaGAN-Matting",
        marker="encoder.resnet50.conv_1.weight",
        configure=_configure,
        licence="none stated; trained on Adobe's data (non-commercial)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        inference="down",
    ),
)


class AlphaGan(NetworkMethod):
    """AlphaGAN's generator."""

    name = "alphagan"
    card = network_card(
        paper="Lutz et al. 2018, arXiv:1807.10088",
        year=2018,
        fidelity="inferred",
        implementation="ours: the paper's generator; widths, normalisation and what the paper only "
        "draws as in the public re-implementation",
        weights="a generator of CDOTAD/AlphaGAN-Matting (netG….pth), or a folder of this suite's; "
        "the authors released none",
        parameters=40_302_336,
        gmac_512=195.9,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 1.7
    network_name = "alphagan"
    build = alphagan.AlphaGan
    config_kind = alphagan.AlphaGanConfig
    layouts = LAYOUTS
    fits: ClassVar[Mapping[str, Fit]] = {"pad": Fit("pad", 32), "down": Fit("down", 32)}
