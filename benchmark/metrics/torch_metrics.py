"""The metrics for training loops: torchmetrics objects that average over images and processes."""

from __future__ import annotations

from typing import Any

import torch
from torchmetrics import Metric

from benchmark.metrics import batched
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
        stacked = torch.stack([values[name] for name in self.metrics])
        self.total += stacked.nansum(dim=1)
        self.images += stacked.isfinite().sum(dim=1)

    def compute(self) -> dict[str, torch.Tensor]:
        """Return the mean of each metric over all images so far; NaN where there were none."""
        means = self.total / self.images
        return dict(zip(self.metrics, means, strict=True))
