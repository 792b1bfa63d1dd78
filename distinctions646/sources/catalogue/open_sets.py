"""Open test sets of photographs, which are read where they lie.

``open_split("aim-500:DIR")`` and ``benchmark.run --dataset aim-500:DIR`` take them without a copy.

To add one: give it an entry in `OPEN_SETS` and a row in ``docs/datasets.md`` (a test looks).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from distinctions646.sources.layouts import KnownDataset, OpenSetLayout
from distinctions646.sources.terms import Terms


def _photographs(
    title: str, licence: str, test: OpenSetLayout, train: OpenSetLayout | None = None
) -> KnownDataset:
    """Return an open set; its licence is what its authors state."""
    layouts = {"test": test} if train is None else {"test": test, "train": train}
    stated = f"the authors of {title} state: {licence}"
    terms = Terms(stated, "the photographs have their own")
    return KnownDataset(title, terms, photographs=layouts, real=True)


def _p3m(kind: str, image: str) -> KnownDataset:
    layout = OpenSetLayout(
        bases=("", "validation", "P3M-10k", "P3M-10k/validation"),
        image=(f"P3M-500-{kind}/{image}",),
        alpha=(f"P3M-500-{kind}/mask",),
        trimap=(f"P3M-500-{kind}/trimap",),
        count=500,
    )
    return _photographs(f"P3M-500-{kind}", "MIT, by its README", layout)


def _him2k(kind: str) -> OpenSetLayout:
    return OpenSetLayout(
        bases=("", "HIM2K"), image=(f"images/{kind}",), alpha=(f"alphas/{kind}",), instances=True
    )


def _alphamatting(resolution: str, trimap: int) -> KnownDataset:
    layout = OpenSetLayout(
        bases=("", "alphamatting"),
        image=(f"input_training_{resolution}res",),
        alpha=(f"gt_training_{resolution}res",),
        trimap=(f"trimap_training_{resolution}res/Trimap{trimap}",),
        count=27,
    )
    title = f"alphamatting.com, {resolution} resolution, trimap {trimap}"
    return _photographs(title, "free for research; cite Rhemann et al., CVPR 2009", layout)


_AM_2K = _photographs(
    "AM-2k",
    "MIT",
    OpenSetLayout(
        ("", "validation", "AM-2k/validation"), ("original",), ("mask",), ("trimap",), 200
    ),
    OpenSetLayout(("", "train", "AM-2k/train"), ("original",), ("mask",), (), 1800),
)
OPEN_SETS: Mapping[str, KnownDataset] = MappingProxyType(
    {
        "aim-500": _photographs(
            "AIM-500",
            "MIT",
            OpenSetLayout(("", "AIM-500"), ("original",), ("mask",), ("trimap",), 500),
        ),
        "am-2k": _AM_2K,
        "p3m-500-p": _p3m("P", "blurred_image"),
        "p3m-500-np": _p3m("NP", "original_image"),
        "ppm-100": _photographs(
            "PPM-100",
            "photographs of Flickr under Creative Commons, mattes CC BY-NC-SA 4.0",
            OpenSetLayout(
                ("", "PPM-100"), ("image", "image_train"), ("matte", "matte_train"), (), 100
            ),
        ),
        "him2k-comp": KnownDataset(  # composites, but published as pictures
            "HIM2K, composites",
            Terms("the authors of HIM2K state: CC BY-NC 4.0"),
            photographs={"test": _him2k("comp")},
        ),
        "him2k-natural": _photographs("HIM2K, natural", "CC BY-NC 4.0", _him2k("natural")),
        "alphamatting-low": _alphamatting("low", 1),
        "alphamatting-low-trimap2": _alphamatting("low", 2),
        "alphamatting-high": _alphamatting("high", 1),
        "alphamatting-high-trimap2": _alphamatting("high", 2),
    }
)
