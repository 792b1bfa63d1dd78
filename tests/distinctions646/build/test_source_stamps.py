"""A finished build is known again without reading its sources, unless one of them has changed."""

from __future__ import annotations

import os
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from distinctions646.build import pairing
from distinctions646.build.building import build, main
from distinctions646.build.source_stamps import read_stamps
from distinctions646.images.fingerprint import file_sha256
from distinctions646.sources.stamps import settled, stamp_of


@pytest.fixture
def read(monkeypatch):
    """The names of files that are hashed."""
    names = []

    def spy(path):
        names.append(path.name)
        return file_sha256(path)

    monkeypatch.setattr(pairing, "file_sha256", spy)
    return names


@pytest.fixture
def later(monkeypatch):
    """Let the clock say that the sources were written long ago."""
    now = time.time_ns
    monkeypatch.setattr(
        "distinctions646.sources.stamps.time.time_ns", lambda: now() + 10_000_000_000
    )


@pytest.fixture
def out(tmp_path, tiny, later):
    build(tiny.config(tmp_path / "out", write=("virtual",)))
    return tmp_path / "out"


def again(tiny, out, **changes):
    return build(tiny.config(out, write=("virtual",), **changes))


def test_nothing_is_read_again(out, tiny, read, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "distinctions646.sources.files.check_image_mode",
        lambda picture, path: opened.append(path.name),
    )
    assert again(tiny, out).was_there
    assert read == []
    assert set(opened) == {"cat.png", "dog (1).b.png"}  # foregrounds' headers are always looked at


def test_told_so_everything_is_read_again(out, tiny, read, capsys):
    arguments = [*tiny.arguments(out), "--write", "virtual", "--workers", "1", "--rehash"]
    assert main(arguments) == 0
    assert "already built" in capsys.readouterr().out
    assert len(read) == 8


def test_a_changed_file_is_read_again(out, tiny, read):
    path = tiny.folder / "bg" / "b1.png"
    before = path.stat()
    pixels = np.array(Image.open(path))
    pixels[0, 0] ^= 255
    content = path.read_bytes()
    Image.fromarray(pixels).save(path)
    # Set back by an archiver; the size may be the same, too.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ValueError, match=r"holds something else \(a build with other sources\)"):
        again(tiny, out)
    assert read == ["b1.png"]
    path.write_bytes(content)  # the same content at another time
    read.clear()
    assert again(tiny, out).was_there
    assert read == ["b1.png"]


def test_a_copy_of_everything_is_read_again(out, tiny, tmp_path, read):
    shutil.copytree(tiny.folder, tmp_path / "copy")
    shutil.rmtree(tiny.folder)
    (tmp_path / "copy").rename(tiny.folder)
    assert again(tiny, out).was_there
    assert len(read) == 8


def test_other_settings_do_not_count(out, tiny):
    with pytest.raises(ValueError, match=r"a build with trimap_rule None, not dilate-3/v1"):
        again(tiny, out, trimap_rule="dilate-3/v1")


def test_files_written_just_now_prove_nothing(tmp_path, tiny):
    build(tiny.config(tmp_path / "out"))
    assert read_stamps(tmp_path / "out" / "sources", "test") == {}
    path = tiny.folder / "bg" / "b0.png"
    assert not settled(stamp_of(path))


def test_damage_is_told(out, tiny):
    (out / "sources" / ".seen-test").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"\.seen-test: cannot be read as Parquet: .*; remove it"):
        again(tiny, out)
