"""Transparent-460, published without backgrounds or lists; its pairing is ours.

Cai et al.: "TransMatting: Enhancing Transparent Objects Matting with Transformers", ECCV 2022.
The test foregrounds, sorted, lie over the test backgrounds of Composition-1k and Distinctions-646,
so no published number was measured on these composites.
"""

from __future__ import annotations

from distinctions646.sources.catalogue.collections import VOC_TERMS, voc_test_list
from distinctions646.sources.layouts import KnownDataset, NameList, SplitLayout
from distinctions646.sources.terms import Terms

TRANSPARENT_460 = KnownDataset(
    title="Transparent-460",
    terms=Terms(backgrounds=VOC_TERMS),
    archive={
        "test": SplitLayout(
            bases=("", "Test", "Transparent-460/Test"),
            folders=(("fg", "alpha"),),
            foregrounds=NameList("fg_names.txt", 50, order="windows"),
            backgrounds=voc_test_list("bg_names.txt"),
            background_source="voc",
            per_foreground=20,
            trimap_rule="dilate-25/v1",
        )
    },
)
