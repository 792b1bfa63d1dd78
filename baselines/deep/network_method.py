"""What every learned method shares: its weights, its card, an image of any size, known pixels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from baselines.deep.checkpoints import Source, build_network, open_checkpoint, shipped_checkpoint
from baselines.deep.fitting import (
    Fit,
    Matte,
    Picture,
    resize,
    tile_weight,
)
from baselines.deep.layouts import Layout
from baselines.policy import Fidelity, Notes, check_image, check_input
from distinctions646.trimap.values import trimap_as_alpha
from hattmatting.inference.cost import count_gmac, count_parameters
from hattmatting.inference.device import find_device, fitting_threads
from hattmatting.inference.predicting import scaled_size, starts


def network_card(
    *,
    paper: str,
    year: int,
    fidelity: Fidelity,
    implementation: str,
    weights: str,
    parameters: int,
    gmac_512: float,
    layouts: Sequence[Layout[Any]] = (),
) -> dict[str, str]:
    """Return the card of a learned method before any weights are known.

    Parameters
    ----------
    paper, year
        Citation with a DOI or arXiv number, and year of publication.
    fidelity
        As in `baselines.policy.make_card`.
    implementation
        What was built from what.
    weights
        Which files ``--weights`` takes, for messages.
    parameters, gmac_512
        At the paper's size: learned numbers, and 10⁹ multiply-adds for 512×512 pixels. Tests
        compare both with the network.
    layouts
        Of public files, whose licences and training sets are listed.
    """
    leak = dict.fromkeys(name for layout in layouts for name in layout.leak)
    return {
        "paper": paper,
        "year": str(year),
        "fidelity": fidelity,
        "implementation": implementation,
        "parameters": f"{parameters:,}",
        "gmac_512": f"{gmac_512:.1f}",
        "licence": _of_each("licence", layouts),
        "weights": f"--weights takes {weights}",
        "trained_on": _of_each("trained_on", layouts),
        **({"leak": ", ".join(leak)} if leak else {}),
    }


class NetworkMethod:
    """A network as a method of the benchmark; subclasses say which, and what its files look like.

    *To add one*: set the class attributes and register the class as an entry point. A network that
    is not called as ``network(image, trimap)`` overrides `run`.

    Parameters
    ----------
    weights
        A file in one of `layouts`, a folder that `checkpoints.save_network` wrote, or
        ``OWNER/NAME`` of the Hugging Face Hub; None for the reduced network that ships for the
        method, if there is one.
    device
        ``"cpu"``, ``"cuda"``, …

    Attributes
    ----------
    network_name
        In the ``config.json`` of our own checkpoints.
    build, config_kind
        The network's class and that of its configuration.
    layouts
        Of public files, the commonest first.
    fits
        What a layout's ``inference`` means, by name; ``"pad"`` is that of our own checkpoints.
    memory_gb_per_megapixel
        Peak memory of the paper's size over that of the loaded network, measured on one thread.
    largest_pixels
        Larger images are predicted in overlapping tiles of about that many pixels, which bounds
        the memory. Tiles without an unknown pixel are left out.
    longest
        Longer images are brought to this long side in pixels, and the matte back, before anything
        else; None resizes nothing. A checkpoint of our own may have one.

    Raises
    ------
    ValueError
        If there are no weights, they are no such network's, or there is no such device.
    """

    name: ClassVar[str]
    needs_trimap: bool = True
    network_name: ClassVar[str]
    build: ClassVar[type[Any]]  # nn.Module, called with a configuration
    config_kind: ClassVar[type]
    layouts: ClassVar[Sequence[Layout[Any]]] = ()
    fits: ClassVar[Mapping[str, Fit]] = {"pad": Fit("pad", 32)}
    largest_pixels: ClassVar[int] = 1 << 21
    longest: int | None = None
    memory_gb_per_megapixel: ClassVar[float]
    card: Mapping[str, str]

    def __init__(self, weights: str | Path | None = None, device: str = "cpu") -> None:
        wanted = self.card["weights"].partition("--weights takes ")[2]
        ships = weights is None
        weights = shipped_checkpoint(self.name) if weights is None else weights
        if weights is None:
            raise ValueError(
                f"{self.name}: its weights do not ship; expected --weights with {wanted}"
            )
        place = find_device(device)
        source = open_checkpoint(self.name, self.network_name, str(weights), self.layouts)
        config = self.choose(source, source.configure(self.config_kind))
        network = build_network(self.build, config, source, self.name)
        self.network = network.to(place).eval()
        self.fit = self.fits[source.inference]
        self.longest = source.long_side or self.longest
        card = {**type(self).card, **self._describe(source, config)}
        if ships:
            card["also_takes"] = wanted
        self.card = {name: text for name, text in card.items() if text}

    @classmethod
    def around(cls, network: Any, longest: int | None) -> NetworkMethod:
        """Return the method around a network in memory, which predicts as one of our checkpoints.

        Parameters
        ----------
        network
            In evaluation mode.
        longest
            Of this object, see the class.
        """
        method = object.__new__(cls)
        method.network, method.fit, method.longest = network, cls.fits["pad"], longest
        return method

    def choose(self, source: Source, config: Any) -> Any:
        """Return the configuration to build: as the file has it, unless the method says more.

        Raises
        ------
        ValueError
            If the file is of another variant than the method's.
        """
        return config

    def training(self, source: Source) -> Mapping[str, str]:
        """Return what the card says of this file's training beyond its layout's."""
        return {}

    def _describe(self, source: Source, config: Any) -> dict[str, str]:
        variant = ", ".join(f"{name} {_plain(value)}" for name, value in vars(config).items())
        return {
            "weights": source.label,
            "layout": source.layout,
            "variant": variant,
            "inference": self._inference(),
            "parameters": f"{count_parameters(self.network):,}",
            "gmac_512": f"{self.measure(config):.1f}",
            **source.card,
            **self.training(source),
        }

    def _inference(self) -> str:
        if self.longest is not None:
            return f"long side {self.longest}, {self.fit}"
        return f"{self.fit}; tiles above {self.largest_pixels:,} pixels"

    @classmethod
    def measure(cls, config: Any, side: int = 512) -> float:
        """Return 10⁹ multiply-adds of a configuration for side×side pixels."""
        with torch.device("meta"):
            network = cls.build(config)
            inputs = [torch.zeros(1, 3, side, side)]
            if cls.needs_trimap:
                inputs.append(torch.zeros(1, 1, side, side))
        return count_gmac(network, *inputs)

    def __call__(
        self, image: npt.NDArray[np.uint8], trimap: npt.NDArray[np.uint8] | None = None
    ) -> tuple[npt.NDArray[np.float32], Notes]:
        """Return alpha and notes.

        Parameters
        ----------
        image
            uint8 H×W×3 RGB, of any size.
        trimap
            uint8 H×W of 0, 128 and 255 for methods that need one. Without an unknown pixel it is
            the matte.

        Returns
        -------
        tuple
            alpha float32 H×W in [0, 1], and notes: the number of tiles, if any.

        Raises
        ------
        ValueError
            If the image is not uint8 H×W×3, or the trimap is missing, holds other values or has
            another size.
        """
        if not self.needs_trimap:
            check_image(image)
            alpha, notes = self.predict(image, None)
            return alpha.clip(0, 1), notes
        trimap = check_input(self.name, image, trimap)
        if not (trimap == 128).any():
            return trimap_as_alpha(trimap), {"network": "not run: no unknown pixel"}
        alpha, notes = self.predict(image, trimap)
        return paste_known(alpha, trimap), notes

    def predict(self, image: Picture, trimap: Picture | None) -> tuple[Matte, Notes]:
        """Return alpha of the whole picture, resized or in tiles where it is large."""
        height, width = image.shape[:2]
        if self.longest is not None and max(height, width) > self.longest:
            size = scaled_size((height, width), self.longest)
            small = None if trimap is None else resize(trimap, size, "nearest")
            reduced, notes = self.in_tiles(resize(image, size, "area"), small)
            whole = resize(reduced, (height, width), "bilinear")
            return whole, notes | {"resized_long_side": self.longest}
        return self.in_tiles(image, trimap)

    def in_tiles(self, image: Picture, trimap: Picture | None) -> tuple[Matte, Notes]:
        """Return alpha of a picture, in tiles where it is large."""
        height, width = image.shape[:2]
        if np.prod(self.fit.size(height, width)) <= self.largest_pixels:
            return self.whole(image, trimap), {}
        tile = max(int(self.largest_pixels**0.5) // 64 * 64, 64)
        total, weight = (np.zeros((height, width), np.float32) for _ in range(2))
        count = 0
        for top in starts(height, tile):
            for left in starts(width, tile):
                window = (slice(top, top + tile), slice(left, left + tile))
                part = None if trimap is None else trimap[window]
                if part is not None and not (part == 128).any():
                    continue
                alpha = self.whole(image[window], part)
                ramp = tile_weight(alpha.shape[0], alpha.shape[1], tile)
                total[window] += ramp * alpha
                weight[window] += ramp
                count += 1
        np.divide(total, weight, out=total, where=weight > 0)  # 0 where no tile was needed
        return total, {"tiles": count, "tile": tile}

    def whole(self, image: Picture, trimap: Picture | None) -> Matte:
        """Return alpha, float32 H×W, of a picture or a tile of one."""
        height, width = image.shape[:2]
        fitted, fitted_trimap = self.fit.prepare(image, trimap)
        return self.fit.restore(self.run(fitted, fitted_trimap), height, width)

    def run(self, image: Picture, trimap: Picture | None) -> Matte:
        """Return the network's alpha, float32 H×W, for a size that it takes."""
        inputs = [self.tensor(image)]
        if trimap is not None:
            inputs.append(self.tensor(trimap[..., None]))
        return self.forward(*inputs)

    def forward(self, *inputs: Tensor) -> Matte:
        """Return the network's alpha, float32 H×W, of its inputs, 1×C×H×W on its device."""
        pixels = inputs[0].shape[-2] * inputs[0].shape[-1]
        with torch.inference_mode(), fitting_threads(inputs[0].device, pixels):
            matte: Matte = self.network(*inputs)["alpha"][0, 0].float().cpu().numpy()
        return matte

    def tensor(self, picture: Picture) -> Tensor:
        """Return a uint8 H×W×C picture as float32 1×C×H×W in [0, 1] on the network's device."""
        device = next(self.network.parameters()).device
        whole = torch.from_numpy(np.ascontiguousarray(picture)).to(device)
        return whole.permute(2, 0, 1)[None].float() / 255


def paste_known(alpha: Matte, trimap: Picture) -> Matte:
    """Return alpha in [0, 1] where the trimap is unknown, and the trimap's value elsewhere."""
    pasted: Matte = np.where(trimap == 128, alpha.clip(0, 1), trimap_as_alpha(trimap))
    return pasted.astype(np.float32, copy=False)


def _of_each(field: str, layouts: Sequence[Layout[Any]]) -> str:
    if not layouts:
        return "of the checkpoint"
    by_text: dict[str, list[str]] = {}
    for layout in layouts:
        by_text.setdefault(getattr(layout, field), []).append(layout.name)
    if len(by_text) == 1:
        return next(iter(by_text))
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in by_text.items())


def _plain(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        return str(value)
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
