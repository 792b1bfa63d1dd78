"""A build that is killed at any moment resumes and ends with the same bytes."""

from __future__ import annotations

import pytest

from distinctions646.build import work
from distinctions646.build.building import build
from distinctions646.build.workspace import workspace


# Of two shards with trimaps: in the first file, in the first marker, in the second shard, and in
# the card, when all pictures are there.
@pytest.mark.parametrize("files_written", [1, 7, 10, 17])
def test_killed_and_run_again(tmp_path, tiny, files_of, killed_run, files_written):
    settings = {"write": ("parquet", "folder"), "trimap_rule": "dilate-25/v1"}
    flags = ("--write", "parquet", "folder", "--trimap-rule", "dilate-25/v1")
    build(tiny.config(tmp_path / "clean", **settings))
    killed_run(tmp_path / "out", files_written, *flags)
    assert not (tmp_path / "out").exists()
    assert (tmp_path / ".out.partial").is_dir()
    build(tiny.config(tmp_path / "out", **settings))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean", "out", "sources"]


def test_finished_shards_are_not_made_again(tmp_path, tiny, killed_run, monkeypatch):
    killed_run(tmp_path / "out", 9, "--write", "folder")
    made = []

    def spy(shard, *rest):
        made.append(shard.foreground.path.name)
        return render_shard(shard, *rest)

    from distinctions646.build.work import render_shard

    monkeypatch.setattr(work, "render_shard", spy)
    build(tiny.config(tmp_path / "out"))
    assert made == ["dog (1).b.png"]


def test_other_settings_after_a_kill_leave_no_trace(tmp_path, tiny, files_of, killed_run):
    killed_run(tmp_path / "out", 9, "--write", "folder")
    settings = {"names": "d646", "per_foreground": 1}
    build(tiny.config(tmp_path / "out", **settings))
    build(tiny.config(tmp_path / "clean", **settings))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")


def test_a_changed_source_after_a_kill_is_read_again(tmp_path, tiny, files_of, killed_run):
    killed_run(tmp_path / "out", 9, "--write", "folder")
    (tiny.folder / "bg" / "b0.png").write_bytes((tiny.folder / "bg" / "b1.png").read_bytes())
    build(tiny.config(tmp_path / "out"))
    build(tiny.config(tmp_path / "clean"))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")


def test_two_builds_of_one_folder_do_not_meet(tmp_path, tiny):
    with workspace(tmp_path / "out", "tag"):
        with pytest.raises(ValueError, match="out: another build is writing it; wait for its end"):
            build(tiny.config(tmp_path / "out"))


def test_a_foreign_hidden_folder_is_left_alone(tmp_path, tiny):
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "mine.txt").write_text("mine")
    with pytest.raises(
        ValueError, match=r"\.out\.partial: is not an unfinished build of ours; move it"
    ):
        build(tiny.config(tmp_path / "out"))
    assert (tmp_path / ".out.partial" / "mine.txt").read_text() == "mine"
