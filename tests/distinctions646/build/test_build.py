"""The build through its command line: pixels, names, repeated runs, and every refusal."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from distinctions646.build import render, work
from distinctions646.build.building import build, main, parse_args
from distinctions646.build.pairing import pair_sources
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_alpha, read_image, read_trimap
from distinctions646.plan.build_plan import resolve
from distinctions646.trimap.making import make_trimap


def run(capsys, *arguments):
    """Exit status, stdout and stderr of the command."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def refusal(capsys, tiny, out, *more):
    """The one line of a command that fails and leaves nothing behind."""
    status, text, error = run(capsys, *tiny.arguments(out), *more)
    assert status == 2
    assert text == ""
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert not out.exists()
    assert not [path for path in out.parent.iterdir() if path.name.startswith(".")]
    return error


@pytest.mark.parametrize("naming", ["adobe", "d646"])
def test_the_goldens_through_the_command_line(capsys, tmp_path, golden_sources, naming):
    folder, out = golden_sources.folder, tmp_path / "out"
    status, text, _ = run(
        capsys,
        *("--dataset", "custom", "--foregrounds", folder / "fg", "--alphas", folder / "alpha"),
        *("--foreground-list", folder / "fg_names.txt", "--backgrounds", folder / "bg"),
        *("--background-list", folder / "bg_names.txt", "--per-foreground", 4),
        *("--preset", "adobe", "--names", naming, "--write", "folder", "--workers", 1),
        *("--trimap-rule", "none"),
        *("--out", out),
    )
    assert status == 0
    assert "built: test, 16 composites of 4 foregrounds, root " in text
    field = {"adobe": "merged", "d646": "d646_name"}[naming]
    rows = golden_sources.manifest["composites"]
    for row in rows:
        merged = read_image(out / "test" / "image" / row[field])
        assert pixel_sha256(merged) == row["sha256_pixels"], row[field]
        np.testing.assert_array_equal(
            read_alpha(out / "test" / "alpha" / row[field]),
            read_alpha(folder / "alpha" / row["fg"]),
        )
    for kind in ("image", "alpha"):
        there = {path.name for path in (out / "test" / kind).iterdir()}
        assert there == {row[field] for row in rows}
    assert sorted(path.name for path in (out / "test").iterdir()) == [
        "alpha",
        "image",
        "metadata.parquet",
    ]


def test_two_workers_write_the_same_bytes(tmp_path, tiny, files_of, monkeypatch):
    monkeypatch.setattr(work, "processes_for", lambda shards, wanted: wanted)
    settings = {"write": ("folder", "parquet"), "trimap_rule": "dilate-25/v1"}
    build(tiny.config(tmp_path / "one", **settings))
    build(tiny.config(tmp_path / "two", workers=2, **settings))
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "sources", "two"]


def test_processes_are_started_only_where_they_have_enough_to_do(tiny):
    shards = pair_sources(resolve(tiny.config(Path("unused")))).shards
    assert work.processes_for(shards, 8) == 1
    large = replace(shards[0], foreground=replace(shards[0].foreground, height=4000, width=3000))
    counts = [work.processes_for([large] * number, 8) for number in (1, 20, 10_000)]
    assert counts[0] < counts[1] < counts[2] == 8
    assert work.processes_for([], 8) == 1


def test_foregrounds_with_an_alpha_channel_serve_as_both(tmp_path, tiny):
    build(tiny.config(tmp_path / "two-folders"))
    for path in (tiny.folder / "fg").iterdir():
        rgba = np.dstack([read_image(path), read_alpha(tiny.folder / "alpha" / path.name)])
        Image.fromarray(rgba).save(path)
    build(tiny.config(tmp_path / "one-folder", alphas=None))
    # With alphas beside it, a foreground's own alpha channel is ignored.
    alpha = tiny.folder / "fg" / "cat.png"
    pixels = np.array(Image.open(alpha))
    pixels[..., 3] = 9
    Image.fromarray(pixels).save(alpha)
    build(tiny.config(tmp_path / "ignored"))
    roots = {
        name: json.loads((tmp_path / name / "build.json").read_text())["splits"]["test"]["root"]
        for name in ("two-folders", "one-folder", "ignored")
    }
    assert len(set(roots.values())) == 1


