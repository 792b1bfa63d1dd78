"""Keeping results: the newest run of each method, without its mattes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from benchmark.results.keep import keep


def test_of_two_versions_of_a_method_the_newer_is_kept(
    tmp_path: Path, make_run: Callable[..., Path]
) -> None:
    sad = {"cat": [1.0], "dog": [2.0]}
    old = make_run(tmp_path / "runs", "knn", sad, method_hash="a" * 12)
    new = make_run(tmp_path / "runs", "knn", sad, method_hash="b" * 12)
    for folder, seconds in ((old, 1_000), (new, 2_000)):
        os.utime(folder / "run.json", (seconds, seconds))
    (new / "alpha").mkdir()
    (kept,) = keep([tmp_path / "runs"], tmp_path / "kept")
    assert kept.name == new.name
    assert sorted(path.name for path in kept.iterdir()) == ["results.parquet", "run.json"]


def test_the_same_method_with_other_weights_is_kept_beside_it(
    tmp_path: Path, make_run: Callable[..., Path]
) -> None:
    for digit, card in (("a", {"weights": "one"}), ("b", {"weights": "other", "paper": "Doe"})):
        make_run(tmp_path, "hatt", {"cat": [1.0]}, method_hash=digit * 12, method_card=card)
    assert len(keep([tmp_path], tmp_path / "kept")) == 2
