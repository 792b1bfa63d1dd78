"""Patches of feature maps, which contextual attention compares and carries over.

References
----------
Yu, Lin, Yang, Shen, Lu, Huang, "Generative image inpainting with contextual attention", CVPR 2018.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

QUERIES = 2048  # patches that look at all others at a time, which bounds the memory
NORM_FLOOR = 1e-4  # of a patch's length


def extract_patches(features: Tensor, kernel: int, stride: int) -> Tensor:
    """Return B×N×(C·kernel²), the patches of a B×C×h×w map mirrored at its border."""
    padded = F.pad(features, (1, 1, 1, 1), mode="reflect")
    return F.unfold(padded, kernel, stride=stride).transpose(1, 2)


def unit_patches(patches: Tensor) -> Tensor:
    """Return patches of length 1, B×N×K."""
    lengths: Tensor = patches.norm(dim=2, keepdim=True)
    return patches / lengths.clamp(min=NORM_FLOOR)


def spread_patches(patches: Tensor, height: int, width: int) -> Tensor:
    """Return B×C×h×w, the mean of 4×4 patches that were extracted with stride 2."""
    return F.fold(patches.transpose(1, 2), (height, width), 4, padding=1, stride=2) / 4
