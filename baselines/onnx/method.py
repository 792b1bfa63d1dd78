"""The method ``onnx:NAME`` or ``onnx:FILE.toml``: a network from an ONNX file, by its model file.

To run a network that is not here yet, write a TOML file (``docs/onnx.md``); no Python is needed. To
ship one, put its TOML file into ``model_file/shipped/``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from baselines.onnx.card import make_card, make_card_without_file, pastes
from baselines.onnx.graph import Slot, fit_model_file, open_graph
from baselines.onnx.model_file.reading import find_model_file, read_model_file, shipped_names
from baselines.onnx.pixels.decoding import decode_alpha
from baselines.onnx.pixels.encoding import encode_inputs
from baselines.onnx.pixels.sizing import Grid, plan_grid
from baselines.onnx.weights import find_weights
from baselines.policy import check_image, check_input
from distinctions646.trimap.values import trimap_as_alpha


class OnnxMethod:
    """A network from an ONNX file.

    Parameters
    ----------
    model_file
        A path that ends in ``.toml``, or the name of a model file that ships (`names`).
    weights
        The ONNX file; by default the one that the model file names.
    device
        ``"cpu"``, ``"cuda"`` or ``"cuda:N"``.

    Raises
    ------
    ValueError
        If the model file is bad, the ONNX file missing, unreadable or another one than the model
        file asks for, the two do not fit each other, or there is no such device.
    """

    def __init__(self, model_file: str, weights: str | None = None, device: str = "cpu") -> None:
        path = find_model_file(model_file)
        model = read_model_file(path)
        found = find_weights(path, model, weights)
        self.graph = open_graph(found.path, device)
        try:
            self.model = fit_model_file(model, self.graph)
        except ValueError as error:
            raise ValueError(f"{model_file} does not fit {found.path}: {error}") from None
        self.name = model.name
        self.needs_trimap = model.needs_trimap
        self.card = make_card(model, found, stated=weights is None)

    @classmethod
    def names(cls) -> list[str]:
        """Return the model files that ship, and what else may stand in their place."""
        return [*shipped_names(), "FILE.toml"]

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Return alpha and notes.

        Parameters
        ----------
        image
            uint8 H×W×3 RGB.
        trimap
            uint8 H×W of 0, 128 and 255, if the network takes one. Without an unknown pixel it is
            the matte; without known pixels the network is run all the same.

        Returns
        -------
        tuple
            alpha float32 H×W in [0, 1], and the size of the network's input.

        Raises
        ------
        ValueError
            If an argument is bad, the picture too large for the model file, or the network fails.
        """
        if self.needs_trimap:
            trimap = check_input(self.name, image, trimap)
            if not (trimap == 128).any():
                return trimap_as_alpha(trimap), {"solver": "none: no unknown pixel"}
        else:
            check_image(image)
            trimap = None
        try:
            return self._predict(image, trimap)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None

    def _predict(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        model = self.model
        grid = plan_grid(model.input, (image.shape[0], image.shape[1]))
        shown = encode_inputs(model, grid, image, trimap)
        feeds = {str(name): self._hand_over(str(name), value) for name, value in shown.items()}
        feeds |= {
            name: _constant(value, self.graph.inputs[name], grid)
            for name, value in model.constant.items()
        }
        raw = self._run(feeds)
        pasted = trimap if pastes(model) else None
        alpha = decode_alpha(raw, model.output, model.input, grid, pasted)
        return alpha, {"network_input": f"{grid.outer[0]}×{grid.outer[1]}"}

    def _hand_over(self, name: str, pixels: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
        """Return H×W×C pixels as the graph takes them."""
        planes = pixels if self.model.input.layout == "nhwc" else pixels.transpose(2, 0, 1)
        return np.ascontiguousarray(planes[None], self.graph.inputs[name].dtype)

    def _run(self, feeds: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Return the output that holds alpha, after all passes of a recurrent network."""
        state = self.model.state
        feeds |= {
            name: np.zeros(state.shape, self.graph.inputs[name].dtype) for name in state.inputs
        }
        outputs = [str(self.model.output.name), *state.outputs]
        for _ in range(state.passes):
            raw, *carried = self.graph.run(outputs, feeds)
            feeds |= dict(zip(state.inputs, carried, strict=True))
        return np.asarray(raw)


def u2netp(weights: str | None = None, device: str = "cpu") -> OnnxMethod:
    """Return the method ``u2netp``, which is also registered by its bare name."""
    return OnnxMethod("u2netp", weights, device)


def describe(model_file: str) -> dict[str, str]:
    """Return the card of a method before its ONNX file is known."""
    return make_card_without_file(read_model_file(find_model_file(model_file)))


def _constant(value: Any, slot: Slot, grid: Grid) -> npt.NDArray[Any]:
    """Return an input that does not show the picture; one number fills the graph's shape."""
    if isinstance(value, tuple):
        _, side = value  # {long_side = N}
        value = min(1.0, side / max(grid.outer))
    if np.ndim(value) == 0:
        return np.full([side or 1 for side in slot.shape], value, slot.dtype)
    return np.asarray(value, slot.dtype)
