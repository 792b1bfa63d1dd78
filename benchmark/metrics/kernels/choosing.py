"""Whether a process measures with plain NumPy or with compiled loops; the numbers are the same.

Compiling the loops takes about nine seconds, loading them from the disk one and a half, and plain
NumPy a quarter of a second per megapixel. So a process starts with NumPy, and loads or compiles
the loops once it has measured so much that they will have paid; who knows how much there is to
measure calls `Choice.expect` first, and nothing is measured with NumPy that pays to be compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_LOADED_FROM = 1.5e6
"""Pixels from which compiled loops are loaded if they are on the disk."""
_COMPILED_FROM = 24e6
"""Pixels from which they are compiled."""
_AN_IMAGE = 3_000
"""Pixels that take as long as what NumPy does once for an image, however small."""


@dataclass
class Choice:
    """The steps that a process uses.

    Attributes
    ----------
    pixels
        How many pixels were measured so far, with `_AN_IMAGE` for every image.
    expected
        How many are to be measured in all, where that is known; less counts as not known.
    compiled
        The compiled steps once they are used.
    """

    pixels: int = 0
    expected: int = 0
    compiled: Any = None
    _looked: bool = False

    def steps(self, pixels: int) -> Any:
        """Return the module of the steps for a pair of so many pixels: `compiled` or `uncompiled`.

        Both have functions of the same names, arguments and results.
        """
        self.pixels += pixels + _AN_IMAGE
        if self.compiled is None and self._pays():
            self.compile()
        if self.compiled is not None:
            return self.compiled
        from benchmark.metrics.kernels import uncompiled

        return uncompiled

    def expect(self, images: int, pixels: int) -> None:
        """Count images that are to be measured next, of about so many pixels each."""
        self.expected = self.pixels + images * (pixels + _AN_IMAGE)

    def compile(self) -> None:
        """Use the compiled steps from now on, as a benchmark or a service wants."""
        from benchmark.metrics.kernels import compiled

        self.compiled = compiled

    def _pays(self) -> bool:
        pixels = max(self.pixels, self.expected)
        if pixels < _LOADED_FROM:
            return False
        if self._looked:
            return pixels >= _COMPILED_FROM
        from benchmark.metrics.kernels.compiled import are_on_disk

        self._looked = True
        return pixels >= _COMPILED_FROM or are_on_disk()


CHOICE = Choice()
"""That of this process."""
