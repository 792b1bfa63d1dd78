"""Eq. 2 to 5: signs, zeros, directions, and SSIM against another program."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from hattmatting.recipes import HAttRecipe
from hattmatting.training import losses


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    alpha, alpha_gt = torch.rand(2, 2, 1, 24, 31, generator=generator)
    return alpha, alpha_gt


def test_identical_mattes_cost_nothing(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    alpha, _ = pair
    assert float(losses.ssim_loss(alpha, alpha)) == pytest.approx(0, abs=1e-6)
    assert float(losses.mse_loss(alpha, alpha)) == 0


def test_ssim_gradient_points_to_the_truth(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    alpha, alpha_gt = pair
    alpha = (0.7 * alpha_gt + 0.3 * alpha).requires_grad_()
    loss = losses.ssim_loss(alpha, alpha_gt)
    loss.backward()
    assert alpha.grad is not None
    step = alpha_gt - alpha.detach()
    assert float((-alpha.grad * step).sum()) > 0
    nearer = losses.ssim_loss(alpha.detach() + 0.1 * step, alpha_gt)
    assert float(nearer) < float(loss.detach())


def test_ssim_equals_its_definition(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    """Wang et al. 2004 written out with 2-D convolutions over whole windows, in float64."""
    alpha, alpha_gt = pair
    squares = (np.arange(11) - 5.0) ** 2
    window = np.exp(-(squares[:, None] + squares[None]) / (2 * 1.5**2))
    window /= window.sum()

    def mean(maps: np.ndarray) -> np.ndarray:
        return convolve2d(maps, window, mode="valid")

    values = []
    for p, g in zip(alpha[:, 0].double().numpy(), alpha_gt[:, 0].double().numpy(), strict=True):
        covariance = mean(p * g) - mean(p) * mean(g)
        variances = mean(p * p) - mean(p) ** 2 + mean(g * g) - mean(g) ** 2
        luminance = (2 * mean(p) * mean(g) + 1e-4) / (mean(p) ** 2 + mean(g) ** 2 + 1e-4)
        values.append(luminance * (2 * covariance + 9e-4) / (variances + 9e-4))
    expected = 1 - float(np.mean(values))
    assert float(losses.ssim_loss(alpha, alpha_gt)) == pytest.approx(expected, abs=1e-5)


def test_ssim_wants_room_for_its_window() -> None:
    with pytest.raises(ValueError, match="alpha is 10x40; SSIM wants at least 11 pixels"):
        losses.ssim_loss(torch.zeros(1, 1, 10, 40), torch.zeros(1, 1, 10, 40))


def test_mse_by_hand() -> None:
    alpha = torch.tensor([[[[0.0, 1.0], [0.5, 0.25]]]])
    assert float(losses.mse_loss(alpha, torch.zeros_like(alpha))) == pytest.approx(1.3125 / 4)


def test_adversarial_losses_by_hand() -> None:
    """At logit 0 each side of Eq. 3 is log 2; a confident right judge pays nothing."""
    zero, sure = torch.zeros(1, 1, 2, 2), torch.full((1, 1, 2, 2), 30.0)
    log2 = 0.6931472
    assert float(losses.generator_adversarial_loss(zero)) == pytest.approx(log2)
    assert float(losses.discriminator_loss(zero, zero)) == pytest.approx(2 * log2)
    assert float(losses.discriminator_loss(sure, -sure)) == pytest.approx(0, abs=1e-6)
    assert float(losses.generator_adversarial_loss(sure)) == pytest.approx(0, abs=1e-6)


def test_weights_by_epoch() -> None:
    """§3.4 of the paper: λ₃ falls after the first epoch."""
    first, second, last = (HAttRecipe().loss_weights(0.0, epoch) for epoch in (0, 1, 19))
    assert first == {"adversarial": 0.05, "mse": 1.0, "ssim": 0.1, "l1": 0.0}
    assert second == last == first | {"ssim": 0.025}


def test_what_is_missed() -> None:
    alpha = torch.tensor([[[[0.5, 0.5, 0.2, 1.0]]]])
    truth = torch.tensor([[[[1.0, 0.0, 0.2, 1.0]]]])
    assert losses.missed_loss(alpha, truth).item() == pytest.approx(0.125)
