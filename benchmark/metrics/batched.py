"""The metrics of a batch of mattes as torch tensors, on any device.

Same names, rules and numbers as the functions of `benchmark.metrics`: SAD, MSE, MAD and Conn are
equal, Grad within 1e-9 relative. All but Conn is computed where the tensors are. Conn's search
for components has no parallel form worth its memory traffic, so its 8-bit mattes go to the host,
where the images of a batch are searched by as many threads.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import torch
from torch.nn import functional

from benchmark.metrics.evaluate import NAMES, STANDARD
from benchmark.metrics.pairs import Region
from benchmark.metrics.registry import UNKNOWN


class _Batch(NamedTuple):
    """Checked mattes: uint8, B x H x W, and a bool mask of the region or None for everything."""

    alpha: torch.Tensor
    alpha_gt: torch.Tensor
    trimap: torch.Tensor | None
    unknown: torch.Tensor | None

    def summed(self, per_pixel: torch.Tensor) -> torch.Tensor:
        """Sum over the region of each image."""
        if self.unknown is not None:
            per_pixel = per_pixel * self.unknown
        return per_pixel.sum(dim=(1, 2))

    def pixels(self) -> torch.Tensor | int:
        """Count the pixels of the region of each image."""
        if self.unknown is None:
            return self.alpha[0].numel()
        return self.unknown.sum(dim=(1, 2))


def sad(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> torch.Tensor:
    """Compute SAD per image; see `evaluate` for the arguments."""
    return evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, metrics=("sad",)
    )["sad"]


def mse(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> torch.Tensor:
    """Compute MSE per image, NaN over an empty region; see `evaluate` for the arguments."""
    return evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, metrics=("mse",)
    )["mse"]


def mad(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> torch.Tensor:
    """Compute MAD per image, NaN over an empty region; see `evaluate` for the arguments."""
    return evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, metrics=("mad",)
    )["mad"]


def grad(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> torch.Tensor:
    """Compute Grad per image; see `evaluate` for the arguments."""
    return evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, metrics=("grad",)
    )["grad"]


def conn(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
) -> torch.Tensor:
    """Compute Conn per image; see `evaluate` for the arguments."""
    return evaluate(
        alpha, alpha_gt, trimap, region=region, fill_known=fill_known, metrics=("conn",)
    )["conn"]


def evaluate(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None = None,
    *,
    region: Region = "whole",
    fill_known: bool = False,
    metrics: tuple[str, ...] = STANDARD,
) -> dict[str, torch.Tensor]:
    """Compute several metrics of each image of a batch.

    Parameters
    ----------
    alpha, alpha_gt
        Predicted and true mattes, B x H x W: uint8, or floating point in [0, 1], which is rounded
        to 8 bits.
    trimap
        Uint8, B x H x W; unknown is 128 exactly.
    region
        ``"whole"`` or ``"unknown"``.
    fill_known
        Set alpha to 0 where the trimap is 0 and to 1 where it is 255 first.
    metrics
        Which of ``sad``, ``mse``, ``grad``, ``conn``, ``mad``.

    Returns
    -------
    dict
        For each metric a float64 tensor of B numbers on the device of `alpha`.

    Raises
    ------
    ValueError
        For tensors of another dtype, range, shape or device, a missing trimap or an unknown metric.

    Examples
    --------
    >>> black, white = torch.zeros(2, 3, 4), torch.ones(2, 3, 4)
    >>> evaluate(black, white, metrics=("sad", "conn"))["conn"].tolist()
    [0.012, 0.012]
    """
    for name in metrics:
        if name not in NAMES:
            raise ValueError(f"there is no metric {name!r}; expected one of {', '.join(NAMES)}")
    batch = _prepare(alpha, alpha_gt, trimap, region, fill_known)
    computed = {"sad": _sad, "mse": _mse, "mad": _mad, "grad": _grad, "conn": _conn}
    return {name: computed[name](batch) for name in metrics}


def _prepare(
    alpha: torch.Tensor,
    alpha_gt: torch.Tensor,
    trimap: torch.Tensor | None,
    region: Region,
    fill_known: bool,
) -> _Batch:
    if region not in ("whole", "unknown"):
        raise ValueError(f'region is {region!r}; expected "whole" or "unknown"')
    if trimap is None and (region == "unknown" or fill_known):
        wanted = "fill_known" if fill_known else 'region "unknown"'
        raise ValueError(f"{wanted} needs a trimap, none was given")
    rounded = _rounded(alpha, "alpha", alpha), _rounded(alpha_gt, "alpha_gt", alpha)
    if trimap is None:
        return _Batch(*rounded, None, None)
    if trimap.dtype != torch.uint8:
        raise ValueError(f"trimap has dtype {trimap.dtype}; expected torch.uint8")
    _check_place(trimap, "trimap", alpha)
    prediction, truth = rounded
    if fill_known:
        prediction = prediction.masked_fill(trimap == 0, 0).masked_fill(trimap == 255, 255)
    if region == "whole":
        return _Batch(prediction, truth, None, None)
    return _Batch(prediction, truth, trimap, trimap == UNKNOWN)


def _rounded(alpha: torch.Tensor, name: str, like: torch.Tensor) -> torch.Tensor:
    if alpha.dtype != torch.uint8 and not alpha.dtype.is_floating_point:
        raise ValueError(f"{name} has dtype {alpha.dtype}; expected torch.uint8 or floating point")
    if alpha.dim() != 3 or alpha.numel() == 0:
        raise ValueError(f"{name} has shape {tuple(alpha.shape)}; expected (batch, height, width)")
    _check_place(alpha, name, like)
    alpha = alpha.detach()
    if alpha.dtype == torch.uint8:
        return alpha
    low, high = (float(end) for end in torch.aminmax(alpha))
    if not (low >= 0 and high <= 1):  # also where an end is NaN
        raise ValueError(f"{name} has values from {low:g} to {high:g}; expected 0 to 1")
    return (alpha.double() * 255 + 0.5).to(torch.uint8)


def _check_place(array: torch.Tensor, name: str, alpha: torch.Tensor) -> None:
    if array.shape != alpha.shape or array.device != alpha.device:
        raise ValueError(
            f"{name} has shape {tuple(array.shape)} on {array.device}; "
            f"expected {tuple(alpha.shape)} on {alpha.device}, as alpha has"
        )


def _steps(batch: _Batch) -> torch.Tensor:
    return batch.alpha.int() - batch.alpha_gt.int()


def _sad(batch: _Batch) -> torch.Tensor:
    return batch.summed(_steps(batch).abs()).double() / 255_000


def _mse(batch: _Batch) -> torch.Tensor:
    return batch.summed(_steps(batch).square()).double() / (batch.pixels() * 65025)


def _mad(batch: _Batch) -> torch.Tensor:
    return batch.summed(_steps(batch).abs()).double() / (batch.pixels() * 255)


def _grad(batch: _Batch) -> torch.Tensor:
    difference = _magnitude(batch.alpha) - _magnitude(batch.alpha_gt)
    return batch.summed(difference.square()) / 1000


def _magnitude(alpha: torch.Tensor) -> torch.Tensor:
    """Return the gradient magnitude of mattes scaled by their own range, float64."""
    from benchmark.metrics.kernels.taps import DERIVATIVE, RADIUS, SMOOTH

    smooth = torch.as_tensor(SMOOTH, device=alpha.device).view(1, 1, 1, -1)
    derivative = torch.as_tensor(DERIVATIVE, device=alpha.device).view(1, 1, 1, -1)
    padded = functional.pad(alpha.double()[:, None], [RADIUS] * 4, mode="replicate")
    across = functional.conv2d(functional.conv2d(padded, smooth.mT), derivative)
    down = functional.conv2d(functional.conv2d(padded, derivative.mT), smooth)
    span = (alpha.amax(dim=(1, 2)).double() - alpha.amin(dim=(1, 2)).double())[:, None, None]
    magnitude = torch.hypot(across, down)[:, 0]
    return torch.where(span > 0, magnitude / span, 0.0)


def _conn(batch: _Batch) -> torch.Tensor:
    from benchmark.metrics.conn import conn_of_pair
    from benchmark.metrics.pairs import prepare_pair

    count = batch.alpha.shape[0]
    tensors = [_on_host(t) for t in (batch.alpha, batch.alpha_gt, batch.trimap) if t is not None]
    region: Region = "whole" if batch.trimap is None else "unknown"

    def conn_of_image(index: int) -> float:
        arrays = [tensor[index].numpy() for tensor in tensors]
        return conn_of_pair(prepare_pair(*arrays, region=region))

    with ThreadPoolExecutor(min(count, os.cpu_count() or 1)) as pool:  # the kernels drop the GIL
        values = list(pool.map(conn_of_image, range(count)))
    return torch.tensor(values, dtype=torch.float64, device=batch.alpha.device)


def _on_host(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.device.type != "cuda":
        return tensor.cpu()
    pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return pinned.copy_(tensor)  # waits: the threads read it at once
