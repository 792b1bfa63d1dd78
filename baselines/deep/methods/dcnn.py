"""DCNN matting as a method: the suite's closed-form and KNN mattes, corrected by a network.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import torch

from baselines.deep.fitting import Fit, Matte, Picture
from baselines.deep.network_method import NetworkMethod, network_card, paste_known
from baselines.deep.networks import dcnn
from baselines.laplacian.closed_form import ClosedForm
from baselines.neighbours.knn import Knn
from baselines.policy import Notes, TrimapMethod, check_input
from distinctions646.images.reading import alpha_to_u8
from hattmatting.inference.cost import count_gmac

SOLVERS: Mapping[str, type[TrimapMethod]] = MappingProxyType(
    {"closed-form": ClosedForm, "knn": Knn}
)
HALO = sum(kernel // 2 for kernel in dcnn.KERNELS)  # pixels that a pixel's alpha depends on


class Dcnn(NetworkMethod):
    """DCNN matting. It sees no trimap, but both of its mattes do."""

    name = "dcnn"
    card = network_card(
        paper="Cho et al. 2016, doi:10.1007/978-3-319-46475-6_39",
        year=2016,
        fidelity="inferred",
        implementation="ours: the paper's network on the suite's own closed-form and KNN mattes; "
        "padding is inferred; cost without the two solvers",
        weights="a folder of this suite's; the authors released none",
        parameters=41_345,
        gmac_512=10.8,
    )
    network_name = "dcnn"
    build = dcnn.Dcnn
    config_kind = dcnn.DcnnConfig
    fits: ClassVar[Mapping[str, Fit]] = {"pad": Fit("pad", 1)}
    mattes_of = tuple(SOLVERS)

    def __call__(
        self,
        image: Picture,
        trimap: Picture | None = None,
        mattes: Mapping[str, Matte] | None = None,
    ) -> tuple[Matte, Notes]:
        """Return alpha and notes.

        Parameters
        ----------
        image, trimap
            As for every learned method that needs a trimap.
        mattes
            Those of `mattes_of` for this image and trimap by name, H×W in [0, 1]; None solves for
            them. Either way they are rounded to 8 bits, as the runner's cache keeps them.

        Raises
        ------
        NotApplicable
            Where closed-form or KNN matting is not.
        ValueError
            As for every learned method, or if a matte is missing.
        """
        if mattes is None:
            return super().__call__(image, trimap)
        trimap = check_input(self.name, image, trimap)
        return paste_known(self.correct(image, mattes), trimap), {}

    def predict(self, image: Picture, trimap: Picture | None) -> tuple[Matte, Notes]:
        """Return alpha of the whole picture, from mattes that are solved for now."""
        mattes = {name: solver()(image, trimap)[0] for name, solver in SOLVERS.items()}
        return self.correct(image, mattes), {}

    def correct(self, image: Picture, mattes: Mapping[str, Matte]) -> Matte:
        """Return the network's alpha of an image and its mattes, in strips where it is large."""
        missing = [name for name in SOLVERS if name not in mattes]
        if missing:
            raise ValueError(f"dcnn got no matte of {', '.join(missing)}")
        given = np.stack([alpha_to_u8(mattes[name]) for name in SOLVERS], 2)
        height, width = image.shape[:2]
        rows = max(self.largest_pixels // width, 1)
        alpha = np.empty((height, width), np.float32)
        for top in range(0, height, rows):
            first, last = max(top - HALO, 0), min(top + rows + HALO, height)
            strip = self.forward(self.tensor(image[first:last]), self.tensor(given[first:last]))
            alpha[top : top + rows] = strip[top - first :][:rows]
        return alpha

    @classmethod
    def measure(cls, config: Any, side: int = 512) -> float:
        """Return 10⁹ multiply-adds of a configuration for side×side pixels."""
        with torch.device("meta"):
            mattes = torch.zeros(1, 2, side, side)
            return count_gmac(cls.build(config), torch.zeros(1, 3, side, side), mattes)
