"""HAttMatting and its ablations as methods of the benchmark."""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from hattmatting.model.ablations import FULL, ROWS

if TYPE_CHECKING:
    from hattmatting.model.network import HAttMatting

# Of the checkpoints that ship: licence of the weights, and what they were trained on.
SHIPPED = {
    "hatt-mini": ("MIT", "synthetic foregrounds of the suite only"),
    "hatt-lite": (
        "Apache-2.0",
        "ImageNet-1k (encoder); synthetic foregrounds over photographs without a subject",
    ),
}
# 10⁹ multiply-adds at 512×512 of the checkpoints that ship; a test counts them. Counting imports
# torch's compiler, which takes longer than loading the network.
GMAC_512 = {"hatt-mini": 15.3, "hatt-lite": 5.5}
COMMON = {  # to the cards of all
    "paper": "Qiao et al. 2020, doi:10.1109/CVPR42600.2020.01369",
    "year": "2020",
    "fidelity": "inferred",
    "implementation": "ours: docs/fidelity.md has what the paper says and what is inferred",
}
_NONE_SHIP = {
    **COMMON,
    "licence": "of the checkpoint",
    "weights": "none ship; --weights takes a folder that python -m hattmatting.ablate made",
    "trained_on": "of the checkpoint",
}


class Hatt:
    """The full network; it takes no trimap.

    Parameters
    ----------
    weights
        A checkpoint folder, the name of one that ships, or ``OWNER/NAME`` of the Hub.
    device
        ``"cpu"``, ``"cuda"``, …

    Raises
    ------
    ValueError
        If there is no such checkpoint or device, or the checkpoint's network lacks a part, or has
        one more, than the method's name says.
    """

    name: ClassVar[str] = FULL
    default: ClassVar[str | None] = "hatt-lite"
    needs_trimap = False

    def __init__(self, weights: str | None = None, device: str = "cpu") -> None:
        weights = weights or self.default
        if weights is None:
            raise ValueError(
                f"{self.name}: no checkpoint of it ships; expected weights, "
                "a folder that python -m hattmatting.ablate made"
            )
        from hattmatting.inference.cost import count_parameters
        from hattmatting.inference.device import find_device
        from hattmatting.inference.fusing import fuse
        from hattmatting.model.config import describe_inference
        from hattmatting.model.network import HAttMatting
        from hattmatting.model.pretrained import CHECKPOINTS, find_checkpoint

        folder = find_checkpoint(weights)
        model = HAttMatting.from_pretrained(folder).to(find_device(device))
        row = ROWS[self.name]
        if not row.describes(model.config):
            parts = ("low_level", "channel_attention", "spatial_attention")
            has = ", ".join(f"{part} {getattr(model.config, part)}" for part in parts)
            raise ValueError(f"{weights}: is another network than {self.name} ({row.label}): {has}")
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        shipped = SHIPPED if folder.parent == CHECKPOINTS else {}
        licence, trained_on = shipped.get(folder.name, ("MIT", "not stated"))
        self.card = {
            **COMMON,
            "parameters": f"{count_parameters(model):,}",
            "gmac_512": f"{_gmac_512(folder, model):.1f}",
            "licence": licence,
            "weights": f"{folder.name} sha256:{digest[:16]}",
            "inference": describe_inference(model.config),
            "trained_on": trained_on,
        }
        self.model = fuse(model)

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha float32 H×W and notes: the long side it was predicted at, if resized."""
        from hattmatting.inference.predicting import predict, working_side

        side = working_side(self.model, (image.shape[0], image.shape[1]), "trained")
        return predict(self.model, image), {} if side is None else {"resized_long_side": side}


def _gmac_512(folder: Path, model: HAttMatting) -> float:
    from hattmatting.model.pretrained import CHECKPOINTS

    known = GMAC_512.get(folder.name) if folder.parent == CHECKPOINTS else None
    return count_gmac_512(model) if known is None else known


def count_gmac_512(model: HAttMatting) -> float:
    """Return 10⁹ multiply-adds of one forward pass at 512×512 pixels."""
    import torch

    from hattmatting.inference.cost import count_gmac

    with torch.device("meta"):
        return count_gmac(copy.deepcopy(model).to("meta"), torch.zeros(1, 3, 512, 512))


class HattBasic(Hatt):
    """Pyramidal features only."""

    name = "hatt-basic"
    default = None
    card = _NONE_SHIP


class HattBasicSsim(Hatt):
    """Pyramidal features only, trained with L_SSIM."""

    name = "hatt-basic-ssim"
    default = None
    card = _NONE_SHIP


class HattBasicLow(Hatt):
    """The appearance cues unfiltered beside the pyramidal features."""

    name = "hatt-basic-low"
    default = None
    card = _NONE_SHIP


class HattBasicCa(Hatt):
    """Channel attention over the pyramidal features."""

    name = "hatt-basic-ca"
    default = None
    card = _NONE_SHIP


class HattBasicLowCa(Hatt):
    """Channel attention, and the cues unfiltered."""

    name = "hatt-basic-low-ca"
    default = None
    card = _NONE_SHIP


class HattBasicLowSa(Hatt):
    """The cues filtered by spatial attention."""

    name = "hatt-basic-low-sa"
    default = None
    card = _NONE_SHIP


class HattBasicLowCaSa(Hatt):
    """The full network, trained without L_SSIM."""

    name = "hatt-basic-low-ca-sa"
    default = None
    card = _NONE_SHIP
