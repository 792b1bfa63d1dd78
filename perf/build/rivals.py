"""What builds are compared with: plain OpenCV, the Distinctions-646 generator, earlier commits."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_image
from perf.build.ours import CROP
from perf.build.sources import PER_FOREGROUND, count_of
from perf.build.timing import Measured, timed
from perf.points.recording import run_in


def opencv_loop(folder: Path) -> Measured:
    """Do what most such scripts do: OpenCV throughout, whole arrays in double precision."""
    import cv2

    cv2.setNumThreads(1)
    out = folder / "plain"
    backgrounds = sorted((folder / "bg").iterdir())

    def work() -> int:
        for number, path in enumerate(sorted((folder / "fg").iterdir())):
            foreground = cv2.imread(str(path))
            alpha = cv2.imread(str(folder / "alpha" / path.name), 0)[..., None] / 255.0
            height, width = alpha.shape[:2]
            for k in range(PER_FOREGROUND):
                background = cv2.imread(str(backgrounds[number * PER_FOREGROUND + k]))
                ratio = max(height / background.shape[0], width / background.shape[1])
                if ratio > 1:
                    size = [int(np.ceil(side * ratio)) for side in background.shape[1::-1]]
                    background = cv2.resize(background, size, interpolation=cv2.INTER_CUBIC)
                merged = alpha * foreground + (1 - alpha) * background[:height, :width]
                cv2.imwrite(str(out / f"{path.stem}_{k}.png"), merged.astype(np.uint8))
        return len(backgrounds)

    out.mkdir(exist_ok=True)
    return timed(work)


class Earlier:
    """A function of `perf.build.ours` of an earlier commit of this suite.

    Parameters
    ----------
    checkout
        Root of its checkout.
    function
        Name of the function.
    """

    def __init__(self, checkout: Path, function: str) -> None:
        self.checkout, self.function = checkout, function

    def __call__(self, folder: Path) -> Measured:
        """Run it by the code of the checkout."""
        script = (
            "import sys; from pathlib import Path; from perf.build import ours; "
            "measured = getattr(ours, sys.argv[1])(Path(sys.argv[2])); "
            "print(measured.count, measured.seconds)"
        )
        printed = run_in(self.checkout, ["-c", script, self.function, str(folder)])
        count, seconds = printed.splitlines()[-1].split()
        return Measured(int(count), float(seconds))


class Generator:
    """The authors' script, run as it is but for its paths and the number of backgrounds."""

    def __init__(self, source: str, *, all_files: bool) -> None:
        source = re.sub(r"num_bgs = \d+", f"num_bgs = {PER_FOREGROUND}", source)
        source = re.sub(r"^\s*print\(.*$", "", source, flags=re.MULTILINE)
        source = source.replace("'/bg_test.txt'", "'./bg_test.txt'")
        if not all_files:
            others = r"^\s*cv2\.imwrite\(out_(gt|fg|bg)_path.*$"
            source = re.sub(others, "", source, flags=re.MULTILINE)
        self.source = source

    def __call__(self, folder: Path) -> Measured:
        """Run it in a folder laid out as it expects."""
        import cv2
        import torch

        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        links = {
            "Test_ori/Fg_images": "fg",
            "Test_ori/Alpha_matte": "alpha",
            "VOCdevkit/VOC2012/JPEGImages": "bg",
        }
        for link, target in links.items():
            (folder / link).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / link).exists():
                (folder / link).symlink_to(folder / target)
        for name in ("Image", "GT", "FG", "BG"):
            (folder / "Test" / name).mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        count = len(list((folder / "bg").iterdir()))
        measured = timed(lambda: exec(self.source, {"__name__": "generator"}) or count)
        self._check(folder)
        return measured

    @staticmethod
    def _check(folder: Path) -> None:
        """Refuse to compare with a program that made something else."""
        for index in (0, count_of(folder) - 1):
            stem = f"test_{index // PER_FOREGROUND}_{index % PER_FOREGROUND}"
            ours = read_image(folder / "files" / "test" / "image" / f"{stem}.png")
            theirs = read_image(folder / "Test" / "Image" / f"test_{index}.png")
            if pixel_sha256(ours) != pixel_sha256(theirs):
                raise ValueError(f"composite {index}: the generator's pixels differ from ours")


def crop_pngs(folder: Path) -> Measured:
    """Decode materialised PNGs of image and alpha whole, and cut the crop out."""
    import cv2

    cv2.setNumThreads(1)
    root = folder / "files" / "test"
    random = np.random.default_rng(0)
    names = sorted(path.name for path in (root / "image").iterdir())

    def work() -> int:
        for name in names:
            image = cv2.imread(str(root / "image" / name))[..., ::-1]
            alpha_u8 = cv2.imread(str(root / "alpha" / name), 0)
            top, left = (int(random.integers(side - CROP + 1)) for side in alpha_u8.shape)
            window = (slice(top, top + CROP), slice(left, left + CROP))
            np.ascontiguousarray(image[window]), np.ascontiguousarray(alpha_u8[window])
        return len(names)

    return timed(work)
