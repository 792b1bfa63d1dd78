"""HAttMatting as a method of the benchmark."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


class Hatt:
    """The full network, trimap-free.

    Parameters
    ----------
    weights
        A checkpoint folder, or the name of one that ships.
    device
        ``"cpu"``, ``"cuda"``, …

    Raises
    ------
    ValueError
        If there is no such checkpoint or device.
    """

    name = "hatt"
    needs_trimap = False

    def __init__(self, weights: str = "tiny", device: str = "cpu") -> None:
        from hattmatting.device import find_device
        from hattmatting.network import CHECKPOINTS, HAttMatting

        self.model = HAttMatting.from_pretrained(weights).to(find_device(device))
        folder = Path(weights) if Path(weights).is_dir() else CHECKPOINTS / weights
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        shipped = folder.parent == CHECKPOINTS
        self.card = {
            "paper": "Qiao et al. 2020, doi:10.1109/CVPR42600.2020.01369",
            "implementation": "ours",
            "licence": "MIT",
            "weights": f"{folder.name} sha256:{digest[:16]}",
            "trained_on": "synthetic foregrounds of the suite only" if shipped else "not stated",
        }

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha float32 H×W and notes: the side it was predicted at, if not its own."""
        from hattmatting.predict import predict

        notes: dict[str, Any] = {}
        side = self.model.config.inference_long_side
        if side is not None and max(image.shape[:2]) != side:
            notes["resized_long_side"] = side
        return predict(self.model, image), notes
