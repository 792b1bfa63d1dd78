"""The metrics for training loops: torchmetrics objects that average over images and processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import Module
from torchmetrics import Metric

from benchmark.metrics import batched
from benchmark.metrics.batched import has_float64
from benchmark.metrics.pairs import Region
from benchmark.metrics.registry import STANDARD, metric_id


class MattingMetrics(Metric):
    """Average SAD, MSE, Grad and Conn over images, as tables do: one number an image, plain mean.

    Only sums and counts are kept, so several processes (DDP) give what one would.

    Parameters
    ----------
    metrics
        Names from the table of metrics: ``sad``, ``mse``, ``grad``, ``conn``, ``mad``.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    **options
        Passed on to `torchmetrics.Metric`.

    Examples
    --------
    >>> metric = MattingMetrics(("sad", "mse"))
    >>> metric.update(torch.zeros(2, 3, 4), torch.ones(2, 3, 4))
    >>> {name: float(value) for name, value in metric.compute().items()}
    {'sad': 0.012, 'mse': 1.0}
    """

    higher_is_better = False
    is_differentiable = False
    full_state_update = False
    total: torch.Tensor
    images: torch.Tensor

    def __init__(
        self,
        metrics: tuple[str, ...] = STANDARD,
        *,
        region: Region = "whole",
        fill_known: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.metrics = tuple(metrics)
        self.ids = {name: metric_id(name, region) for name in self.metrics}
        self.region: Region = region
        self.fill_known = fill_known
        count = len(self.metrics)
        self.add_state("total", torch.zeros(count, dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("images", torch.zeros(count, dtype=torch.int64), dist_reduce_fx="sum")

    def update(
        self, alpha: torch.Tensor, alpha_gt: torch.Tensor, trimap: torch.Tensor | None = None
    ) -> None:
        """Add a batch; tensors as `benchmark.metrics.batched.evaluate` takes them.

        An image without a pixel in the region counts for SAD, Grad and Conn with 0 and does not
        count for MSE and MAD, which are undefined there.
        """
        values = batched.evaluate(
            alpha,
            alpha_gt,
            trimap,
            region=self.region,
            fill_known=self.fill_known,
            metrics=self.metrics,
        )
        stacked = torch.stack([values[name] for name in self.metrics]).to(self.total.device)
        self.total += stacked.nansum(dim=1)
        self.images += stacked.isfinite().sum(dim=1)

    def set_dtype(self, dst_type: str | torch.dtype) -> MattingMetrics:
        """Return the metric as it is: sums stay float64, as thousands of images add up in them."""
        return self

    def _apply(self, fn: Callable[..., Any], exclude_state: Sequence[str] = "") -> Module:
        """Move the sums with the module, but not to a device without float64."""
        if exclude_state == "" and not _moves_float64(fn):
            exclude_state = ("total", "images")
        return super()._apply(fn, exclude_state)

    def compute(self) -> dict[str, torch.Tensor]:
        """Return the mean of each metric over all images so far; NaN where there were none."""
        means = self.total / self.images
        return dict(zip(self.metrics, means, strict=True))


def _moves_float64(fn: Callable[..., Any]) -> bool:
    try:
        moved = fn(torch.zeros(1, dtype=torch.float64))
    except TypeError:  # so says a device that has no float64
        return False
    return isinstance(moved, torch.Tensor) and has_float64(moved.device)
