"""The doctor names every illness before a build would stumble over it."""

from __future__ import annotations

import json
import os
import re
import time

import pytest
from PIL import Image

from distinctions646.doctor.examining import as_text, examine, main

FOREGROUNDS = ["a b (1).png", "B.c.png"]
TRAINING = ["GT03.jpg", "beach-747750_1280.jpg", "zoo.jpg"]
VOC = [f"2007_{number:06d}.jpg" for number in range(6)]
COCO = [f"COCO_train2014_{number:012d}.jpg" for number in range(6)]


@pytest.fixture
def adobe(trees, shrink):
    for split, foregrounds, backgrounds in (("test", FOREGROUNDS, VOC), ("train", TRAINING, COCO)):
        shrink("composition1k", split, foregrounds, backgrounds)
        trees.archive("composition1k", split, foregrounds, backgrounds)
    trees.coco(COCO)
    trees.voc(VOC)
    return trees


@pytest.fixture
def test_set(adobe):
    return adobe.root / "source" / "Combined_Dataset" / "Test_set"


@pytest.fixture
def voc(adobe):
    return adobe.root / "VOCdevkit" / "VOC2012" / "JPEGImages"


def found(report):
    return {(one.level, one.what): one.places for one in report.findings}


def replace_file(path, content):
    """Stand-ins are hard links: only a new file leaves the others alone."""
    path.unlink()
    path.write_bytes(content)


def test_a_whole_copy(adobe, tmp_path):
    report = examine(adobe.config("composition1k", "test", tmp_path / "out"))
    assert report.complete
    assert report.findings == []
    assert report.counts == {"foregrounds": (2, 2), "backgrounds": (6, 6)}
    assert report.lists == {"foreground": "official", "background": "official"}
    # Two foregrounds of 6×8 pixels, three composites each, at 1.1 bytes, once on their own and
    # once in Parquet.
    assert report.estimate.disk_bytes == 634
    assert as_text(report).startswith(
        "composition1k test\n  foregrounds  2 of 2 can be used\n  backgrounds  6 of 6 can be used\n"
        "  foreground list  official\n  background list  official\n  a build takes about 0 MB ("
    )
    assert as_text(report).endswith("\ncomplete\n")


def test_training_oddities_are_notes(adobe, tmp_path):
    report = examine(adobe.config("composition1k", "train", tmp_path / "out", write=("folder",)))
    assert report.complete
    assert found(report) == {
        ("warning", "foregrounds that are the same file as another"): ("zoo.jpg = GT03.jpg",),
        ("note", "alphas that are JPEG: 0 and 255 come back as neighbours"): tuple(TRAINING),
        ("note", "foregrounds in both lists of Composition-1k, training and test"): (
            "beach-747750_1280",
        ),
        ("note", "foregrounds that are training images of alphamatting.com"): ("GT03",),
    }


def cut(path):
    replace_file(path, path.read_bytes()[:-20])


