"""The PatchGAN discriminator of a matte together with its image.

References
----------
Isola et al., "Image-to-image translation with conditional adversarial networks", CVPR 2017 (the
70×70 PatchGAN); HAttMatting draws five convolutions over the image concatenated with the matte.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PatchDiscriminator(nn.Module):
    """A discriminator with a logit for each 70×70 patch, high for the image's true matte.

    Parameters
    ----------
    width
        Channels of the first layer; the fourth has eight times as many. 64 in pix2pix.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(4, width, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        for factor, stride in ((1, 2), (2, 2), (4, 1)):
            inputs, outputs = width * factor, 2 * width * factor
            layers += [
                # No bias: the normalisation cancels it, and Adam would amplify its rounding noise.
                nn.Conv2d(inputs, outputs, 4, stride, 1, bias=False),
                nn.InstanceNorm2d(outputs),  # a batch of four is too small for batch statistics
                nn.LeakyReLU(0.2, inplace=True),
            ]
        layers.append(nn.Conv2d(8 * width, 1, 4, 1, 1))
        self.layers = nn.Sequential(*layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, image: Tensor, alpha: Tensor) -> Tensor:
        """Map an image B×3×H×W and a matte B×1×H×W, both in [0, 1], to B×1×h×w logits."""
        logits: Tensor = self.layers(torch.cat([image, alpha], dim=1))
        return logits
