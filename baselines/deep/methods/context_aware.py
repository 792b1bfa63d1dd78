"""Context-Aware matting as a method.

References
----------
Hou, Liu, "Context-aware image matting for simultaneous foreground and alpha estimation", ICCV 2019.
"""

from __future__ import annotations

from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import context_aware


class ContextAware(NetworkMethod):
    """Context-Aware matting; both encoders see the whole picture, as in the program's test."""

    name = "context-aware"
    card = network_card(
        paper="Hou, Liu 2019, doi:10.1109/ICCV.2019.00423",
        year=2019,
        fidelity="inferred",
        implementation="ours: encoders, pyramids and steps as in the released TensorFlow program; "
        "which of the decoders' convolutions are separable is inferred",
        weights="a folder of this suite's; the authors' TensorFlow 1 checkpoints are not read",
        parameters=108_001_884,
        gmac_512=1007.0,
    )
    memory_gb_per_megapixel = 3.5
    network_name = "context-aware"
    build = context_aware.ContextAware
    config_kind = context_aware.ContextAwareConfig
    largest_pixels = 3 << 18  # 2048 channels at stride 4
