"""The layers of a network that is rewritten for prediction on a processor.

References
----------
oneDNN, "Primitive attributes: post-ops" and "Memory format propagation": a convolution takes its
weights in the layout that it chooses for a size of its input; Jacob et al., "Quantization and
training of neural networks for efficient integer-arithmetic-only inference", CVPR 2018, §3.2, for
the folding of a normalisation.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

Activation = tuple[str, list[float]]  # a post-op's name and arguments, as oneDNN has them
NONE: Activation = ("none", [])

SIZES = 24
"""Sizes of an input for which a layer keeps its packed weights, at most."""


class FusedConvolution(nn.Conv2d):
    """A convolution with bias and activation in one call, channels last.

    Its weights are packed once for each size of an input, as oneDNN would do in each call; sizes
    with the same layout share them.

    Parameters
    ----------
    convolution
        Whose weights, stride, dilation and groups it has; one with a fixed padding, or
        TensorFlow's SAME at stride 2.
    normalisation
        Folded into the weights.
    activation
        Applied to the result.
    """

    def __init__(
        self,
        convolution: nn.Conv2d,
        normalisation: nn.BatchNorm2d | None = None,
        activation: Activation = NONE,
    ) -> None:
        weight, bias = _fold(convolution, normalisation)
        padding = convolution.padding
        # TensorFlow's SAME pads an even side by one more behind than before. With a row and a
        # column of zeros before the weights both ends are padded alike, and no map is copied.
        self.even = type(convolution) is not nn.Conv2d
        if self.even:
            weight = F.pad(weight, (1, 0, 1, 0))
            padding = tuple((side - 1) // 2 for side in convolution.kernel_size)
        super().__init__(
            convolution.in_channels,
            convolution.out_channels,
            weight.shape[2:],  # type: ignore[arg-type]
            convolution.stride,  # type: ignore[arg-type]
            padding,  # type: ignore[arg-type]
            convolution.dilation,  # type: ignore[arg-type]
            convolution.groups,
            device="meta",
        )
        weight = weight.float().contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias.float(), requires_grad=False)
        self.activation = activation
        self.packed: dict[torch.Size, Tensor] = {}
        self.layouts: dict[bytes, Tensor] = {}

    def forward(self, maps: Tensor) -> Tensor:
        """Map B×C×H×W to B×outputs×h×w."""
        height, width = maps.shape[-2:]
        if self.even and (height % 2 or width % 2):  # an odd side is padded by one more before
            maps = F.pad(maps, (width % 2, 0, height % 2, 0))
        packed = self.packed.get(maps.shape)
        if packed is None:
            packed = self._pack(maps.shape)
        result: Tensor = torch.ops.mkldnn._convolution_pointwise(
            maps,
            packed,
            self.bias,
            self.padding,
            self.stride,
            self.dilation,
            self.groups,
            *self.activation,
            "",
        )
        return result

    def _pack(self, size: torch.Size) -> Tensor:
        """Return the weights in oneDNN's layout for a size of the input, and keep them."""
        packed: Tensor = torch.ops.mkldnn._reorder_convolution_weight(
            self.weight, self.padding, self.stride, self.dilation, self.groups, list(size)
        )
        layout = bytes(torch.ops.mkldnn._get_mkldnn_serialized_md(packed).tolist())
        if len(self.packed) >= SIZES:
            self.packed, self.layouts = {}, {}
        packed = self.layouts.setdefault(layout, packed)
        self.packed[size] = packed
        return packed

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the packed weights, which cannot be copied."""
        return {**self.__dict__, "packed": {}, "layouts": {}}


class OneMap(nn.Module):
    """A convolution to one map as a matrix product, and the sum of its shifted results.

    A vector unit computes many output channels at once; of one it leaves most of itself idle. Here
    the kernel's taps are the output channels of a product, and each is then added at its offset.

    Parameters
    ----------
    convolution
        One that `is_one_map` accepts.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        weight, bias = _fold(convolution, None)
        taps = weight[0].flip(-2, -1).flatten(1).T  # taps×channels
        self.taps = nn.Parameter(taps.float().contiguous(), requires_grad=False)
        self.bias = nn.Parameter(bias.float(), requires_grad=False)
        self.side: int = convolution.kernel_size[0]

    def forward(self, maps: Tensor) -> Tensor:
        """Map B×C×H×W to B×1×H×W."""
        batch, channels, height, width = maps.shape
        points = maps.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        planes = torch.matmul(self.taps, points.transpose(1, 2))
        if self.side == 1:
            return (planes + self.bias).view(batch, 1, height, width)
        return F.fold(planes, (height, width), self.side, padding=self.side // 2) + self.bias


def is_one_map(convolution: nn.Conv2d) -> bool:
    """Return whether a convolution gives one map of its input's size, from a square kernel."""
    rows, columns = convolution.kernel_size
    return (
        type(convolution) is nn.Conv2d
        and convolution.out_channels == convolution.groups == 1
        and rows == columns
        and rows % 2 == 1
        and convolution.stride == convolution.dilation == (1, 1)
        and convolution.padding == (rows // 2, rows // 2)
        and convolution.padding_mode == "zeros"
    )


def _fold(convolution: nn.Conv2d, normalisation: nn.BatchNorm2d | None) -> tuple[Tensor, Tensor]:
    """Return weights and bias, float64, of convolution and normalisation in one.

    With scale s = γ / √(σ² + ε) of each output channel: w' = s·w and b' = β + s·(b − μ).
    """
    weight = convolution.weight.double()
    bias = convolution.bias.double() if convolution.bias is not None else weight.new_zeros(1)
    bias = bias.expand(weight.shape[0]).clone()
    if normalisation is None:
        return weight, bias
    assert normalisation.running_mean is not None
    assert normalisation.running_var is not None
    scale = 1 / torch.sqrt(normalisation.running_var.double() + normalisation.eps)
    if normalisation.weight is not None:
        scale = scale * normalisation.weight.double()
    bias = scale * (bias - normalisation.running_mean.double())
    if normalisation.bias is not None:
        bias = bias + normalisation.bias.double()
    return weight * scale[:, None, None, None], bias
