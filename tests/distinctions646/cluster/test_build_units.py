"""The parts of a build that workers of another engine do: the bytes of this machine's pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from distinctions646.build.building import build
from distinctions646.forms import parquet
from distinctions646.process.engine import Unit, using
from distinctions646.process.whole_files import partial_name


class Recorder:
    """An engine that does all units in this process, backwards, and keeps what they were."""

    def __init__(self, leave_behind: Path | None = None) -> None:
        self.units: list[tuple[str, int]] = []
        self.leave_behind = leave_behind

    def completed(
        self, function: Callable[[Any], Any], items: Sequence[Any], unit: Unit
    ) -> Iterator[tuple[int, Any]]:
        self.units.append((str(unit.repeatable), len(items)))
        for index in reversed(range(len(items))):
            yield index, function(items[index])
        if self.leave_behind is not None and self.leave_behind.is_dir():
            partial_name(self.leave_behind / "killed").touch()


@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_sources_and_joined_files_are_units(
    tmp_path: Path, tiny: Any, files_of: Any, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(parquet, "_FILE_PIXELS", 40)  # several files
    build(tiny.config(tmp_path / "whole", write=(form,)))
    recorder = Recorder()
    with using(recorder):
        build(tiny.config(tmp_path / "by-engine", write=(form,)))
    assert files_of(tmp_path / "by-engine") == files_of(tmp_path / "whole")
    (hashing, shards, files) = recorder.units
    assert hashing == ("True", 1)  # eight files are less than a unit has
    assert shards == ("False", 2)
    assert files[0] == "False"
    assert files[1] > 1


def test_half_a_file_of_a_killed_worker_does_not_stay(
    tmp_path: Path, tiny: Any, files_of: Any
) -> None:
    build(tiny.config(tmp_path / "whole", write=("parquet",)))
    hidden = tmp_path / ".by-engine.partial" / "final" / "data"
    with using(Recorder(leave_behind=hidden)):
        build(tiny.config(tmp_path / "by-engine", write=("parquet",)))
    assert files_of(tmp_path / "by-engine") == files_of(tmp_path / "whole")
