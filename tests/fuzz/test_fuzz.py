"""A few spoilt files of each reader at every run of the tests, 2,000 in the slow part."""

from __future__ import annotations

import os

import pytest

from tests.fuzz.fuzzing import fuzz, run, spoilt
from tests.fuzz.mutations import spoil_bytes
from tests.fuzz.readers import READERS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
QUICK = ("pictures", "lists of names", "foreground attributes", "published numbers")


@pytest.mark.parametrize("name", QUICK)
def test_some(name: str) -> None:
    tally = fuzz(name, 15, seed=1)
    assert tally.escapes == {}
    assert tally.counts["refused"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many(name: str) -> None:
    inputs = 2000 * READERS[name].weight // sum(reader.weight for reader in READERS.values())
    tally = fuzz(name, inputs)
    assert tally.escapes == {}
    assert sum(tally.counts.values()) == inputs


def test_an_input_is_made_again_from_its_number(tmp_path) -> None:
    seeds = {path: path.read_bytes() for path in READERS["lists of names"].seeds(tmp_path)}
    made = [spoilt(READERS["lists of names"], seeds, f"0/lists/{number}") for number in (3, 3, 4)]
    assert made[0] == made[1] != made[2]


def test_inputs_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, int] = {}

    def count(name: str, inputs: int, seed: int) -> None:
        counts[name] = inputs

    monkeypatch.setattr("tests.fuzz.fuzzing.fuzz", count)
    list(run(list(READERS), 1001, 0))
    assert sum(counts.values()) == 1001
    assert counts["pictures"] > counts["build.json"] > 0


def test_what_escapes_is_seen(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lets everything through, one that names no file, and one that dies."""
    from tests.fuzz.readers import Reader

    def seeds(folder):
        (folder / "a.bin").write_bytes(bytes(40))
        return [folder / "a.bin"]

    def escape(folder, path):
        raise KeyError("a")

    def unnamed(folder, path):
        raise ValueError("something is wrong")

    def die(folder, path):
        os._exit(9)

    expected = {escape: "KeyError", unnamed: "does not name the file", die: "ended with 9"}
    for read, told in expected.items():
        monkeypatch.setitem(READERS, "bad", Reader(seeds, read, (spoil_bytes,)))
        tally = fuzz("bad", 3)
        assert tally.counts["escaped"] == 3
        assert told in next(iter(tally.escapes))
