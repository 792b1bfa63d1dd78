"""Which part of a build a process does."""

from __future__ import annotations

import re

import pytest

from distinctions646.process.part import Part, parse_part


def array(task, first=0, last=7, count=8):
    names = ("ID", "MIN", "MAX", "COUNT")
    values = (task, first, last, count)
    return {
        f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in zip(names, values, strict=True)
    }


def test_parts_share_the_shards_out():
    parts = [list(parse_part(f"{index}/3", {}).of(8)) for index in range(3)]
    assert parts == [[0, 3, 6], [1, 4, 7], [2, 5]]
    assert list(Part(4, 5).of(3)) == []


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (array(3), Part(3, 8)),
        (array(1, 1, 4, 4), Part(0, 4)),
        (array(14, 10, 16, 4), Part(2, 4)),
        (array(5, 5, 5, 1), Part(0, 1)),
    ],
)
def test_slurm_arrays(environment, expected):
    assert parse_part("slurm", environment) == expected


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("3", {}, "shard is '3'; expected i/n, such as 0/8, or slurm"),
        ("8/8", {}, "shard is 8/8; expected 0/8 to 7/8"),
        ("0/0", {}, "shard is 0/0; expected i/n with n of 1 or more"),
        ("-1/3", {}, "shard is '-1/3'; expected i/n"),
        ("slurm", {}, "SLURM_ARRAY_TASK_ID is not set; expected a job array"),
        ("slurm", array("x"), "SLURM_ARRAY_TASK_ID is 'x'; expected a job array"),
        ("slurm", array(7, 1, 7, 3), None),
        ("slurm", array(7, 1, 7, 4), None),
        ("slurm", array(3, 1, 7, 2), "the job array has gaps"),
        ("slurm", array(2, 0, 7, 3), "the job array has gaps"),
    ],
)
def test_what_is_refused(text, environment, message):
    if message is None:  # steps of 3 and of 2 leave no shard undone
        assert parse_part(text, environment).index == int(environment["SLURM_ARRAY_TASK_COUNT"]) - 1
        return
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_part(text, environment)
