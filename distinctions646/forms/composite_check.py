"""A check of composites by their pixels, where no hash of them is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from distinctions646.images.fingerprint import pixel_sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from distinctions646.forms.samples import Sample


class _First(NamedTuple):
    """The first composite of a foreground: its name, and the hashes that the others share."""

    name: str
    alpha_sha256: str
    opaque_sha256: str


class CompositeCheck:
    """Compare the composites of a foreground with each other as they are decoded.

    All have the foreground's alpha; where it is opaque they have the foreground's own colours,
    whatever the background is; and no two of them are the same picture. A picture that was changed
    where it is opaque, or exchanged with one of another foreground, breaks the first or the second.
    """

    def __init__(self) -> None:
        self._first: dict[str, _First] = {}
        self._images: dict[tuple[str, str], str] = {}

    def __call__(
        self, sample: Sample, image: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]
    ) -> None:
        """Check one composite.

        Parameters
        ----------
        sample
            Its name and foreground.
        image
            H×W×3, uint8, RGB.
        alpha_u8
            H×W, uint8.

        Raises
        ------
        ValueError
            Naming the two composites that contradict each other.
        """
        opaque = alpha_u8 == 255
        own = _First(sample.name, pixel_sha256(alpha_u8), pixel_sha256(image[opaque]))
        first = self._first.setdefault(sample.foreground, own)
        where = sample.contents["image"][0]
        if own.alpha_sha256 != first.alpha_sha256:
            raise ValueError(
                f"{sample.contents['alpha'][0]}: differs from the alpha of {first.name}, which has "
                "the same foreground; one of them is damaged or exchanged"
            )
        if own.opaque_sha256 != first.opaque_sha256:
            raise ValueError(
                f"{where}: its opaque pixels differ from those of {first.name}, which has the same "
                "foreground; one of them is damaged or exchanged"
            )
        twin = self._images.setdefault((sample.foreground, pixel_sha256(image)), sample.name)
        if twin != sample.name and not opaque.all():
            raise ValueError(f"{where}: is the same picture as {twin}; expected another background")
