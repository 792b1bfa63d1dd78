"""Late Fusion as a method, trimap-free.

References
----------
Zhang, Gong, Fan, Ren, Huang, Bao, Xu, "A late fusion CNN for digital matting", CVPR 2019.
"""

from __future__ import annotations

from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import late_fusion


class LateFusion(NetworkMethod):
    """Late Fusion; its authors' public model is another one than the paper's, and not loaded."""

    name = "late-fusion"
    needs_trimap = False
    card = network_card(
        paper="Zhang et al. 2019, doi:10.1109/CVPR.2019.00765",
        year=2019,
        fidelity="inferred",
        implementation="ours: sizes as in a public port of the authors' Keras program, the blend "
        "as in the paper; long side 800 is inferred from the training crops",
        weights="a folder of this suite's; the authors' Keras file, trained on private portraits "
        "too, is not read",
        parameters=37_667_913,
        gmac_512=577.8,
    )
    memory_gb_per_megapixel = 6.4
    network_name = "late-fusion"
    build = late_fusion.LateFusion
    config_kind = late_fusion.LateFusionConfig
    longest = 800
