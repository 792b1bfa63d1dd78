"""A network rewritten for prediction on a processor: one oneDNN call for a convolution.

Batch normalisation is folded into the weights of the convolution before it, the activation after
it runs inside the convolution, and maps are stored channels last. The order of additions changes,
so that alpha differs by rounding (1e-4 at most, checked on a ramp when the network is rewritten).

Where the processor has VNNI, the decoder over a tapped encoder then works in 8 bits
(`hattmatting.inference.int8_layers`), which moves alpha by 0.3/255 in the mean of photographic
cut-outs and leaves their errors as they were.

Tried without gain: bfloat16, on a processor with its instructions but without AMX, took longer than
float32 and moved alpha by 1/255 in the mean. The encoder in 8 bits moved it by 0.3/255 to 2/255 a
stage, the whole network with static scales in onnxruntime by 16/255. A 3×3 convolution's part over
an enlarged map costs half at the small map's height, and as much again to put its rows together.
The largest layer in float16 took three times as long, and a wide block in strips that fit a cache
longer than whole. A photograph of 12 megapixels halved before it is brought to the working size
spared a third of its time, and moved mattes of landscapes by 5/255.

References
----------
oneDNN, "Primitive attributes: post-ops"; Jacob et al., "Quantization and training of neural
networks for efficient integer-arithmetic-only inference", CVPR 2018, §3.2, for the folding.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from hattmatting.inference import int8_layers
from hattmatting.inference.fused_layers import (
    NONE,
    Activation,
    FusedConvolution,
    OneMap,
    is_one_map,
)
from hattmatting.model.attention import ASPP
from hattmatting.model.cascade import CascadeDecoder, CueStage
from hattmatting.model.efficientnet import SameConv2d

TOLERANCE = 1e-4  # of alpha, between a network and its rewritten form
INT8_TOLERANCE = 1 / 255  # of alpha in the mean, where the decoder works in 8 bits
_PROBE = (64, 96)  # height and width in pixels of the ramp that both are run on

_OPERATIONS = (
    "_convolution_pointwise",
    "_reorder_convolution_weight",
    "_get_mkldnn_serialized_md",
)

Network = TypeVar("Network", bound=nn.Module)


class Call(NamedTuple):
    """One run of a layer; versions count the changes made to a tensor in place."""

    name: str
    layer: nn.Module
    given: Tensor
    given_version: int
    result: Tensor
    result_version: int

    def feeds(self, other: Call) -> bool:
        """Return whether the other layer took this one's result just as it was."""
        return other.given is self.result and other.given_version == self.result_version


def _is_fusable(layer: nn.Module) -> bool:
    """Return whether a layer is a convolution that pads by a fixed number, or by SAME at stride 2.

    Subclasses that compute their weights are not.
    """
    if type(layer) is nn.Conv2d:
        return layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    named = type(layer).__name__ == "Conv2dSame"  # timm's, which is not imported for its name
    if not isinstance(layer, nn.Conv2d) or not (named or type(layer) is SameConv2d):
        return False
    odd = all(side % 2 for side in layer.kernel_size)
    return odd and layer.stride == (2, 2) and layer.dilation == (1, 1)


def can_fuse(device: torch.device) -> bool:
    """Return whether this build of torch has oneDNN's convolution, and the device is a CPU."""
    has_onednn = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    known = all(hasattr(torch.ops.mkldnn, operation) for operation in _OPERATIONS)
    return bool(device.type == "cpu" and has_onednn and known)


def fuse(network: Network, *, int8: bool = False) -> Network:
    """Return a copy of a network for prediction, or the network itself where there is no gain.

    Parameters
    ----------
    network
        float32, in evaluation mode; maps B×3×H×W in [0, 1] to alpha. It is left as it is.
    int8
        Whether a cascade decoder may work in 8 bits, where the processor has VNNI: for cut-outs.
        The benchmark's methods work in float32, so that scores do not hang on the processor.

    Returns
    -------
    nn.Module
        Of the same class and configuration. The network itself if it is not float32 on a CPU, or
        the copy's alpha would differ by more than `TOLERANCE`. It works in float32 where 8 bits
        would move alpha by more than `INT8_TOLERANCE` in the mean.
    """
    first = next(network.parameters())
    if not can_fuse(first.device) or first.dtype != torch.float32:
        return network
    with torch.inference_mode(False), torch.no_grad():
        fused = copy.deepcopy(network)
        ramp = torch.linspace(0, 1, 3 * _PROBE[0] * _PROBE[1]).reshape(1, 3, *_PROBE)
        with _recorded(fused) as calls:
            expected = fused(ramp)
        _replace(fused, calls)
        difference = (fused(ramp) - expected).abs().max()
        if not bool(difference <= TOLERANCE):
            return network
        if int8 and int8_layers.can_quantise():
            _to_int8(fused, ramp, expected)
    return fused


