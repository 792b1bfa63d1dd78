"""The cases of the quick suite that read or write folders: builds, scores, runs and boards."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from perf.quick.mattes import ImageU8, pair_of_mattes
from perf.quick.pair import Pair

_CROP = 512
_TINY = 32
_IMAGES = 100


def composing() -> Pair:
    """Return a composite of 3 megapixels as PNG, and OpenCV's in double precision."""
    import cv2

    from distinctions646.compose.composite import composite, fit_background
    from distinctions646.images.png import encode_png
    from distinctions646.images.reading import read_alpha, read_image
    from perf.build.sources import make_sources

    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        make_sources(Path(name), 1, 646)
        foreground = read_image(Path(name) / "fg/test_0.png")
        alpha_u8 = read_alpha(Path(name) / "alpha/test_0.png")
        background = read_image(Path(name) / "bg/0000.jpg")
    height, width = alpha_u8.shape

    def ours() -> bytes:
        return encode_png(
            composite(foreground, alpha_u8, fit_background(background, height, width))
        )

    def theirs() -> Any:
        ratio = max(height / background.shape[0], width / background.shape[1])
        size = [int(np.ceil(side * ratio)) for side in background.shape[1::-1]]
        large = cv2.resize(background, size, interpolation=cv2.INTER_CUBIC)[:height, :width]
        alpha = alpha_u8[..., None] / 255.0
        merged = alpha * foreground + (1 - alpha) * large
        return cv2.imencode(".png", merged.astype(np.uint8))[1]

    return Pair("plain OpenCV", ours, theirs)


def cropping() -> Pair:
    """Return crops of a virtual split, and those of its pictures decoded whole by OpenCV."""
    import cv2

    from distinctions646.build.building import build
    from distinctions646.loading.opening import open_split
    from distinctions646.torch_data import CropDataset
    from perf.build.sources import build_config, make_sources

    cv2.setNumThreads(1)
    folder = _new_folder()
    make_sources(folder, 1, 646)
    for form, write in (("files", "folder"), ("virtual", "virtual")):
        build(build_config(folder, form, (write,)))
    crops = CropDataset(open_split(folder / "virtual", backgrounds=folder / "bg"), _CROP, seed=1)
    names = itertools.cycle(sorted((folder / "files/test/image").iterdir()))
    turn = itertools.count()

    def theirs() -> tuple[ImageU8, ImageU8]:
        path = next(names)
        image = cv2.imread(str(path))[:_CROP, :_CROP, ::-1]
        alpha_u8 = cv2.imread(str(folder / "files/test/alpha" / path.name), 0)[:_CROP, :_CROP]
        return np.ascontiguousarray(image), np.ascontiguousarray(alpha_u8)

    return Pair("pictures decoded by OpenCV", lambda: crops[next(turn) % len(crops)], theirs, 15)


def scoring() -> Pair:
    """Return a pair scored from its files, and with the files read by Pillow."""
    from PIL import Image

    from benchmark.metrics import evaluate_regions
    from benchmark.metrics.kernels.choosing import CHOICE
    from distinctions646.images.decoding import png, unfiltering
    from distinctions646.images.png import write_png
    from distinctions646.images.reading import read_alpha, read_trimap

    CHOICE.compile()
    png.LOOP.undo = unfiltering.unfilter
    folder = _new_folder()
    names = ("alpha", "truth", "trimap")
    paths = [folder / f"{name}.png" for name in names]
    for path, pixels in zip(paths, pair_of_mattes(), strict=True):
        write_png(path, pixels)

    def score(alpha: ImageU8, alpha_gt: ImageU8, trimap: ImageU8) -> Any:
        return evaluate_regions(alpha, alpha_gt, trimap, regions=("whole", "unknown"))

    return Pair(
        "the same, read by Pillow",
        lambda: score(read_alpha(paths[0]), read_alpha(paths[1]), read_trimap(paths[2])),
        lambda: score(*(np.array(Image.open(path)) for path in paths)),
    )


def tiny_images() -> Pair:
    """Return a run over tiny images, and a loop with Pillow and NumPy that measures less."""
    from PIL import Image

    from benchmark.run import run_methods
    from benchmark.runner.config import RunConfig
    from perf.start import write_dataset

    dataset = write_dataset(_new_folder() / "tiny", _IMAGES, _TINY)
    out = _new_folder()
    turn = itertools.count()

    def ours() -> Any:
        return run_methods(RunConfig(("trimap",), (dataset,), out=out / str(next(turn))))

    def theirs() -> list[tuple[int, float]]:
        place = out / str(next(turn))
        place.mkdir()
        scores = []
        for path in sorted((dataset / "image").iterdir()):
            np.array(Image.open(path))
            alpha_gt, trimap = (
                np.array(Image.open(dataset / kind / path.name)) for kind in ("alpha", "trimap")
            )
            Image.fromarray(trimap).save(place / path.name)
            difference = trimap.astype(int) - alpha_gt
            scores.append((int(np.abs(difference).sum()), float(np.square(difference).mean())))
        return scores

    return Pair("Pillow and NumPy, SAD and MSE alone", ours, theirs, repeats=3)


def board_table() -> Pair:
    """Return the leaderboard's table from its results, and their means by pandas."""
    import pandas as pd

    from benchmark.formats.screen import show
    from perf.boards.synthetic import make_results

    results = make_results(_new_folder() / "results", 20, 200)
    paths = sorted(results.glob("*/*/results.parquet"))

    def theirs() -> list[Any]:
        return [pd.read_parquet(path).groupby("metric")["value"].mean() for path in paths]

    return Pair("the means by pandas", lambda: show([results]), theirs, repeats=3)


def _new_folder() -> Path:
    """Return a folder that is removed when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="perf-quick-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
