"""Distinctions-646, with 100 or 80 backgrounds for each training foreground.

Qiao et al.: "Attention-Guided Hierarchical Structure Aggregation for Image Matting", CVPR 2020.
The archive (RAR 5: bsdtar or 7z unpack it) unpacks to ``Distinctions-646``. The authors'
repository keeps its lists, with 80 backgrounds, in ``utils/Distinctions-646/{train,test}``.
"""

from __future__ import annotations

from dataclasses import replace

from distinctions646.sources.catalogue.collections import COCO_TERMS, VOC_TERMS, voc_test_list
from distinctions646.sources.layouts import KnownDataset, NameList, SplitLayout
from distinctions646.sources.terms import Terms

_TEST = SplitLayout(
    bases=("", "Test", "Distinctions-646/Test"),
    folders=(("FG", "GT"),),
    foregrounds=NameList(
        "fg_test.txt",
        50,
        "23c5a29d51854c59fcc1201fdc5dec1264b6936e27234e8b4e8d2ba1ef423170",
        "a9fd68bcd11a750eea4857ae68f7b3148d2bdb0d59692c8397250de8c4d967db",
        "numbers",
    ),
    backgrounds=voc_test_list("bg_test.txt"),
    background_source="voc",
    per_foreground=20,
    names="d646",
    trimap_rule="dilate-25/v1",
)
_TRAIN = SplitLayout(
    bases=("", "Train", "Distinctions-646/Train"),
    folders=(("FG", "GT"),),
    foregrounds=NameList(
        "fg_train.txt",
        596,
        "90558d96abcee75c5375f59b95fc11de66f5fecf4205439de94da007c4ff87f6",
        "e220ee15646da3e2896c84a3f59bdb36cb4fc4ba4f7e83f52353a34026f00791",
        "windows",
    ),
    backgrounds=NameList("bg_train.txt", 59_600),
    background_source="coco",
    per_foreground=100,
    names="d646",
)
_TRAIN_80 = replace(
    _TRAIN,
    backgrounds=NameList(
        "bg_train.txt",
        47_680,
        "5a98091a777131d278715a2a92b809301aabef2f5d7a062268647387083cc5ef",
        "c316d76903807c6403f0dd2167af3763193d5ffc9f9b43b9aecc91acf7ecf182",
    ),
    per_foreground=80,
)
DISTINCTIONS_646 = KnownDataset(
    title="Distinctions-646",
    terms=Terms(
        "Distinctions-646 is given by its authors for non-commercial research; ask them before "
        "passing it on (https://github.com/yuhaoliu7456/CVPR2020-HAttMatting)",
        f"{COCO_TERMS}; {VOC_TERMS}",
        may_be_public=False,
    ),
    archive={"train": _TRAIN, "test": _TEST},
)
DISTINCTIONS_646_GITHUB_80 = replace(
    DISTINCTIONS_646,
    title="Distinctions-646 (80 backgrounds)",
    archive={"train": _TRAIN_80, "test": _TEST},
    test_images_of="distinctions646",
)
