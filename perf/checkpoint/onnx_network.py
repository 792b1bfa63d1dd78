"""An exported network in the place of PyTorch's: the same padding and sizes around it."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
import torch
from torch import Tensor, nn

from hattmatting.model.config import HAttConfig


class OnnxNetwork(nn.Module):
    """An ONNX file that `hattmatting.inference.predicting.predict` takes as a network.

    Parameters
    ----------
    path
        What `hattmatting.export` wrote.
    config
        Of the checkpoint.
    """

    def __init__(self, path: Path, config: HAttConfig) -> None:
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        self.config = config
        self.unused = nn.Parameter(torch.zeros(1))  # tells type and device

    def forward(self, image: Tensor) -> Tensor:
        """Map B×3×H×W RGB in [0, 1] to alpha B×1×H×W."""
        (alpha,) = self.session.run(None, {"image": image.contiguous().numpy()})
        return torch.from_numpy(alpha)
