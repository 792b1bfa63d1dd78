"""DCNN matting: a shallow network that corrects two classical mattes.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016. Kernel
sizes agree with the paper's figure; the number of 1×1 convolutions is drawn there; the padding is
ours, the paper predicts patches.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

KERNELS = (9, 1, 1, 1, 1, 5)


@dataclass(frozen=True)
class DcnnConfig:
    """Shape of the network; the defaults are the paper's.

    Attributes
    ----------
    width
        Channels of the first four convolutions; the fifth has half.
    """

    width: int = 64


PRESETS = {"paper": DcnnConfig(), "small": DcnnConfig()}  # it is small enough for a CPU


class Dcnn(nn.Module):
    """The network; its second input is two mattes, not a trimap.

    Examples
    --------
    >>> network = Dcnn(PRESETS["paper"]).eval()
    >>> tuple(network(torch.zeros(1, 3, 9, 11), torch.zeros(1, 2, 9, 11))["alpha"].shape)
    (1, 1, 9, 11)
    """

    multiple = 1

    def __init__(self, config: DcnnConfig) -> None:
        super().__init__()
        self.config = config
        widths = (5, *(config.width,) * 4, config.width // 2, 1)
        for place, kernel in enumerate(KERNELS):
            conv = nn.Conv2d(widths[place], widths[place + 1], kernel, padding=kernel // 2)
            self.add_module(f"conv{place + 1}", conv)

    def forward(self, image: Tensor, mattes: Tensor) -> dict[str, Tensor]:
        """Return ``alpha``, B×1×H×W, unbounded.

        Parameters
        ----------
        image
            B×3×H×W in [0, 1].
        mattes
            B×2×H×W in [0, 1]: closed-form and KNN.
        """
        features = 2 * torch.cat((mattes, image), 1) - 1
        for place in range(1, len(KERNELS)):
            features = F.relu(self.get_submodule(f"conv{place}")(features))
        return {"alpha": self.get_submodule(f"conv{len(KERNELS)}")(features)}
