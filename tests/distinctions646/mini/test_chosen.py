"""The test split is frozen: these numbers change only with a new one."""

from collections import Counter

from distinctions646.mini.catalogue import GROUPS
from distinctions646.mini.chosen import chosen_foregrounds


def test_every_group_is_tested_and_opaque_bodies_lead() -> None:
    groups = Counter(picture.group for picture in chosen_foregrounds("test", 64))
    assert set(groups) == set(GROUPS)
    assert groups["solid"] == max(groups.values())
    assert sum(groups[name] for name in ("solid", "hair", "plant")) >= 25


def test_size_reaches_every_picture() -> None:
    assert {picture.size for picture in chosen_foregrounds("validation", 96)} == {96}
