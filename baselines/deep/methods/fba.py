"""FBA matting as a method; loaded only, no checkpoint of this suite's.

References
----------
Forte, Pitié, "F, B, alpha matting", 2020, arXiv:2003.07711.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from baselines.deep.fitting import Fit, Matte, Picture, resize
from baselines.deep.layouts import ADOBE, ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import fba
from distinctions646.images.opencv import load_cv2
from hattmatting.inference.cost import count_gmac

SCALES = (0.02, 0.08, 0.16)  # of the distance maps' Gaussians, over CLICK_SIDE pixels
CLICK_SIDE = 320
STANDARD_EPSILON = 1e-5  # added to a filter's variance


def standardise(tensors: Tensors) -> Tensors:
    """Return tensors with each filter's mean 0 and variance 1, as weight standardisation has it.

    The released program does it in place, once, when the network is put into evaluation; the four
    convolutions of the last step are plain.
    """
    return {
        name: _standardised(tensor.float())
        if tensor.ndim == 4 and not name.startswith("decoder.conv_up4.")
        else tensor
        for name, tensor in tensors.items()
    }


def _standardised(weight: Tensor) -> Tensor:
    filters = weight.flatten(1)
    variance, mean = torch.var_mean(filters, 1, correction=0, keepdim=True)
    return ((filters - mean) / (variance + STANDARD_EPSILON).sqrt()).view_as(weight)


def trimap_channels(two: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the network's eight channels of a trimap.

    Parameters
    ----------
    two
        float32 H×W×2: known background, known foreground, 1 where known.

    Returns
    -------
    ndarray
        float32 H×W×8: exp(−d² / 2(320·s)²) of the distance d to the background for three s, the
        same to the foreground, then the two given. Without a known pixel a class's maps are 0.
    """
    maps = np.zeros((*two.shape[:2], 6), np.float32)
    for place in range(2):
        known = two[..., place]
        if not known.any():
            continue
        # OpenCV measures to zeros; like the program, partly known pixels (Lanczos) are not zeros
        away = ((1 - known) * 255).astype(np.uint8)
        squared = load_cv2().distanceTransform(away, load_cv2().DIST_L2, 0) ** 2
        for scale, sigma in enumerate(SCALES):
            maps[..., 3 * place + scale] = np.exp(-squared / (2 * (sigma * CLICK_SIDE) ** 2))
    return np.concatenate((maps, two), 2)


LAYOUTS = (
    Layout(
        "MarcoForte/FBA_Matting",
        marker="decoder.conv_up4.4.weight",
        configure=lambda tensors: fba.FbaConfig(),
        convert=standardise,
        licence="program MIT; weights non-commercial (Adobe's data)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
    ),
)


class Fba(NetworkMethod):
    """FBA matting; its foreground and background are not kept."""

    name = "fba"
    card = network_card(
        paper="Forte, Pitié 2020, arXiv:2003.07711",
        year=2020,
        fidelity="faithful",
        implementation="ours: faithful to the released program, weight standardisation folded into "
        "the weights",
        weights="FBA.pth of MarcoForte/FBA_Matting",
        parameters=34_693_031,
        gmac_512=170.8,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 1.9
    network_name = "fba"
    build = fba.Fba
    config_kind = fba.FbaConfig
    layouts = LAYOUTS
    fits: ClassVar[Mapping[str, Fit]] = {"pad": Fit("up", 8, "lanczos", "lanczos", "lanczos")}

    def whole(self, image: Picture, trimap: Picture | None) -> Matte:
        """Return alpha, float32 H×W; image and trimap are resized as numbers, not as bytes."""
        if trimap is None:
            raise ValueError("fba needs a trimap; got None")
        height, width = image.shape[:2]
        size = self.fit.size(height, width)
        colours = resize(image.astype(np.float32) / 255, size, "lanczos")
        two = np.stack((trimap == 0, trimap == 255), 2).astype(np.float32)
        channels = trimap_channels(resize(two, size, "lanczos"))
        alpha = self.forward(self._planes(colours), self._planes(channels))
        return self.fit.restore(alpha, height, width)

    def _planes(self, picture: npt.NDArray[Any]) -> Tensor:
        device = next(self.network.parameters()).device
        return torch.from_numpy(picture).to(device).permute(2, 0, 1)[None].float()

    @classmethod
    def measure(cls, config: fba.FbaConfig, side: int = 512) -> float:
        """Return 10⁹ multiply-adds of a configuration for side×side pixels."""
        with torch.device("meta"):
            channels = torch.zeros(1, fba.TRIMAP_CHANNELS, side, side)
            return count_gmac(cls.build(config), torch.zeros(1, 3, side, side), channels)