def turn(path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path.unlink()
    Image.new("RGB", (9, 9)).save(path, exif=exif)


def rewrite(mode, size=(8, 6)):
    def write(path):
        path.unlink()
        Image.new(mode, size).save(path)

    return write


ILLNESSES = [
    ("fg/B.c.png", os.unlink, "error", "foregrounds that are missing", "B.c.png"),
    (
        "fg/B.c.png",
        lambda path: path.rename(path.with_name("b.C.PNG")),
        "error",
        "foregrounds of another case or suffix than the list has",
        "B.c.png (there is b.C.PNG)",
    ),
    (
        "fg/B.c.png",
        lambda path: replace_file(path, b""),
        "error",
        "foregrounds that cannot be used",
        "B.c.png: cannot be read as an image: the file is empty",
    ),
    ("fg/B.c.png", cut, "error", "foregrounds that are cut off", "B.c.png"),
    (
        "fg/B.c.png",
        rewrite("RGB", (8, 7)),
        "error",
        "alphas of another size than their foreground",
        "B.c.png (6×8 for 7×8)",
    ),
    (
        "fg/B.c.png",
        lambda path: os.link(path, path.with_name("x.png")),
        "note",
        "foregrounds that the list does not name",
        "x.png",
    ),
    (
        "fg/B.c.png",
        lambda path: replace_file(path, path.with_name("a b (1).png").read_bytes()),
        "warning",
        "foregrounds that are the same file as another",
        "B.c.png = a b (1).png",
    ),
    ("alpha/B.c.png", os.unlink, "error", "alphas that are missing", "B.c.png"),
    (
        "alpha/B.c.png",
        lambda path: path.rename(path.with_name("B.C.png")),
        "error",
        "alphas that are missing",
        "B.c.png (there is B.C.png, of another case)",
    ),
    (
        "alpha/B.c.png",
        rewrite("P"),
        "error",
        "alphas that cannot be used",
        "alpha has mode P; expected 8-bit grey",
    ),
    ("trimaps/B.c_2.png", os.unlink, "error", "trimaps that are missing", "B.c_2.png"),
    (
        "trimaps/B.c_2.png",
        rewrite("L", (8, 5)),
        "error",
        "trimaps of another size than their foreground",
        "B.c_2.png (5×8 for 6×8)",
    ),
    ("2007_000002.jpg", os.unlink, "error", "backgrounds that are missing", "2007_000002.jpg"),
    ("2007_000002.jpg", cut, "error", "backgrounds that are cut off", "2007_000002.jpg"),
    (
        "2007_000002.jpg",
        lambda path: replace_file(path, b"not a picture"),
        "error",
        "backgrounds that cannot be used",
        "2007_000002.jpg: cannot be read as an image: not a picture of a known format",
    ),
    (
        "2007_000002.jpg",
        lambda path: path.rename(path.with_suffix(".JPG")),
        "error",
        "backgrounds of another case or suffix than the list has",
        "2007_000002.jpg (there is 2007_000002.JPG)",
    ),
    ("2007_000002.jpg", rewrite("L"), "note", "grey backgrounds", "2007_000002.jpg"),
    ("2007_000002.jpg", rewrite("CMYK"), "note", "CMYK backgrounds", "2007_000002.jpg"),
    (
        "2007_000002.jpg",
        turn,
        "note",
        "backgrounds with an EXIF orientation, which is ignored (OpenCV would turn them)",
        "2007_000002.jpg",
    ),
]


@pytest.mark.parametrize(("file", "damage", "level", "what", "place"), ILLNESSES)
def test_each_illness_is_named(adobe, tmp_path, file, damage, level, what, place):
    damage(next(path for path in adobe.root.rglob("*") if str(path).endswith(f"/{file}")))
    report = examine(adobe.config("composition1k", "test", tmp_path / "out"))
    places = found(report)[level, what]
    assert len(places) == 1
    assert place in places[0]
    assert report.complete == (level != "error")


def test_lists_that_are_not_official(adobe, test_set, tmp_path):
    (test_set / "test_bg_names.txt").write_text("\n".join([*VOC[:5], VOC[0]]))
    report = examine(adobe.config("composition1k", "test", tmp_path / "out"))
    assert found(report) == {
        ("warning", "lists that are not known as official"): (
            "background: the right count, but not the official names",
        ),
        ("note", "backgrounds listed more than once"): (VOC[0],),
    }


def test_a_missing_folder_is_a_finding(adobe, tmp_path):
    config = adobe.config("composition1k", "test", tmp_path / "out", voc=tmp_path / "nowhere")
    report = examine(config)
    assert not report.complete
    assert "nowhere: no such folder; expected the pictures of VOC" in report.findings[0].places[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_picture_damaged_inside_needs_a_deep_look(adobe, test_set, tmp_path, workers):
    path = test_set / "Adobe-licensed images" / "fg" / "B.c.png"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    replace_file(path, bytes(content))
    config = adobe.config("composition1k", "test", tmp_path / "out", workers=workers)
    assert examine(config).complete
    report = examine(config, deep=True)
    assert [one.what for one in report.findings] == ["foregrounds that cannot be decoded"]
    assert "B.c.png: cannot be read as an image" in report.findings[0].places[0]


def test_a_disk_without_room(adobe, tmp_path, monkeypatch):
    class Usage:
        free = 600

    monkeypatch.setattr("shutil.disk_usage", lambda place: Usage)
    report = examine(adobe.config("composition1k", "test", tmp_path / "out"))
    assert not report.complete
    assert [one.what for one in report.findings] == ["disks with too little space"]


def test_own_folders(tiny, tmp_path):
    assert examine(tiny.config(tmp_path / "out")).complete
    report = examine(tiny.config(tmp_path / "out", alphas=None))
    assert "cat.png: foreground has mode RGB and no alpha channel" in str(report.findings)
    report = examine(tiny.config(tmp_path / "out", per_foreground=3))
    assert "2 foregrounds x 3 need 6 backgrounds; there are 4" in str(report.findings)


def test_the_command(adobe, voc, tmp_path, capsys):
    arguments = ["--dataset", "composition1k", "--source", str(adobe.root / "source")]
    arguments += ["--voc", str(adobe.root / "VOCdevkit"), "--json", str(tmp_path / "r.json")]
    assert main(arguments) == 0
    assert json.loads((tmp_path / "r.json").read_text())["complete"] is True
    for name in VOC[1:]:
        (voc / name).unlink()
    capsys.readouterr()
    assert main(arguments) == 1
    text = capsys.readouterr().out
    assert (
        f"  error    backgrounds that are missing (5): {VOC[1]}; {VOC[2]}; {VOC[3]}; and 2 more\n"
        in text
    )
    assert text.endswith("incomplete; kinds of errors: 1\n")
    written = json.loads((tmp_path / "r.json").read_text())
    assert written["findings"][0]["places"] == VOC[1:]
    assert not written["complete"]


def test_wrong_questions(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--dataset", "mini"])
    assert exit_.value.code == 2
    assert main(["--dataset", "composition1k", "--source", "x", "--trimap-rule", "x"]) == 2
    assert re.search(r"^error: trimap rule is 'x'", capsys.readouterr().err, re.MULTILINE)


@pytest.mark.slow
def test_59600_rows_in_ten_seconds(oracle, trees, tmp_path):
    lists = oracle / "lists" / "distinctions646"
    foregrounds, backgrounds = (
        [line.strip() for line in (lists / name).read_text().split("\n") if line.strip()]
        for name in ("fg_train.txt", "bg_train.txt")
    )
    more = 59_600 - len(backgrounds)
    backgrounds += [f"COCO_train2014_{900_000 + index:012d}.jpg" for index in range(more)]
    trees.archive("distinctions646", "train", foregrounds, backgrounds)
    trees.coco(sorted(set(backgrounds)))
    start = time.process_time()
    report = examine(trees.config("distinctions646", "train", tmp_path / "out"))
    assert time.process_time() - start < 10
    assert report.complete
    assert report.counts["backgrounds"] == (len(set(backgrounds)), len(set(backgrounds)))
