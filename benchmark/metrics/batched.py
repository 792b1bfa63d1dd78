"""The metrics of a batch of mattes as torch tensors, on any device.

Same names, rules and numbers as the functions of `benchmark.metrics`: SAD, MSE, MAD and Conn are
equal, Grad within 1e-9 relative. SAD, MSE, MAD and Grad are computed where the tensors are, or on
the CPU where their device has no float64, as MPS has none. Conn's
search for components has no parallel form worth its memory traffic, so its 8-bit mattes go to the
host, where as many threads take an image each. A metric without a tensor form in `_ON_DEVICE` is
also computed that way.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from benchmark.metrics.pairs import Region, prepare_pair
from benchmark.metrics.registry import BY_NAME, STANDARD, UNKNOWN, check_names


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


def __getattr__(name: str) -> Callable[..., torch.Tensor]:
    """Return a metric by its name: ``batched.sad(alpha, alpha_gt)`` has one number per image."""
    if name not in BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def metric(
        alpha: torch.Tensor,
        alpha_gt: torch.Tensor,
        trimap: torch.Tensor | None = None,
        *,
        region: Region = "whole",
        fill_known: bool = False,
    ) -> torch.Tensor:
        """Compute one metric per image; see `evaluate` for the arguments."""
        conditions: dict[str, Any] = {"region": region, "fill_known": fill_known}
        return evaluate(alpha, alpha_gt, trimap, **conditions, metrics=(name,))[name]

    metric.__name__ = name
    return metric


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
        Names from the table of metrics: ``sad``, ``mse``, ``grad``, ``conn``, ``mad``.

    Returns
    -------
    dict
        For each metric a float64 tensor of B numbers, on the device of `alpha` if it has float64.

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
    check_names(metrics)
    _check_types(alpha=alpha, alpha_gt=alpha_gt, trimap=trimap)
    if not has_float64(alpha.device):
        alpha, alpha_gt = alpha.cpu(), alpha_gt.cpu()
        trimap = None if trimap is None else trimap.cpu()
    batch = _prepare(alpha, alpha_gt, trimap, region, fill_known)
    return {
        name: _ON_DEVICE[name](batch) if name in _ON_DEVICE else _on_host(batch, name)
        for name in metrics
    }


def _check_types(**arrays: object) -> None:
    for name, array in arrays.items():
        if not isinstance(array, torch.Tensor | None):
            kind = f"{type(array).__module__}.{type(array).__name__}"
            raise ValueError(f"{name} is a {kind}; expected a torch.Tensor")


def has_float64(device: torch.device) -> bool:
    """Return whether a device computes in double precision."""
    return device.type not in _SINGLE_PRECISION


_SINGLE_PRECISION = ("mps",)


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
    _check_shape_and_device(trimap, "trimap", alpha)
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
    _check_shape_and_device(alpha, name, like)
    alpha = alpha.detach()
    if alpha.dtype == torch.uint8:
        return alpha
    low, high = (float(end) for end in torch.aminmax(alpha))
    if not (low >= 0 and high <= 1):  # also where an end is NaN
        ends = " to ".join(str(end).removesuffix(".0") for end in (low, high))
        raise ValueError(f"{name} has values from {ends}; expected 0 to 1")
    return (alpha.double() * 255 + 0.5).to(torch.uint8)


def _check_shape_and_device(array: torch.Tensor, name: str, alpha: torch.Tensor) -> None:
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


_ON_DEVICE: dict[str, Callable[[_Batch], torch.Tensor]] = {
    "sad": _sad,
    "mse": _mse,
    "mad": _mad,
    "grad": _grad,
}


def _on_host(batch: _Batch, name: str) -> torch.Tensor:
    """Compute a metric image by image in threads; the compiled loops release the GIL."""
    compute = BY_NAME[name].load()
    count = batch.alpha.shape[0]
    tensors = [_to_host(t) for t in (batch.alpha, batch.alpha_gt, batch.trimap) if t is not None]
    region: Region = "whole" if batch.trimap is None else "unknown"

    def compute_image(index: int) -> float:
        arrays = [tensor[index].numpy() for tensor in tensors]
        return compute(prepare_pair(*arrays, region=region))

    with ThreadPoolExecutor(min(count, os.cpu_count() or 1)) as pool:
        values = list(pool.map(compute_image, range(count)))
    return torch.tensor(values, dtype=torch.float64, device=batch.alpha.device)


def _to_host(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.device.type != "cuda":
        return tensor.cpu()
    pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    return pinned.copy_(tensor)  # waits: the threads read it at once