def test_trimaps_follow_the_rule(tmp_path, tiny):
    # Long enough for the full range of radii, so that each composite shows its own draw.
    alpha = np.zeros((3, 1500), np.uint8)
    alpha[:, 700:] = 255
    Image.fromarray(alpha).save(tiny.folder / "alpha" / "cat.png")
    Image.new("RGB", (1500, 3)).save(tiny.folder / "fg" / "cat.png")
    build(tiny.config(tmp_path / "out", trimap_rule="dilate-25/v1", trimap_seed=5))
    for name in ("cat_0", "cat_1", "dog (1).b_1"):
        alpha_u8 = read_alpha(tmp_path / "out" / "test" / "alpha" / f"{name}.png")
        expected = make_trimap(alpha_u8, "dilate-25/v1", image_id=name, seed=5)
        trimap = read_trimap(tmp_path / "out" / "test" / "trimap" / f"{name}.png")
        np.testing.assert_array_equal(trimap, expected)


def test_a_finished_build_says_so(capsys, tmp_path, tiny, files_of):
    out = tmp_path / "out"
    assert run(capsys, *tiny.arguments(out))[0] == 0
    before = files_of(out)
    status, text, _ = run(capsys, *tiny.arguments(out))
    assert status == 0
    assert text.startswith(f"{out}: already built: test, 4 composites of 2 foregrounds, root ")
    assert files_of(out) == before


def test_a_folder_with_something_else_is_left_untouched(capsys, tmp_path, tiny, files_of):
    out = tmp_path / "out"
    out.mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (out / name).write_text("mine")
    before = files_of(out)
    status, _, error = run(capsys, *tiny.arguments(out))
    assert status == 2
    assert error == (
        f"error: {out}: holds something else (a.txt, b.txt, c.txt, …); "
        "expected an empty folder or this same build\n"
    )
    assert files_of(out) == before


def test_another_build_is_left_untouched(capsys, tmp_path, tiny, files_of):
    out = tmp_path / "out"
    build(tiny.config(out, write=("parquet",)))
    before = files_of(out)
    _, _, error = run(capsys, *tiny.arguments(out), "--trimap-rule", "dilate-3/v1")
    assert "holds something else (a build with trimap_rule None, not dilate-3/v1); exp" in error
    Image.new("RGB", (9, 4)).save(tiny.folder / "bg" / "b0.png")
    _, _, error = run(capsys, *tiny.arguments(out))
    assert "holds something else (a build with other sources); expected an empty folder" in error
    assert files_of(out) == before


def test_a_finished_build_with_a_file_missing_is_not_called_finished(tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out))
    (out / "test" / "alpha" / "cat_1.png").unlink()
    with pytest.raises(ValueError, match=r"out: test/alpha/cat_1\.png is missing from the build"):
        build(tiny.config(out))


def test_an_empty_folder_may_be_there(tmp_path, tiny):
    (tmp_path / "out").mkdir()
    build(tiny.config(tmp_path / "out"))
    assert (tmp_path / "out" / "build.json").is_file()


def test_a_file_in_the_way_is_refused(tmp_path, tiny):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ValueError, match="out: is a file; expected an empty folder"):
        build(tiny.config(tmp_path / "out"))
    assert (tmp_path / "out").read_text() == "mine"


def test_too_few_backgrounds(capsys, tmp_path, tiny):
    error = refusal(capsys, tiny, tmp_path / "out", "--per-foreground", 3)
    what = "2 foregrounds x 3 need 6 backgrounds; the folder has 4; give --per-foreground 2"
    assert error == f"error: {what}\n"


def test_surplus_backgrounds_are_told(capsys, tmp_path, tiny):
    status, _, error = run(capsys, *tiny.arguments(tmp_path / "out"), "--per-foreground", 1)
    assert status == 0
    assert "note: 2 backgrounds were left over\n" in error


