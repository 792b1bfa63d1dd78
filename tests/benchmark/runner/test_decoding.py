"""A plain folder's pictures are decoded once: for its root, and not again to be scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from distinctions646.forms import samples
from distinctions646.images.png import write_png
from distinctions646.loading.opening import open_split
from distinctions646.process.part import Part


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each picture has been decoded since."""
    counts: Counter[str] = Counter()
    for name in ("read_image", "read_alpha", "read_trimap"):
        read = getattr(samples, name)

        def counting(path: Path, *given: object, _read: Callable = read, **options: object):
            counts["/".join(path.parts[-2:])] += 1
            return _read(path, *given, **options)

        monkeypatch.setattr(samples, name, counting)
    return counts


def test_a_run_decodes_each_picture_once(dataset, tmp_path, start, decoded) -> None:
    assert start(dataset, tmp_path / "runs", "--method", "trimap", "constant") == 0
    pictures = {f"{kind}/{name}.png" for kind in ("image", "alpha") for name in ("a", "b", "glass")}
    assert {name: count for name, count in decoded.items() if name in pictures} == dict.fromkeys(
        pictures, 1
    )
    assert all(count == 1 for name, count in decoded.items() if name.startswith("trimap"))


def test_where_there_is_no_room_they_are_decoded_again(
    dataset, tmp_path, start, only, decoded, monkeypatch
) -> None:
    tables = []
    for room in (1 << 29, 24 * 30 * 5, 0):
        monkeypatch.setattr(samples, "KEPT_BYTES", room)
        decoded.clear()
        out = tmp_path / f"{room}"
        assert start(dataset, out, "--method", "constant") == 0
        tables.append(pd.read_parquet(only(out, "constant") / "results.parquet"))
        again = sum(count == 2 for name, count in decoded.items() if "trimap" not in name)
        assert again == {1 << 29: 0, 24 * 30 * 5: 4, 0: 6}[room]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(
            table.drop(columns="seconds"), tables[0].drop(columns="seconds")
        )


def test_what_is_kept_is_nobodys_to_change(dataset) -> None:
    split = open_split(dataset)
    expected = split.samples[0].image()
    assert len(split.root) == 64
    split.samples[0].image()[:] = 0
    split.samples[0].alpha_u8()[:] = 0
    assert np.array_equal(split.samples[0].image(), expected)
    assert split.compute_root() == split.root


def test_a_picture_that_changes_during_a_run_is_refused(
    dataset, tmp_path, start, capsys, monkeypatch
) -> None:
    """Its folder would be named after other pixels than were scored."""
    monkeypatch.setattr(samples, "KEPT_BYTES", 0)

    def change(rank: Part, count: int) -> range:
        write_png(dataset / "alpha" / "b.png", np.zeros((24, 30), np.uint8))
        return of(rank, count)

    of = Part.of
    monkeypatch.setattr(Part, "of", change)
    assert start(dataset, tmp_path / "runs", "--method", "constant") == 2
    assert "b: its alpha has other pixels than the dataset was built or opened with" in (
        capsys.readouterr().err
    )


def test_a_trimap_in_memory_is_checked_as_its_file_is(dataset) -> None:
    split = open_split(dataset)
    sample = split.samples[0]
    assert len(split.root) == 64
    trimap = np.full((24, 30), 127, np.uint8)
    sample.keep_trimap(trimap, "")
    assert np.array_equal(sample.trimap("official"), trimap)
    with pytest.raises(ValueError, match=r"trimap.a\.png: trimap has 127; expected 0, 128, 255"):
        sample.trimap()
