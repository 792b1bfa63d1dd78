"""Shared by all methods: checks of the input, the policy for odd trimaps, one thread, cards."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from distinctions646.trimap.values import NotApplicable, check_trimap, trimap_as_alpha

Image: TypeAlias = npt.NDArray[np.uint8]
Trimap: TypeAlias = npt.NDArray[np.uint8]
Alpha: TypeAlias = npt.NDArray[np.floating[Any]]
Notes: TypeAlias = dict[str, Any]
Fidelity: TypeAlias = Literal["faithful", "inferred", "ours"]


def make_card(
    paper: str, implementation: str = "ours", fidelity: Fidelity = "faithful"
) -> dict[str, str]:
    """Return the card of a method without weights.

    Parameters
    ----------
    paper
        First author, year and DOI, or ``"none"``.
    implementation
        Whose code it is, and where it differs from the paper.
    fidelity
        ``"faithful"``: the paper's method, or its program's, but for what `implementation` names;
        ``"inferred"``: with parts that the paper leaves open; ``"ours"``: a method of this suite.
    """
    year = re.search(r"\b(?:19|20)\d\d\b", paper)
    return {
        "paper": paper,
        **({"year": year[0]} if year else {}),
        "fidelity": fidelity,
        "implementation": implementation,
        "parameters": "0",
        "gmac_512": "no network",
        "licence": "MIT",
        "weights": "none",
        "trained_on": "nothing",
    }


class TrimapMethod:
    """A method that turns an image and a trimap into a matte; subclasses write `solve`.

    Calling it checks the input once, applies the suite's policy and limits all libraries to one
    thread. The policy: without an unknown pixel the trimap *is* the matte; without known
    foreground or background the method is not applicable; known pixels keep their value.

    Attributes
    ----------
    name, needs_trimap, card
        As every method has them.
    memory_gb_per_megapixel
        Peak memory over that of the idle process, measured by ``perf/baselines/measure.py``.
    smallest_side
        In pixels; on smaller images the method is not applicable.
    """

    name: ClassVar[str]
    needs_trimap: ClassVar[bool] = True
    card: ClassVar[dict[str, str]]
    memory_gb_per_megapixel: ClassVar[float]
    smallest_side: ClassVar[int] = 3

    def solve(self, image: Image, trimap: Trimap) -> tuple[Alpha, Notes]:
        """Return alpha of the whole picture, H×W, and notes; the input is already checked."""
        raise NotImplementedError

    def __call__(
        self, image: Image, trimap: Trimap | None = None
    ) -> tuple[npt.NDArray[np.float32], Notes]:
        """Return alpha and notes.

        Parameters
        ----------
        image
            uint8 H×W×3 RGB.
        trimap
            uint8 H×W of 0, 128 and 255.

        Returns
        -------
        tuple
            alpha float32 H×W in [0, 1], and notes for the results: solver, iterations and so on.

        Raises
        ------
        NotApplicable
            If the trimap knows no foreground or no background, or the image is too small.
        ValueError
            If the image is not uint8 H×W×3, or the trimap is missing, holds other values or has
            another size.
        """
        trimap = check_input(self.name, image, trimap)
        if not (trimap == 128).any():
            return trimap_as_alpha(trimap), {"solver": "none: no unknown pixel"}
        check_both_sides(self.name, trimap)
        height, width = trimap.shape
        if min(height, width) < self.smallest_side:
            raise NotApplicable(
                f"{self.name} needs an image of at least {self.smallest_side}×{self.smallest_side} "
                f"pixels; got {height}×{width}"
            )
        with one_thread():
            alpha, notes = self.solve(np.ascontiguousarray(image), trimap)
        known = trimap_as_alpha(trimap)
        return np.where(trimap == 128, np.clip(alpha, 0, 1), known).astype(np.float32), notes


def check_input(name: str, image: Image, trimap: Trimap | None) -> Trimap:
    """Return the trimap of a valid pair; refuse anything but an 8-bit RGB image and its trimap.

    Parameters
    ----------
    name
        The method's name, for messages.
    image, trimap
        Expected: uint8 H×W×3 and uint8 H×W of 0, 128 and 255.

    Raises
    ------
    ValueError
        Naming the argument, what was expected and what came.
    """
    check_image(image)
    if trimap is None:
        raise ValueError(f"{name} needs a trimap; got None")
    check_trimap(trimap, image.shape[:2])
    return trimap


def check_image(image: Image) -> None:
    """Raise `ValueError` unless the image is uint8 H×W×3 with a pixel."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        got = "×".join(str(side) for side in image.shape)
        raise ValueError(f"image is {got} {image.dtype}; expected H×W×3 uint8")


def check_both_sides(name: str, trimap: Trimap) -> None:
    """Raise `NotApplicable` unless the trimap knows some foreground and some background."""
    for value, what in ((255, "foreground"), (0, "background")):
        if not (trimap == value).any():
            raise NotApplicable(f"{name} needs known {what}; the trimap has none")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Limit BLAS, OpenMP and numba to one thread.

    Several threads compete over small vectors: on two busy cores one solve took 23 times as long.
    """
    import numba
    from threadpoolctl import threadpool_limits

    # numba's first call starts its threads and sets OpenMP's number to all cores, and so does
    # giving it its threads back: both inside the outer limit, which remembers what torch and the
    # others had, and the work inside an inner one.
    with threadpool_limits(limits=1):
        before = numba.get_num_threads()
        numba.set_num_threads(1)
        try:
            with threadpool_limits(limits=1):
                yield
        finally:
            numba.set_num_threads(before)
