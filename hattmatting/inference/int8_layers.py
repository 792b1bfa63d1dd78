"""The decoder's convolutions in 8 bits: four multiply-adds in the time of one in float32.

What goes into one is stored as levels from 0 to 255, in steps that the ends of the picture's own
maps set, so that nothing is calibrated or kept; weights have a step for each output. Sums and
results are float32. The decoder has half of a matte's multiply-adds, and alpha hangs less on their
digits than on the encoder's.

References
----------
Jacob et al., "Quantization and training of neural networks for efficient
integer-arithmetic-only inference", CVPR 2018, §2; Intel, "Deep Learning Boost": VNNI sums four
products of 8 bits in an instruction, and without it pairs are cut off at 16 bits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from hattmatting.inference.fused_layers import FusedConvolution, OneMap
from hattmatting.model.attention import ASPP, SpatialAttention
from hattmatting.model.cascade import CueStage, resize

_OPERATIONS = ("qconv_prepack", "qconv2d_pointwise")


class Levels(NamedTuple):
    """One picture's maps in 8 bits: uint8 1×H×W×C, less the level of zero, times a step."""

    levels: Tensor
    step: float
    zero: int = 0


def can_quantise() -> bool:
    """Return whether this build of torch has oneDNN's 8-bit convolution, and the CPU VNNI."""
    supported = getattr(torch.cpu, "_is_vnni_supported", None)
    known = all(hasattr(torch.ops.onednn, operation) for operation in _OPERATIONS)
    return bool(known and supported is not None and supported())


def to_levels(maps: Tensor, step: float | None = None) -> Levels:
    """Return one picture's maps, float32 1×C×H×W without negative values, in 8 bits.

    Without a step the largest value is level 255.
    """
    return _in_steps(_points(maps), step_of(maps) if step is None else step)


def signed_to_levels(maps: Tensor) -> Levels:
    """Return one picture's maps, float32 1×C×H×W, in 8 bits, between their ends and 0."""
    points = _points(maps)
    values = points.numpy()
    lowest = min(float(values.min()), 0.0)
    step = (max(float(values.max()), 0.0) - lowest) / 255 or 1.0
    return _in_steps(points, step, round(-lowest / step))


def step_of(maps: Tensor) -> float:
    """Return the step at which the largest value is level 255."""
    return float(_points(maps).numpy().max()) / 255 or 1.0


def _in_steps(points: Tensor, step: float, zero: int = 0) -> Levels:
    import cv2

    rows = points.numpy().reshape(points.shape[1], -1)
    levels = torch.from_numpy(cv2.convertScaleAbs(rows, alpha=1 / step, beta=zero))
    return Levels(levels.view(points.shape), step, zero)


def _points(maps: Tensor) -> Tensor:
    """Return 1×C×H×W as 1×H×W×C, which it is in memory."""
    return maps.detach().permute(0, 2, 3, 1).contiguous()


def join_levels(one: Levels, other: Levels) -> Levels:
    """Return two maps of one size, step and zero as one."""
    assert one[1:] == other[1:]
    parts = [one.levels, other.levels]
    if all(part.shape[-1] % 4 == 0 for part in parts):  # four levels at a time
        parts = [part.view(torch.int32) for part in parts]
    return one._replace(levels=torch.cat(parts, dim=-1).view(torch.uint8))


