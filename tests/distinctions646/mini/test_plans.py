from collections import Counter

import pytest

from distinctions646.mini.catalogue import CLASSES, GROUPS, UNSEEN_CLASSES, share_out
from distinctions646.mini.plans import chosen_foregrounds, pair, plan_backgrounds, plan_foregrounds
from distinctions646.plan.embedded import CONFIGS

SPLITS = ("train", "validation", "test")


def names(split: str, count: int | None = None) -> list[str]:
    return [picture.name for picture in plan_foregrounds(split, 64, count=count)]


def test_test_has_fifty_foregrounds_and_validation_others() -> None:
    assert len(set(names("test"))) == 50
    assert len(set(names("validation"))) == 25
    generated = [
        {(one.subject, one.seed) for one in plan_foregrounds(split, 64, count=500) if one.seed}
        for split in SPLITS
    ]
    assert not set.intersection(*generated)
    assert sum(map(len, generated)) == len(set.union(*generated))


def test_whole_classes_are_in_test_alone() -> None:
    unseen = {one.subject for one in plan_foregrounds("test", 64) if one.unseen}
    assert set(UNSEEN_CLASSES) | {"bicycle", "racket"} <= unseen
    for split in ("train", "validation"):
        assert not any(one.unseen for one in plan_foregrounds(split, 64, count=500))


def test_a_path_traced_foreground_is_in_one_split() -> None:
    traced = {
        split: {one.vendored for one in plan_foregrounds(split, 64, count=5000)} - {None}
        for split in SPLITS
    }
    assert sum(map(len, traced.values())) == len(set.union(*traced.values()))
    assert len(traced["test"]) >= 18
    assert traced["train"]


@pytest.mark.parametrize("count", [1, 64, 500, 5000])
def test_training_is_as_large_as_asked(count: int) -> None:
    planned = names("train", count)
    assert len(set(planned)) == count


def test_a_larger_training_set_keeps_the_smaller_one() -> None:
    assert set(names("train", 64)) <= set(names("train", 1000))


def test_another_seed_is_another_training_set() -> None:
    first = {one.seed for one in plan_foregrounds("train", 64, count=100) if one.seed}
    other = {one.seed for one in plan_foregrounds("train", 64, count=100, seed=1) if one.seed}
    assert not first & other


def test_training_needs_a_number() -> None:
    with pytest.raises(ValueError, match="foregrounds is None; expected 1 or more"):
        plan_foregrounds("train", 64)


def test_shares_follow_the_weights_and_sum_up() -> None:
    seen = [name for name in CLASSES if name not in UNSEEN_CLASSES]
    numbers = share_out(1000, seen)
    assert sum(numbers.values()) == 1000
    assert max(numbers, key=lambda name: numbers[name]) == "creature"
    assert min(numbers.values()) >= 10


def test_backgrounds_are_disjoint_and_photographs_among_them() -> None:
    pools = [plan_backgrounds(one.split, 64, one.backgrounds) for one in CONFIGS.values()]
    made = [{(one.subject, one.seed, one.vendored) for one in pool} for pool in pools]
    small, test, validation, train = made
    assert small < test
    assert len(test | validation | train) == len(test) + len(validation) + len(train) == 270
    assert sum(one.vendored is not None for one in pools[0]) == 5
    every_name = [one.name for pool in pools[1:] for one in pool]
    assert len(set(every_name)) == len(every_name)


def test_pairing_uses_every_background_as_often() -> None:
    pool = [str(number) for number in range(100)]
    paired = pair(50, 20, pool)
    assert set(Counter(paired).values()) == {10}
    assert all(len(set(paired[start : start + 20])) == 20 for start in range(0, 1000, 20))
    assert paired[::20] == pair(50, 1, pool[:50])


# The test split is frozen: these numbers change only with a new one.


def test_every_group_is_tested_and_opaque_bodies_lead() -> None:
    groups = Counter(picture.group for picture in chosen_foregrounds("test", 64))
    assert set(groups) == set(GROUPS)
    assert groups["solid"] == max(groups.values())
    assert sum(groups[name] for name in ("solid", "hair", "plant")) >= 25


def test_size_reaches_every_picture() -> None:
    assert {picture.size for picture in chosen_foregrounds("validation", 96)} == {96}
