"""Xception-65 as DeepLab has it, at any output stride: later strides become dilation.

References
----------
Chen, Zhu, Papandreou, Schroff, Adam, "Encoder-decoder with atrous separable convolution for
semantic image segmentation", ECCV 2018; Chollet, "Xception", CVPR 2017.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

EPSILON = 1e-3  # of the batch normalisation
STEM = (32, 64)
ENTRY = (128, 256, 728)
EXIT = ((728, 1024, 1024), (1536, 1536, 2048))
GRAIN = 8  # channels of a thinned network are multiples of it, which processors are quick with


def thinned(width: int, divisor: int) -> int:
    """Return channels divided, as a multiple of `GRAIN`; unchanged where the divisor is 1."""
    return width if divisor == 1 else max(width // divisor // GRAIN, 1) * GRAIN


class Xception(nn.Module):
    """The convolutional part.

    Parameters
    ----------
    inputs
        Channels of what comes in.
    divisor
        All channels are divided by it, see :func:`thinned`.
    middle
        Number of middle blocks, 16 in Xception-65.
    stride
        Of the deepest features: 4, 8, 16 or 32.

    Attributes
    ----------
    channels
        Of the features at the stem, in the three entry blocks, and of the deepest.
    """

    def __init__(self, inputs: int, divisor: int, middle: int, stride: int) -> None:
        super().__init__()
        first, second = (thinned(each, divisor) for each in STEM)
        self.conv1 = nn.Conv2d(inputs, first, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(first, EPSILON)
        self.conv2 = nn.Conv2d(first, second, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(second, EPSILON)
        current, rate, inside = 2, 1, second
        for place, width in enumerate(ENTRY, 1):
            strided = current < stride
            inner = (thinned(width, divisor),) * 3
            self.add_module(f"entry{place}", Block(inside, inner, 2 if strided else 1, rate))
            current, rate = (2 * current, rate) if strided else (current, 2 * rate)
            inside = inner[-1]
        for place in range(middle):
            self.add_module(f"middle{place}", Block(inside, (inside,) * 3, 1, rate, skip="sum"))
        self.middle = middle
        strided = current < stride
        widths = tuple(thinned(width, divisor) for width in EXIT[0])
        self.exit1 = Block(inside, widths, 2 if strided else 1, rate)
        rate = rate if strided else 2 * rate
        last = tuple(thinned(width, divisor) for width in EXIT[1])
        self.exit2 = Block(widths[-1], last, 1, rate, skip="none")
        entry = [thinned(width, divisor) for width in ENTRY]
        self.channels = [second, *entry, last[-1]]

    def forward(self, given: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return the stem's features and those inside each entry block, and the deepest."""
        features = F.relu(self.bn1(self.conv1(given)))
        features = F.relu(self.bn2(self.conv2(features)))
        taps = [features]
        for place in range(1, len(ENTRY) + 1):
            features, inside = self.get_submodule(f"entry{place}")(features)
            taps.append(inside)
        for place in range(self.middle):
            features, _ = self.get_submodule(f"middle{place}")(features)
        features, _ = self.exit1(features)
        features, _ = self.exit2(features)
        return taps, features


class Block(nn.Module):
    """Three separable convolutions, the last with the stride, and what came in beside them.

    ``skip`` is ``"conv"`` for a 1×1 convolution of it, ``"sum"`` for itself, ``"none"``; without
    one, the activation follows each convolution instead of preceding it.
    """

    def __init__(
        self, inside: int, widths: tuple[int, ...], stride: int, rate: int, skip: str = "conv"
    ) -> None:
        super().__init__()
        self.skip = skip
        after = skip == "none"
        given = inside
        for place, width in enumerate(widths, 1):
            step = stride if place == len(widths) else 1
            self.add_module(f"separable{place}", Separable(given, width, step, rate, after))
            given = width
        if skip == "conv":
            self.shortcut = nn.Conv2d(inside, given, 1, stride, bias=False)
            self.shortcut_bn = nn.BatchNorm2d(given, EPSILON)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the block's features, and those after its second convolution, before a stride."""
        out = inside = features
        for place in (1, 2, 3):
            out = self.get_submodule(f"separable{place}")(out)
            inside = out if place == 2 else inside
        if self.skip == "conv":
            out = out + self.shortcut_bn(self.shortcut(features))
        elif self.skip == "sum":
            out = out + features
        return out, inside


class Separable(nn.Module):
    """Depthwise 3×3 and pointwise 1×1, each normalised."""

    def __init__(self, inside: int, outside: int, stride: int, rate: int, after: bool) -> None:
        super().__init__()
        self.after = after
        self.depthwise = nn.Conv2d(inside, inside, 3, stride, rate, rate, inside, bias=False)
        self.depthwise_bn = nn.BatchNorm2d(inside, EPSILON)
        self.pointwise = nn.Conv2d(inside, outside, 1, bias=False)
        self.pointwise_bn = nn.BatchNorm2d(outside, EPSILON)

    def forward(self, features: Tensor) -> Tensor:
        """Return features at the stride."""
        if not self.after:
            features = F.relu(features)
        features = self.depthwise_bn(self.depthwise(features))
        if self.after:
            features = F.relu(features)
        features = self.pointwise_bn(self.pointwise(features))
        return F.relu(features) if self.after else features