def test_a_truncated_background_in_the_middle(capsys, tmp_path, tiny, files_of):
    path = tiny.folder / "bg" / "b3.png"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    out = tmp_path / "out"
    status, _, error = run(capsys, *tiny.arguments(out), "--workers", 1)
    assert status == 2
    assert error.startswith(f"error: {path}: cannot be read as an image: ")
    assert not out.exists()
    path.write_bytes(whole)
    assert run(capsys, *tiny.arguments(out), "--workers", 1)[0] == 0
    assert run(capsys, *tiny.arguments(tmp_path / "clean"), "--workers", 1)[0] == 0
    assert files_of(out) == files_of(tmp_path / "clean")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_truncated_foreground_leaves_nothing(capsys, tmp_path, tiny):
    path = tiny.folder / "fg" / "cat.png"
    path.write_bytes(path.read_bytes()[:-30])
    error = refusal(capsys, tiny, tmp_path / "out", "--workers", 1)
    assert f"{path}: cannot be read as an image: " in error


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "bg" / "b1.png").write_bytes(b""), "b1.png: cannot be read as"),
        (lambda folder: (folder / "alpha" / "cat.png").unlink(), "needs one alpha named cat"),
        (
            lambda folder: Image.new("L", (7, 7)).save(folder / "alpha" / "cat.png"),
            "cat.png: alpha is 7×7 pixels; expected 6×8, as ",
        ),
        (
            lambda folder: Image.new("P", (8, 6)).save(folder / "alpha" / "cat.png"),
            "cat.png: alpha has mode P",
        ),
    ],
)
def test_bad_sources_are_found_before_anything_is_written(capsys, tmp_path, tiny, damage, message):
    damage(tiny.folder)
    assert message in refusal(capsys, tiny, tmp_path / "out")


@pytest.mark.parametrize(
    ("flag", "names", "message"),
    [
        ("--background-list", "b0.png\n../x.png\n", "line 2 is '../x.png'; expected the name of"),
        ("--background-list", "b0.png\nb1.png\nb2.png\n", "need 4 backgrounds; the list has 3"),
        ("--foreground-list", "cat.png\ncat.png\n", "share the name cat"),
        ("--foreground-list", "cat.png\nowl.png\n", "owl.png: no such file; the list names it"),
        ("--foreground-list", "", "list.txt: has no names; expected one file name per line"),
    ],
)
def test_bad_lists_are_found_before_anything_is_written(
    capsys, tmp_path, tiny, flag, names, message
):
    path = tiny.folder / "list.txt"
    path.write_text(names)
    assert message in refusal(capsys, tiny, tmp_path / "out", flag, path)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--split", "../x"], "split is '../x'; expected a word, such as test"),
        (["--split", "data"], "split is 'data'; expected a word"),
        (["--name", "a/b"], "dataset name is 'a/b'; expected a word, such as custom"),
        (["--name", "recipe"], "dataset name is 'recipe'"),
        (["--workers", 0], "workers is 0; expected 1 or more"),
        (["--per-foreground", 0], "per_foreground is 0; expected 1 or more"),
        (["--trimap-rule", "dilate-x"], "trimap rule is 'dilate-x'; expected one of dilate-25/v1"),
    ],
)
def test_bad_settings_are_named(capsys, tmp_path, tiny, more, message):
    assert message in refusal(capsys, tiny, tmp_path / "out", *more)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "custom", "--out", "x"], "--dataset custom needs --foregrounds"),
        (["--alphas", "x"], "--alphas needs --dataset custom"),
        (["--per-foreground", "3"], "--per-foreground needs --dataset custom"),
    ],
)
def test_flags_that_do_not_go_together(capsys, arguments, message):
    with pytest.raises(SystemExit) as exit_:
        parse_args(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_a_full_disk_names_the_file_and_leaves_no_output(tmp_path, tiny, monkeypatch):
    def full(path, content):
        raise OSError(f"{path}: cannot be written: No space left on device")

    monkeypatch.setattr(render, "write_bytes", full)
    with pytest.raises(OSError, match=r"cat_0\.png: cannot be written: No space left on device"):
        build(tiny.config(tmp_path / "out"))
    assert [path.name for path in tmp_path.iterdir()] == ["sources"]


def test_no_path_of_this_machine_is_written(tmp_path, tiny, files_of):
    build(tiny.config(tmp_path / "out", write=("folder", "parquet")))
    for name, content in files_of(tmp_path / "out").items():
        assert str(tmp_path).encode() not in content, name


def test_help_is_quick_and_imports_nothing_heavy():
    program = (
        "import sys; from distinctions646.build.building import parse_args\n"
        "try: parse_args(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'datasets', 'pandas', 'pyarrow', 'cv2', 'numba'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "python -m distinctions646.build" in done.stdout.splitlines()[1]
    assert time.perf_counter() - start < 5
