"""Composition-1k, from Adobe's archive, which unpacks to ``Combined_Dataset``.

Xu, Price, Cohen, Huang: "Deep Image Matting", CVPR 2017.
"""

from __future__ import annotations

from distinctions646.sources.catalogue.collections import COCO_TERMS, VOC_TERMS, voc_test_list
from distinctions646.sources.layouts import GIVEN_RULE, KnownDataset, NameList, SplitLayout
from distinctions646.sources.terms import Terms

_TEST = SplitLayout(
    bases=("", "Test_set", "Combined_Dataset/Test_set"),
    folders=(("Adobe-licensed images/fg", "Adobe-licensed images/alpha"),),
    foregrounds=NameList(
        "test_fg_names.txt",
        50,
        "5fd4117581cfd00a877fc207b612b4846675884f6fdf96d69b336fbd1ed7198a",
        "5fd4117581cfd00a877fc207b612b4846675884f6fdf96d69b336fbd1ed7198a",
        "windows",
    ),
    backgrounds=voc_test_list("test_bg_names.txt"),
    background_source="voc",
    per_foreground=20,
    trimaps="Adobe-licensed images/trimaps",
    trimap_rule=GIVEN_RULE,
)
_TRAIN = SplitLayout(
    bases=("", "Training_set", "Combined_Dataset/Training_set"),
    folders=(
        ("Adobe-licensed images/fg", "Adobe-licensed images/alpha"),
        ("Other/fg", "Other/alpha"),
    ),
    foregrounds=NameList(
        "training_fg_names.txt",
        431,
        "582f176311133d707cc34488a3933d9bf3af66d262b29530e1cd6c0b073d7510",
        "d82d255b69218fb675eaa6c99443ee39981ec9c84cd72646f9a001363119bd81",
        "windows",
    ),
    backgrounds=NameList(
        "training_bg_names.txt",
        43_100,
        "8c53be8dc49ccdfa1f0bbea13b0bafea657d14b55d418e6705d89966f8793b5f",
        "8c53be8dc49ccdfa1f0bbea13b0bafea657d14b55d418e6705d89966f8793b5f",
        "bytes",
    ),
    background_source="coco",
    per_foreground=100,
)
COMPOSITION_1K = KnownDataset(
    title="Composition-1k",
    terms=Terms(
        "Adobe's Deep Image Matting dataset is given on request for non-commercial research under "
        "a licence that forbids passing it on, and most of its foregrounds are licensed "
        "photographs",
        f"{COCO_TERMS}; {VOC_TERMS}",
        may_be_public=False,
    ),
    archive={"train": _TRAIN, "test": _TEST},
)
