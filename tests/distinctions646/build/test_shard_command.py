"""Parts of one build, at the same time or one after the other, end with the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from distinctions646.build import work
from distinctions646.build.building import build, build_part, main
from distinctions646.build.workspace import workspace
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.loading.opening import open_split
from distinctions646.process.locks import BusyError
from distinctions646.process.part import Part

FORMS = [("folder",), ("parquet",), ("folder", "parquet", "virtual"), ("virtual",)]


@pytest.mark.parametrize("write", FORMS)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_parts_one_after_the_other(tmp_path, tiny, files_of, write, count):
    build(tiny.config(tmp_path / "whole", write=write))
    for index in range(count):
        done = build_part(tiny.config(tmp_path / "parts", write=write, part=Part(index, count)))
        assert done.total == 2
        assert (done.built is not None) == (done.finished == 2)
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts", "sources", "whole"]


def test_the_goldens_in_parts(tmp_path, golden_sources):
    for index in range(3):
        built = build_part(
            golden_sources.config(tmp_path / "out", write=("parquet",), part=Part(index, 3))
        ).built
    assert built is not None
    rows = golden_sources.manifest["composites"]
    samples = open_split(tmp_path / "out").samples
    assert len(samples) == len(rows) == 16
    for sample, row in zip(samples, rows, strict=True):
        assert f"{sample.name}.png" == row["merged"]
        assert pixel_sha256(sample.image()) == row["sha256_pixels"]


def test_the_command_line(tmp_path, tiny, files_of, capsys, monkeypatch):
    arguments = [*tiny.arguments(tmp_path / "out"), "--write", "folder", "--workers", "1"]
    assert main([*arguments, "--shard", "1/2"]) == 0
    assert capsys.readouterr().out == "part 1/2 done; 1 of 2 foregrounds are finished in all\n"
    assert not (tmp_path / "out").exists()
    for name, value in (("ID", 3), ("MIN", 3), ("MAX", 4), ("COUNT", 2)):
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", str(value))
    assert main([*arguments, "--shard", "slurm"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("part 0/2 done; 2 of 2 foregrounds are finished in all\n")
    assert f"{tmp_path / 'out'}: built: test, 4 composites of 2 foregrounds, root " in text
    assert main([*arguments, "--shard", "slurm"]) == 0
    assert ": already built: test, " in capsys.readouterr().out
    build(tiny.config(tmp_path / "whole"))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


@pytest.mark.slow
def test_parts_at_the_same_time(tmp_path, tiny, files_of):
    command = [sys.executable, "-m", "distinctions646.build", *tiny.arguments(tmp_path / "out")]
    command += ["--write", "folder", "parquet", "--workers", "1", "--shard"]
    running = [
        subprocess.Popen([*command, f"{index}/2"], stdout=subprocess.PIPE, text=True)
        for index in range(2)
    ]
    texts = [process.communicate(timeout=120)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert sum("2 of 2 foregrounds" in text for text in texts) >= 1
    assert sum(": built: test" in text for text in texts) == 1
    build(tiny.config(tmp_path / "whole", write=("folder", "parquet")))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("files_written", [2, 5])
def test_a_part_that_is_killed_goes_on(tmp_path, tiny, files_of, killed_run, files_written):
    part = build_part(tiny.config(tmp_path / "out", part=Part(1, 2)))
    assert part.finished == 1
    killed_run(tmp_path / "out", files_written, "--write", "folder", "--shard", "0/2")
    assert not (tmp_path / "out").exists()
    assert build_part(tiny.config(tmp_path / "out", part=Part(0, 2))).built is not None
    build(tiny.config(tmp_path / "whole"))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_the_whole_command_ends_what_parts_began(tmp_path, tiny, files_of, monkeypatch):
    from distinctions646.build.work import render_shard

    build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    made = []

    def spy(shard, *rest):
        made.append(shard.foreground.path.name)
        return render_shard(shard, *rest)

    monkeypatch.setattr(work, "render_shard", spy)
    build(tiny.config(tmp_path / "out"))
    assert made == ["dog (1).b.png"]


def test_a_part_with_other_sources_does_not_count(tmp_path, tiny, files_of):
    build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    background = tiny.folder / "bg" / "b0.png"
    background.write_bytes((tiny.folder / "bg" / "b1.png").read_bytes())
    build_part(tiny.config(tmp_path / "out", part=Part(1, 2)))
    build(tiny.config(tmp_path / "whole"))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_parts_and_wholes_do_not_meet(tmp_path, tiny):
    with workspace(tmp_path / "out", "tag"):
        with pytest.raises(BusyError, match="out: another build is writing it; wait for its end"):
            build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    config = tiny.config(tmp_path / "out")
    build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    tag = (tmp_path / ".out.partial" / "tag").read_text()
    with workspace(tmp_path / "out", tag, shared=True):
        with pytest.raises(BusyError, match="another build is writing it"):
            build(config)
        # Another split would clear what the parts are writing.
        with pytest.raises(ValueError, match=r"holds parts of a build with split test, not other;"):
            build_part(tiny.config(tmp_path / "out", split="other", part=Part(0, 2)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"per_foreground": 1}, "per_foreground 2, not 1"),
        ({"names": "d646"}, "names adobe, not d646"),
        ({"write": ("parquet",)}, r"write folder, not parquet"),
    ],
)
def test_a_part_of_other_settings_is_refused(tmp_path, tiny, files_of, settings, message):
    build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    before = files_of(tmp_path / ".out.partial")
    with pytest.raises(
        ValueError, match=rf"\.out\.partial: holds parts of a build with {message}; "
    ):
        build_part(tiny.config(tmp_path / "out", part=Part(1, 2), **settings))
    assert files_of(tmp_path / ".out.partial") == before
    assert build_part(tiny.config(tmp_path / "out", part=Part(1, 2))).built is not None


def test_a_whole_build_of_other_settings_leaves_no_parts(tmp_path, tiny, files_of, killed_run):
    build_part(tiny.config(tmp_path / "out", part=Part(0, 2)))
    killed_run(tmp_path / "out", 4, "--write", "folder")
    assert not (tmp_path / ".out.partial" / "settings.json").exists()


def test_a_move_that_was_killed_is_ended(tmp_path, tiny, files_of, monkeypatch):
    from distinctions646.build import workspace as module

    build(tiny.config(tmp_path / "clean"))
    build(tiny.config(tmp_path / "clean", split="train"))
    for stop in range(7):
        out = tmp_path / f"out-{stop}"
        build(tiny.config(out))
        moves = []

        def move(path, target, moves=moves, stop=stop):
            if len(moves) == stop:
                raise KeyboardInterrupt
            moves.append(path.name)
            path.replace(target)

        monkeypatch.setattr(module, "_move", move)
        try:
            build(tiny.config(out, split="train"))
        except KeyboardInterrupt:
            assert "train" not in str((out / "build.json").read_text())
        monkeypatch.undo()
        assert build(tiny.config(out, split="train")).was_there
        assert files_of(out) == files_of(tmp_path / "clean")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_hard_numbers(tmp_path, tiny):
    with pytest.raises(ValueError, match="the configuration has a part; expected build_part"):
        build(tiny.config(tmp_path / "out", part=Part(0, 2)))
    with pytest.raises(ValueError, match="part is missing; expected a configuration with a part"):
        build_part(tiny.config(tmp_path / "out"))
    assert os.listdir(tmp_path) == ["sources"]  # noqa: PTH208
