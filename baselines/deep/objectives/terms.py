"""Loss terms that several papers share.

All take B×C×H×W tensors in [0, 1] and return a scalar. A mask is B×1×H×W of 0 and 1.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

EPSILON = 1e-6  # Xu et al. 2017: of the differentiable absolute value
BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)  # taps of the Laplacian pyramid, Burt and Adelson 1983
GRADIENT_SIGMA = 1.4  # pixels, of the gradient metric of Rhemann et al. 2009


def charbonnier(difference: Tensor, epsilon: float = EPSILON) -> Tensor:
    """Return √(d² + ε²), element by element."""
    return (difference**2 + epsilon**2).sqrt()


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the sum inside of the mask over the mask's pixels plus one.

    The one keeps an empty mask from dividing by 0 (huochaitiantang/pytorch-deep-image-matting).
    """
    return (values * mask).sum() / (mask.sum() + 1)


def masked_mean_by_image(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over images of each one's masked mean (poppinace/indexnet_matting)."""
    sums = (values * mask).flatten(1).sum(1)
    return (sums / mask.flatten(1).sum(1).clamp(min=1)).mean()


def compose(alpha: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
    """Return αF + (1 − α)B."""
    return alpha * foreground + (1 - alpha) * background


def gradient_difference(alpha: Tensor, alpha_gt: Tensor, mask: Tensor) -> Tensor:
    """Return the mean absolute difference of Gaussian derivatives, σ = 1.4, over the mask."""
    total = alpha.new_zeros(())
    for taps in _derivative_taps(alpha):
        total = total + F.conv2d(alpha - alpha_gt, taps, padding=taps.shape[-1] // 2).abs().mul(
            mask
        ).sum() / (mask.sum() + 1)
    return total


def _derivative_taps(like: Tensor) -> tuple[Tensor, Tensor]:
    radius = math.ceil(3 * GRADIENT_SIGMA)
    offsets = torch.arange(-radius, radius + 1, device=like.device, dtype=like.dtype)
    gauss = torch.exp(-(offsets**2) / (2 * GRADIENT_SIGMA**2))
    slope = -offsets * gauss
    horizontal = gauss[:, None] * slope[None]
    horizontal = (horizontal / horizontal.norm())[None, None]
    return horizontal, horizontal.transpose(2, 3)


def forward_difference(alpha: Tensor, alpha_gt: Tensor, epsilon: float = 1e-7) -> Tensor:
    """Return the mean of √(d² + ε), d the difference of forward differences along both sides."""
    error = alpha - alpha_gt
    rows = error[..., 1:, :] - error[..., :-1, :]
    columns = error[..., 1:] - error[..., :-1]
    return (rows**2 + epsilon).sqrt().mean() + (columns**2 + epsilon).sqrt().mean()


def laplacian_difference(alpha: Tensor, alpha_gt: Tensor, levels: int = 5) -> Tensor:
    """Return Σᵢ 2^(i−1)·mean|Lᵢ(α) − Lᵢ(α_gt)| over a Laplacian pyramid.

    Parameters
    ----------
    alpha, alpha_gt
        B×1×H×W, sides of at least 2^levels pixels.
    levels
        5 in Hou and Liu, ICCV 2019, who follow Niklaus and Liu, CVPR 2018.
    """
    error = alpha - alpha_gt
    total = alpha.new_zeros(())
    for level in range(levels):
        smaller = _blur(error)[..., ::2, ::2]
        larger = F.interpolate(smaller, error.shape[-2:], mode="bilinear", align_corners=False)
        total = total + 2**level * (error - larger).abs().mean()
        error = smaller
    return total


def _blur(values: Tensor) -> Tensor:
    taps = values.new_tensor(BINOMIAL) / sum(BINOMIAL)
    kernel = (taps[:, None] * taps[None])[None, None]
    return F.conv2d(F.pad(values, (2, 2, 2, 2), mode="reflect"), kernel)
