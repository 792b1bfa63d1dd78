"""Training samples from a built dataset's virtual split.

Windows of 512, 640 or 800 pixels of the official composites, composed when asked, then resized and
flipped as §3.4 of the paper says.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from torch.utils.data import Dataset

from distinctions646.compose.composite import fit_window
from distinctions646.forms.raw_foregrounds import read_window
from distinctions646.forms.virtual import VirtualSample
from distinctions646.loading.opening import open_split
from distinctions646.torch_data import crop_generator
from hattmatting.samples.crops import Box, Crops, ImageU8, cut_plane
from hattmatting.samples.samples import (
    Request,
    Sample,
    Window,
    compose_window,
    place_in_epoch,
    to_sample,
)


class VirtualSamples(Dataset[Sample]):
    """Samples made on request, each composite of the split once an epoch.

    Parameters
    ----------
    folder
        A dataset that `distinctions646.build --write virtual` made.
    split
        Name of a split in that form.
    backgrounds
        Folder of the backgrounds; None means ``backgrounds/`` inside `folder`.
    seed
        Together with a request's number, fixes a sample.
    crops
        Which windows are cut, and with what trimap.

    Raises
    ------
    ValueError
        If the folder has no such virtual split, or a file is missing.
    """

    has_windows = True

    def __init__(
        self,
        folder: Path,
        split: str,
        backgrounds: Path | None,
        seed: int,
        crops: Crops | None = None,
    ) -> None:
        self.opened = open_split(folder, split, "virtual", backgrounds)
        self.seed, self.crops = seed, crops or Crops()

    def __len__(self) -> int:
        """Return the number of composites."""
        return len(self.opened.samples)

    def __getitem__(self, request: Request) -> Sample:
        """Return image uint8 3×S×S, alpha uint8 1×S×S and the sample's number."""
        image, alpha_u8 = compose_window(self.window(request.number), request.size)
        return to_sample(image, alpha_u8, request.number)

    def window(self, number: int) -> Window:
        """Return what a sample is composed of."""
        epoch, index = place_in_epoch(self.seed, number, len(self))
        sample = cast("VirtualSample", self.opened.samples[index])
        rng, size = crop_generator(self.seed, epoch, index), sample.size()

        def cut(box: Box) -> ImageU8:
            return read_window(sample.foreground_path, size, box)

        trimap = self.crops.draw_trimap(lambda: cut((0, 0, *size))[..., 3], number, self.seed)
        box, rgba = self.crops.draw_window(size, cut, trimap, rng)
        background = fit_window(sample.raw_background(), size, box, sample.row.preset)
        mirrored = rng.random() < 0.5
        return Window(rgba, background, mirrored, sample.row.preset, cut_plane(trimap, box))

    def describe(self, number: int) -> str:
        """Return the id of a sample's composite."""
        return self.opened.samples[place_in_epoch(self.seed, number, len(self))[1]].id

    def fingerprint(self) -> str:
        """Return the split's fingerprint, from the manifest."""
        return f"{self.opened.name} {self.opened.split} {self.opened.identity}"
