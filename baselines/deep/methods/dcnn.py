"""DCNN matting as a method: the suite's closed-form and KNN mattes, corrected by a network.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch

from baselines.deep.cost import count_gmac
from baselines.deep.fitting import Fit, Matte, Picture
from baselines.deep.network_method import MethodFacts, NetworkMethod, to_matte
from baselines.deep.networks import dcnn
from baselines.laplacian.closed_form import ClosedForm
from baselines.neighbours.knn import Knn
from baselines.policy import Notes

HALO = sum(kernel // 2 for kernel in dcnn.KERNELS)  # pixels that a pixel's alpha depends on


class Dcnn(NetworkMethod):
    """DCNN matting. It sees no trimap, but both of its mattes do."""

    name = "dcnn"
    facts = MethodFacts(
        paper="Cho et al. 2016, doi:10.1007/978-3-319-46475-6_39",
        year=2016,
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

    def predict(self, image: Picture, trimap: Picture | None) -> tuple[Matte, Notes]:
        """Return alpha of the whole picture, in strips where it is large.

        Raises
        ------
        NotApplicable
            Where closed-form or KNN matting is not.
        """
        if trimap is None:
            raise ValueError("dcnn needs a trimap; got None")
        mattes = solver_mattes(image, trimap)
        height, width = trimap.shape
        rows = max(self.largest_pixels // width, 1)
        alpha = np.empty((height, width), np.float32)
        for top in range(0, height, rows):
            first, last = max(top - HALO, 0), min(top + rows + HALO, height)
            strip = self._strip(image[first:last], mattes[first:last])
            alpha[top : top + rows] = strip[top - first :][:rows]
        return alpha, {}

    def _strip(self, image: Picture, mattes: Matte) -> Matte:
        given = torch.from_numpy(np.ascontiguousarray(mattes)).permute(2, 0, 1)[None]
        colours = self.tensor(image)
        with torch.inference_mode():
            return to_matte(self.network(colours, given.to(colours.device))["alpha"])

    @classmethod
    def measure(cls, config: Any, side: int = 512) -> float:
        """Return 10⁹ multiply-adds of a configuration for side×side pixels."""
        with torch.device("meta"):
            mattes = torch.zeros(1, 2, side, side)
            return count_gmac(cls.build(config), torch.zeros(1, 3, side, side), mattes)


def solver_mattes(image: Picture, trimap: Picture) -> Matte:
    """Return closed-form and KNN mattes, float32 H×W×2; `NotApplicable` where they are not."""
    return np.stack([method(image, trimap)[0] for method in (ClosedForm(), Knn())], 2)
