"""The parts that a training loss is made of, and the adversary.

To add a loss: write a function below, and a line in `LOSSES` that calls it with the network's
outputs (``given``) and the batch. It then has a column ``train_NAME`` in the log,
``--loss NAME=WEIGHT`` adds it to any recipe, and a recipe's `loss_weights` may name it.
`docs/training.md` lists the losses.

References
----------
Qiao et al., CVPR 2020, Eq. 2 to 5: L = λ₁·L_adv + λ₂·L_MSE + λ₃·L_SSIM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from hattmatting.samples.planes import Batch

# From the network's outputs by name (`Recipe.forward`) and the batch to a scalar.
Loss: TypeAlias = Callable[[Mapping[str, Tensor], Batch], Tensor]

# Wang et al. 2004, which the paper cites for SSIM without giving its window or constants.
SSIM_TAPS = 11
SSIM_SIGMA = 1.5
SSIM_C1 = 0.01**2
SSIM_C2 = 0.03**2


def mse_loss(alpha: Tensor, alpha_gt: Tensor) -> Tensor:
    """Return the mean squared difference over all pixels (Eq. 4)."""
    return F.mse_loss(alpha.float(), alpha_gt.float())


def l1_loss(alpha: Tensor, alpha_gt: Tensor) -> Tensor:
    """Return the mean absolute difference over all pixels."""
    return (alpha - alpha_gt).abs().mean()


def missed_loss(alpha: Tensor, alpha_gt: Tensor) -> Tensor:
    """Return the mean of what the matte lacks, max(0, truth − alpha), over all pixels.

    Away from its training data a network leaves out more than it takes in; beside L1 this works
    against that. Ours.
    """
    return (alpha_gt.float() - alpha.float()).clamp(min=0).mean()


def ssim_loss(alpha: Tensor, alpha_gt: Tensor) -> Tensor:
    """Return 1 − SSIM, the mean over all whole 11×11 Gaussian windows (Eq. 5).

    Parameters
    ----------
    alpha, alpha_gt
        B×1×H×W in [0, 1], at least 11 pixels high and wide.

    Returns
    -------
    Tensor
        A scalar; 0 for identical mattes.

    References
    ----------
    Wang et al., "Image quality assessment", 2004. Differs from the public re-implementations of
    HAttMatting in its sign: those add the similarity itself.
    """
    height, width = alpha.shape[-2:]
    if min(height, width) < SSIM_TAPS:
        raise ValueError(f"alpha is {height}x{width}; SSIM wants at least {SSIM_TAPS} pixels")
    with torch.autocast(alpha.device.type, enabled=False):
        p, g = alpha.float(), alpha_gt.float()
        rows, columns = (_window(size, p.device) for size in (height, width))
        # One dense product a side is several times faster on a CPU than 11-tap convolutions.
        mean_p, mean_g, pp, gg, pg = (
            rows @ maps @ columns.T for maps in (p, g, p * p, g * g, p * g)
        )
        covariance = pg - mean_p * mean_g
        variances = (pp - mean_p**2) + (gg - mean_g**2)
        similarity = ((2 * mean_p * mean_g + SSIM_C1) * (2 * covariance + SSIM_C2)) / (
            (mean_p**2 + mean_g**2 + SSIM_C1) * (variances + SSIM_C2)
        )
        return 1 - similarity.mean()


@lru_cache(maxsize=16)
def _window(size: int, device: torch.device) -> Tensor:
    """Return the banded (size − 10)×size matrix that applies the Gaussian window along a side."""
    offsets = torch.arange(SSIM_TAPS, dtype=torch.float64) - SSIM_TAPS // 2
    taps = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2))
    taps = (taps / taps.sum()).float()
    matrix = torch.zeros(size - SSIM_TAPS + 1, size)
    for row in range(matrix.shape[0]):
        matrix[row, row : row + SSIM_TAPS] = taps
    return matrix.to(device)


def generator_adversarial_loss(logits_fake: Tensor) -> Tensor:
    """Return the generator's side of Eq. 3 in its non-saturating form, −E[log D(I, G(I))]."""
    return F.binary_cross_entropy_with_logits(logits_fake.float(), torch.ones_like(logits_fake))


def discriminator_loss(logits_real: Tensor, logits_fake: Tensor) -> Tensor:
    """Return −E[log D(I, A) + log(1 − D(I, G(I)))] (Eq. 3), A being the true matte.

    The paper's text calls A the predicted matte, which would leave nothing to tell apart.
    """
    real = F.binary_cross_entropy_with_logits(logits_real.float(), torch.ones_like(logits_real))
    fake = F.binary_cross_entropy_with_logits(logits_fake.float(), torch.zeros_like(logits_fake))
    return real + fake


def unknown_loss(alpha: Tensor, batch: Batch) -> Tensor:
    """Return the mean absolute difference over the trimap's unknown region."""
    unknown = batch.unknown
    return ((alpha.float() - batch.alpha).abs() * unknown).sum() / unknown.sum().clamp(min=1)


LOSSES: dict[str, Loss] = {
    "mse": lambda given, batch: mse_loss(given["alpha"], batch.alpha),
    "ssim": lambda given, batch: ssim_loss(given["alpha"], batch.alpha),
    "l1": lambda given, batch: l1_loss(given["alpha"], batch.alpha),
    "missed": lambda given, batch: missed_loss(given["alpha"], batch.alpha),
    "unknown": lambda given, batch: unknown_loss(given["alpha"], batch),
}


def _image_and_matte(batch: Batch, alpha: Tensor) -> tuple[Tensor, ...]:
    return batch.image, alpha


@dataclass(frozen=True)
class Adversary:
    """A discriminator that a network is trained against, and how it is trained itself.

    Parameters
    ----------
    build
        Returns the discriminator: a network whose logits are high for a true matte.
    inputs
        Returns its arguments for a batch with a matte, the true one or the network's.
    generator_loss
        The network's loss, from the logits of its mattes; weighted by ``"adversarial"``.
    discriminator_loss
        The discriminator's own loss, from the logits of true and of predicted mattes.
    rate, betas
        Of the discriminator's Adam; the paper gives none, these are pix2pix's (Isola et al., CVPR
        2017).
    """

    build: Callable[[], nn.Module]
    inputs: Callable[[Batch, Tensor], tuple[Tensor, ...]] = _image_and_matte
    generator_loss: Callable[[Tensor], Tensor] = generator_adversarial_loss
    discriminator_loss: Callable[[Tensor, Tensor], Tensor] = discriminator_loss
    rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