class Int8Convolution(nn.Module):
    """A convolution and ReLU of 8-bit maps with 8-bit weights; its result is float32.

    Parameters
    ----------
    layer
        Whose weights, bias and padding it has.
    """

    def __init__(self, layer: FusedConvolution) -> None:
        super().__init__()
        weight = layer.weight.detach()
        self.steps = weight.abs().amax((1, 2, 3)).clamp(min=1e-30) / 127
        levels = torch.round(weight / self.steps[:, None, None, None]).to(torch.int8)
        self.levels = levels.contiguous(memory_format=torch.channels_last)
        assert layer.bias is not None
        self.bias = layer.bias.detach()
        self.zeros = torch.zeros(len(weight), dtype=torch.int32)
        self.places = [list(layer.stride), list(layer.padding), list(layer.dilation), layer.groups]
        self.packed: dict[bool, Tensor] = {}

    def forward(self, maps: Levels) -> Tensor:
        """Map 1×H×W×C to 1×outputs×H×W."""
        shifted = maps.zero > 0  # the sum of the weights is packed with them
        if shifted not in self.packed:
            self.packed[shifted] = torch.ops.onednn.qconv_prepack(
                self.levels, self.steps, 1.0, int(shifted), *self.places, None
            )
        result: Tensor = torch.ops.onednn.qconv2d_pointwise(
            maps.levels.permute(0, 3, 1, 2),
            maps.step,
            maps.zero,
            self.packed[shifted],
            self.steps,
            self.zeros,
            self.bias,
            *self.places,
            1.0,
            0,
            torch.float32,
            "relu",
            [],
            "",
        )
        return result

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the packed weights, which cannot be copied."""
        return {**self.__dict__, "packed": {}}


class Int8Attention(nn.Module):
    """`SpatialAttention` of one map over semantics in 8 bits."""

    def __init__(self, attention: SpatialAttention) -> None:
        super().__init__()
        self.branches = nn.ModuleList()
        for branch in (attention.vertical_first, attention.horizontal_first):
            self.branches.append(Int8Pair(_convolution(branch[0]), _convolution(branch[2])))
        join: nn.Module = attention.join
        if not isinstance(join, OneMap):
            raise TypeError(f"attention's join is {type(join).__name__}; expected one map")
        self.taps = [taps[0] for taps in join.taps.detach().chunk(2, dim=1)]
        self.bias = join.bias.detach()

    def forward(self, semantics: Levels) -> Tensor:
        """Map 1×h×w×channels to an attention map 1×1×h×w in (0, 1)."""
        logits = self.bias
        for branch, taps in zip(self.branches, self.taps, strict=True):
            logits = logits + torch.matmul(_points(branch(semantics)), taps)
        return torch.sigmoid(logits)[:, None]


class Int8Pair(nn.Module):
    """Two convolutions, one after the other."""

    def __init__(self, first: Int8Convolution, second: Int8Convolution) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, maps: Levels) -> Tensor:
        """Map 1×h×w×channels to 1×outputs×h×w."""
        result: Tensor = self.second(to_levels(self.first(maps)))
        return result


class Int8Pyramid(nn.Module):
    """`ASPP` with its convolutions in 8 bits; each picture of a batch by itself."""

    def __init__(self, pyramid: ASPP) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            _convolution(branch.get_submodule("0")) for branch in pyramid.branches
        )
        self.image_pool = pyramid.image_pool
        self.project = _convolution(pyramid.project[0])

    def forward(self, features: Tensor) -> Tensor:
        """Map B×inputs×h×w to B×outputs×h×w."""
        if len(features) > 1:
            return torch.cat([self.forward(each) for each in torch.split(features, 1)])
        levels = signed_to_levels(features)
        maps = [branch(levels) for branch in self.branches]
        maps.append(self.image_pool(features).expand(-1, -1, *features.shape[-2:]))
        result: Tensor = self.project(to_levels(torch.cat(maps, dim=1)))
        return result


class Int8Stage(nn.Module):
    """`CueStage` with all but its 1×1 convolution in 8 bits; each picture by itself."""

    def __init__(self, stage: CueStage) -> None:
        super().__init__()
        self.reduce = stage.reduce
        self.attention = None if stage.attention is None else Int8Attention(stage.attention)
        self.cues, self.join = _convolution(stage.cues[0]), _convolution(stage.join[0])

    def forward(self, semantics: Tensor, cues: Tensor) -> Tensor:
        """Map B×semantics×h×w and B×cues×H×W to B×outputs×H×W."""
        if len(cues) > 1:
            pairs = zip(torch.split(semantics, 1), torch.split(cues, 1), strict=True)
            return torch.cat([self.forward(*pair) for pair in pairs])
        semantics = resize(self.reduce(semantics), cues)
        levels = to_levels(semantics)
        if self.attention is not None:
            cues = cues * self.attention(levels)
        filtered = self.cues(signed_to_levels(cues))
        step = max(levels.step, step_of(filtered))
        if step > levels.step:
            levels = to_levels(semantics, step)
        result: Tensor = self.join(join_levels(to_levels(filtered, step), levels))
        return result


def in_int8(part: CueStage | ASPP) -> nn.Module:
    """Return a part of a fused cascade decoder in 8 bits.

    Raises
    ------
    TypeError
        If a layer of it was not fused.
    """
    return Int8Stage(part) if isinstance(part, CueStage) else Int8Pyramid(part)


def _convolution(layer: nn.Module) -> Int8Convolution:
    if not isinstance(layer, FusedConvolution) or layer.activation[0] != "relu":
        raise TypeError(f"layer is {type(layer).__name__}; expected a fused convolution with ReLU")
    return Int8Convolution(layer)
