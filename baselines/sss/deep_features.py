"""Features of a network's backbone, as three planes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from distinctions646.images.opencv import load_cv2

LONGEST = 256  # pixels of the longer side at which the network looks
STRIDE = 16  # of the map that is taken: 16 × 16 places on the longer side


def shipped_checkpoint() -> tuple[Path, str]:
    """Return the folder of the checkpoint that HAttMatting uses unasked, and its weights' hash."""
    from hattmatting.method import Hatt
    from hattmatting.model.pretrained import find_checkpoint

    folder = find_checkpoint(str(Hatt.default))
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes())
    return folder, digest.hexdigest()[:16]


class BackboneFeatures:
    """A map of the default HAttMatting checkpoint's backbone, reduced to three planes.

    The map is that at stride 16: block 4 of a ResNet, or a tapped encoder's.

    Calling it with an image, uint8 H×W×3, returns float64 H×W×3 in [0, 1]: principal components
    of the channels clipped to five deviations, filtered along the picture's edges.
    """

    def __init__(self) -> None:
        self.model: Any = None

    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Return float64 H×W×3 in [0, 1]."""
        import torch

        from hattmatting.model.network import HAttMatting

        if self.model is None:
            self.model = HAttMatting.from_pretrained(shipped_checkpoint()[0])
        height, width = image.shape[:2]
        scale = LONGEST / max(height, width)
        size = (max(32, round(width * scale)), max(32, round(height * scale)))
        resized = load_cv2().resize(image, size, interpolation=load_cv2().INTER_AREA)
        batch = torch.from_numpy(resized).permute(2, 0, 1)[None].float() / 255
        with torch.inference_mode():
            tapped = self.model.backbone((batch - self.model.mean) / self.model.std)
        high = tapped[STRIDE] if isinstance(tapped, dict) else tapped[1]
        channels = high[0].permute(1, 2, 0).double().numpy()
        return three_planes(channels, image)


def three_planes(
    channels: npt.NDArray[np.float64], image: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float64]:
    """Return the three strongest principal components, float64 H×W×3 in [0, 1].

    Parameters
    ----------
    channels
        float64 h×w×C, of any resolution.
    image
        uint8 H×W×3 RGB, along whose edges they are filtered.

    References
    ----------
    Aksoy et al., "Semantic soft segmentation", SIGGRAPH 2018.
    """
    from baselines.laplacian.refinement import guided_filter

    cv2 = load_cv2()
    height, width = image.shape[:2]
    flat = channels.reshape(-1, channels.shape[2])
    flat = flat - flat.mean(axis=0)
    flat = np.clip(flat / np.maximum(flat.std(axis=0), 1e-6), -5, 5)
    vectors = np.linalg.eigh(flat.T @ flat)[1][:, ::-1][:, :3]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)  # eigh leaves the sign open
    planes = np.zeros((height, width, 3))
    reduced = (flat @ vectors).reshape(*channels.shape[:2], -1)
    for k in range(reduced.shape[2]):
        plane = cv2.resize(reduced[..., k], (width, height), interpolation=cv2.INTER_LINEAR)
        plane = guided_filter(image, plane, radius=5, epsilon=1e-4)
        spread = float(plane.max() - plane.min())
        planes[..., k] = (plane - plane.min()) / (spread if spread > 1e-9 else 1.0)
    return planes
