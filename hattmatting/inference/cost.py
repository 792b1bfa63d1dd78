"""Parameters and multiply-adds of a network, counted without allocating it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def count_parameters(network: nn.Module) -> int:
    """Return the number of learned numbers; running statistics do not count."""
    return sum(each.numel() for each in network.parameters())


def count_gmac(network: nn.Module, *inputs: Tensor) -> float:
    """Return 10⁹ multiply-adds of one forward pass: convolutions, linear layers, products.

    Parameters
    ----------
    network, inputs
        On the meta device, where nothing is computed.

    Notes
    -----
    Hooks count modules; matrix products outside of modules (attention) are counted by the network
    itself, through its ``extra_gmac(height, width)`` if it has one.
    """
    total = 0

    def count(module: Any, _: Any, output: Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.ConvTranspose2d):
            return
        taps = module.weight[0].numel()
        total += output.numel() * taps

    def count_transposed(module: Any, inputs: tuple[Tensor, ...], _: Any) -> None:
        nonlocal total
        total += inputs[0].numel() * module.weight[0].numel()

    hooks = [
        module.register_forward_hook(
            count_transposed if isinstance(module, nn.ConvTranspose2d) else count
        )
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)
    ]
    try:
        with torch.inference_mode():
            network.eval()(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    extra = getattr(network, "extra_gmac", None)
    height, width = inputs[0].shape[-2:]
    return total / 1e9 + (extra(height, width) if extra else 0.0)
