"""Workers with other versions or folders are refused, naming both."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from distinctions646.cluster.fitness import required, versions


def test_this_process_is_fit_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    with required(tmp_path / "new" / "out", [tmp_path / "sources", tmp_path / "none"]) as fitness:
        assert fitness.complaint() is None
        assert fitness.read.keys() == {tmp_path / "sources"}
    assert list(tmp_path.iterdir()) == [tmp_path / "sources"]


def test_other_versions_are_both_named(tmp_path: Path) -> None:
    with required(None, []) as fitness:
        other = replace(fitness, wanted={**fitness.wanted, "numpy": "0.1"})
        numpy = versions()["numpy"]
        assert other.complaint() == f"has numpy {numpy}, and this machine 0.1; expected the same"
        without = {name: version for name, version in versions().items() if name != "numpy"}
        assert "this machine none" in str(replace(fitness, wanted=without).complaint())


def test_a_folder_that_is_not_shared_is_named(tmp_path: Path) -> None:
    with required(tmp_path / "out", [tmp_path]) as fitness:
        assert fitness.probe is not None
        fitness.probe.write_text("of somebody else")
        assert f"sees another {tmp_path}" in str(fitness.complaint())
        fitness.probe.unlink()
        assert f"cannot use {tmp_path} (No such file" in str(fitness.complaint())


def test_other_sources_under_the_same_name_are_named(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    with required(None, [sources]) as fitness:
        os.utime(sources, ns=(0, 0))
        assert fitness.complaint() == (
            f"sees another {sources}; expected a folder that all machines share"
        )
        sources.rmdir()
        assert f"does not see {sources}" in str(fitness.complaint())


def test_what_a_killed_command_left_is_removed_after_a_day(tmp_path: Path) -> None:
    old, new = tmp_path / ".matting-probe-old", tmp_path / ".matting-probe-new"
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    with required(tmp_path / "out", []):
        assert not old.exists()
        assert new.exists()


def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="out: cannot be written"), required(tmp_path / "out", []):
        pass
