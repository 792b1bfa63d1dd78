"""What the quick suite times: each a pair of calls that do the same, ours and a rival.

*To add one*: write a function that returns a `Pair`, and add it to `CASES`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from perf.quick.folders import board_table, composing, cropping, scoring, tiny_images
from perf.quick.mattes import ImageU8, pair_of_mattes, radius
from perf.quick.pair import Pair

_PHOTOGRAPH = "bee.webp"  # of mini's
_SIDE = 320  # of the picture for methods of several seconds a megapixel


def inference() -> Pair:
    """Return a cut-out's matte by the rewritten network, and by the network as it was built."""
    from distinctions646.mini.photographs import read_photograph
    from hattmatting.inference.fusing import fuse
    from hattmatting.inference.predicting import predict
    from hattmatting.model.network import HAttMatting

    image = read_photograph(_PHOTOGRAPH)
    plain = HAttMatting.from_pretrained("hatt-lite")
    fused = fuse(plain, int8=True)
    return Pair(
        "the network as built", lambda: predict(fused, image), lambda: predict(plain, image)
    )


def closed_form() -> Pair:
    """Return closed-form matting and pymatting's."""
    return _beside_pymatting("closed-form")


def knn() -> Pair:
    """Return KNN matting and pymatting's."""
    return _beside_pymatting("knn")


def _beside_pymatting(name: str) -> Pair:
    from benchmark.methods.finding import call, load_method

    image, trimap = picture()
    ours, theirs = load_method(name), load_method(f"{name}-pymatting")
    return Pair(
        "pymatting",
        lambda: call(ours, image, trimap),
        lambda: call(theirs, image, trimap),
        repeats=2,
    )


def both_regions() -> Pair:
    """Return the metrics of both regions in one pass, and one after the other."""
    from benchmark.metrics import evaluate, evaluate_regions
    from benchmark.metrics.kernels.choosing import CHOICE

    CHOICE.compile()
    alpha, alpha_gt, trimap = pair_of_mattes()
    return Pair(
        "one region after the other",
        lambda: evaluate_regions(alpha, alpha_gt, trimap, regions=("whole", "unknown")),
        lambda: [evaluate(alpha, alpha_gt, trimap, region=each) for each in ("whole", "unknown")],
    )


def encoding() -> Pair:
    """Return a matte's PNG by the suite's encoder and by Pillow."""
    from PIL import Image

    from distinctions646.images.png import encode_png

    alpha_u8 = pair_of_mattes()[0]
    return Pair(
        "Pillow",
        lambda: encode_png(alpha_u8),
        lambda: Image.fromarray(alpha_u8).save(io.BytesIO(), "PNG"),
        repeats=15,
    )


def all_pairs() -> Pair:
    """Return the comparison of every two of 12 methods at once and one by one."""
    from benchmark.statistics.comparison import compare, compare_all

    random = np.random.default_rng(0)
    columns = [random.lognormal(0, 1, 400) for _ in range(12)]
    clusters = [f"object{i // 20}" for i in range(400)]

    def one_by_one() -> None:
        for place, first in enumerate(columns):
            for second in columns[place + 1 :]:
                compare(first, second, clusters)

    return Pair("one by one", lambda: compare_all(columns, clusters), one_by_one, repeats=15)


CASES: Mapping[str, Callable[[], Pair]] = MappingProxyType(
    {
        "a pair scored from its files, 2 MP": scoring,
        "a matte's PNG, 2 MP": encoding,
        "a composite, image PNG alone, 3 MP": composing,
        "a crop of 512 pixels, composed on reading": cropping,
        "four metrics of both regions, 2 MP": both_regions,
        "100 images of 32 × 32 in a run, trimap": tiny_images,
        "the table of 20 methods × 200 images": board_table,
        "66 comparisons of methods": all_pairs,
        "closed-form, 0.1 MP": closed_form,
        "knn, 0.1 MP": knn,
        "hatt, 0.3 MP": inference,
    }
)
"""By name."""


def picture() -> tuple[ImageU8, ImageU8]:
    """Return a photograph of a long side of `_SIDE` pixels and a trimap: a ring is unknown."""
    import cv2

    from distinctions646.mini.photographs import read_photograph

    whole = read_photograph(_PHOTOGRAPH)
    scale = _SIDE / max(whole.shape[:2])
    size = round(whole.shape[1] * scale), round(whole.shape[0] * scale)
    image = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
    distance = radius(image.shape[0], image.shape[1])
    trimap = np.where(distance < 0.45, 255, np.where(distance > 0.65, 0, 128))
    return image, trimap.astype(np.uint8)