def _to_int8(network: nn.Module, ramp: Tensor, expected: Tensor) -> None:
    """Put the parts of cascade decoders into 8 bits, and back if alpha moves too far."""
    decoders = [name for name, each in network.named_modules() if isinstance(each, CascadeDecoder)]
    before = {
        f"{name}.{inner}": part
        for name in decoders
        for inner, part in network.get_submodule(name).named_modules()
        if isinstance(part, CueStage | ASPP)
    }
    try:
        for name, part in before.items():
            _put(network, name, int8_layers.in_int8(part))
        kept = bool((network(ramp) - expected).abs().mean() <= INT8_TOLERANCE)
    except (RuntimeError, TypeError):  # torch's operation takes other arguments, or a layer is odd
        kept = False
    for name, part in () if kept else before.items():
        _put(network, name, part)


@contextmanager
def _recorded(network: nn.Module) -> Iterator[list[Call]]:
    """Collect the runs of the layers that can be fused, in their order."""
    calls: list[Call] = []
    versions: list[int] = []
    hooks = []
    inside = tuple(
        f"{name}." for name, layer in network.named_modules() if isinstance(layer, nn.BatchNorm2d)
    )
    for name, layer in network.named_modules():
        wanted = isinstance(layer, nn.Conv2d | nn.BatchNorm2d | nn.ReLU | nn.ReLU6)
        if wanted and not name.startswith(inside):

            def note(_: nn.Module, given: tuple[Tensor, ...]) -> None:
                versions.append(given[0]._version)

            def keep(
                layer: nn.Module, given: tuple[Tensor, ...], result: Tensor, name: str = name
            ) -> None:
                before = versions.pop()
                calls.append(Call(name, layer, given[0], before, result, result._version))

            hooks.append(layer.register_forward_pre_hook(note))
            hooks.append(layer.register_forward_hook(keep))
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


def _replace(network: nn.Module, calls: list[Call]) -> None:
    """Put a fused layer in each convolution's place, and nothing in that of what it took over."""
    times = Counter(call.name for call in calls)

    def following(place: int) -> int | None:
        """Return the place of the only layer that takes a result, if it runs once."""
        takers = [
            later for later in range(place + 1, len(calls)) if calls[place].feeds(calls[later])
        ]
        return takers[0] if takers and times[calls[takers[0]].name] == 1 else None

    for place, call in enumerate(calls):
        if not isinstance(call.layer, nn.Conv2d) or not _is_fusable(call.layer):
            continue
        last = following(place) if times[call.name] == 1 else None
        normalisation, activation = None, NONE
        if last is not None and isinstance(layer := calls[last].layer, nn.BatchNorm2d):
            own = _activation(getattr(layer, "act", nn.Identity()))  # timm's has one inside
            if own is not None:
                normalisation, activation = layer, own
                _put(network, calls[last].name, nn.Identity())
                last = following(last) if own == NONE else None
        if last is not None and isinstance(calls[last].layer, nn.ReLU | nn.ReLU6):
            activation = _activation(calls[last].layer) or NONE
            _put(network, calls[last].name, nn.Identity())
        if normalisation is None and activation == NONE and is_one_map(call.layer):
            _put(network, call.name, OneMap(call.layer))
        else:
            _put(network, call.name, FusedConvolution(call.layer, normalisation, activation))


def _activation(layer: nn.Module) -> Activation | None:
    """Return a layer as a post-op; None where it is another than these."""
    if isinstance(layer, nn.ReLU6):
        return "hardtanh", [0.0, 6.0]
    if isinstance(layer, nn.ReLU):
        return "relu", []
    return NONE if isinstance(layer, nn.Identity) else None


def _put(network: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(network.get_submodule(parent), own, layer)
