"""SampleNet as a method.

References
----------
Tang, Aksoy, Öztireli, Gross, Aydın, "Learning-based sampling for natural image matting", CVPR 2019.
"""

from __future__ import annotations

from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import samplenet


class SampleNet(NetworkMethod):
    """SampleNet: sampled background and foreground, then opacity."""

    name = "samplenet"
    card = network_card(
        paper="Tang et al. 2019, doi:10.1109/CVPR.2019.00317",
        year=2019,
        fidelity="inferred",
        implementation="ours: the paper's three networks, inferred since nothing was released; "
        "samplers as the inpainting network that it cites, opacity's sizes as in a public "
        "re-implementation",
        weights="a folder of this suite's; the authors released none",
        parameters=47_490_718,
        gmac_512=481.6,
    )
    memory_gb_per_megapixel = 1.3
    network_name = "samplenet"
    build = samplenet.SampleNet
    config_kind = samplenet.SampleNetConfig
