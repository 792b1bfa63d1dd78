"""The official datasets in their archives' layouts, with stand-in pictures."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import BuildConfig, build, main, parse_args
from distinctions646.images.fingerprint import pixel_sha256, split_root
from distinctions646.loading.opening import open_split
from distinctions646.plan.build_plan import resolve
from distinctions646.plan.recipe import read_recipe
from distinctions646.sources.locations import ArchiveSources
from distinctions646.verify.proving import DifferentError, verify_sources, verify_split

FOREGROUNDS = ["a b (1).png", "B.c.png"]
TRAINING = ["ab.jpg", "Motive_(x).jpg", "zoo.jpg"]
D646 = ["13(2).png", "GT01.png", "h_2.png"]
VOC = [f"2007_{number:06d}.jpg" for number in range(40)]
COCO = [f"COCO_train2014_{number:012d}.jpg" for number in range(9, 15)]


@pytest.fixture
def adobe(trees, shrink):
    for split, foregrounds, backgrounds in (("test", FOREGROUNDS, VOC), ("train", TRAINING, COCO)):
        shrink("composition1k", split, foregrounds, backgrounds)
        trees.archive("composition1k", split, foregrounds, backgrounds)
    trees.coco(COCO)
    trees.voc(VOC)
    return trees


@pytest.fixture
def d646(trees, shrink):
    shrink("distinctions646", "train", D646, COCO)
    trees.archive("distinctions646", "train", D646, COCO)
    trees.coco(COCO)
    return trees


def test_composition1k_test_has_adobes_trimaps(adobe, tmp_path):
    built = build(adobe.config("composition1k", "test", tmp_path / "out"))
    facts = built.manifest["splits"]["test"]
    assert facts["lists"] == {"foreground": "official", "background": "official"}
    assert facts["trimap_rule"] == "adobe"
    split = open_split(tmp_path / "out")
    names = [sample.name for sample in split.samples]
    assert names[18:22] == ["a b (1)_18", "a b (1)_19", "B.c_0", "B.c_1"]
    assert [sample.background for sample in split.samples] == VOC
    # Stand-ins alternate, 20 trimaps a foreground: number 21 is the second picture.
    given = np.asarray(Image.open(adobe.pictures["trimap.png"][1]))
    np.testing.assert_array_equal(split.samples[21].trimap(), given)


@pytest.mark.parametrize("write", [("parquet",), ("folder",), ("virtual",)])
def test_official_trimaps_are_part_of_the_identity(adobe, tmp_path, write):
    out = tmp_path / "out"
    facts = build(adobe.config("composition1k", "test", out, write=write)).manifest
    rows = read_recipe(out / "recipe" / "test.parquet")
    given = [np.asarray(Image.open(path)) for path in adobe.pictures["trimap.png"]]
    expected = [pixel_sha256(given[index % 2]) for index in range(40)]
    assert [row.trimap_sha256 for row in rows] == expected
    root = split_root((row.name, row.trimap_sha256) for row in rows)
    assert facts["splits"]["test"]["trimap_root"] == root
    voc = adobe.root / "VOCdevkit" / "VOC2012" / "JPEGImages"
    verify = verify_sources if write == ("virtual",) else verify_split
    settings = {"backgrounds": voc} if write == ("virtual",) else {}
    assert verify(out, "test", **settings).trimap_root == root
    if write == ("parquet",):
        return
    folder = out / "virtual" / "test" if write == ("virtual",) else out / "test"
    Image.new("L", (8, 6), 128).save(folder / "trimap" / "B.c_3.png")
    with pytest.raises(DifferentError, match=r"B\.c_3 has another trimap than the recipe says"):
        verify(out, "test", **settings)


def test_missing_official_trimaps_are_named(adobe, tmp_path):
    base = adobe.root / "source" / "Combined_Dataset" / "Test_set" / "Adobe-licensed images"
    config = adobe.config("composition1k", "test", tmp_path / "out")
    (base / "trimaps" / "B.c_7.png").unlink()
    with pytest.raises(ValueError, match=r"B\.c_7\.png: no such file; expected the official trima"):
        build(config)
    shutil.rmtree(base / "trimaps")
    with pytest.raises(ValueError, match=r"trimaps: no such folder; expected the official trimaps"):
        build(config)
    made = build(adobe.config("composition1k", "test", tmp_path / "out", trimap_rule="sim-3x5/v1"))
    assert made.manifest["splits"]["test"]["trimap_rule"] == "sim-3x5/v1"


def test_training_foregrounds_come_from_both_folders(adobe, tmp_path):
    config = adobe.config("composition1k", "train", tmp_path / "out", write=("folder",))
    build(config)
    rows = read_recipe(tmp_path / "out" / "recipe" / "train.parquet")
    pairs = [(row.foreground, row.background) for row in rows]
    assert pairs == [(TRAINING[index // 2], COCO[index]) for index in range(6)]
    assert {row.trimap_rule for row in rows} == {None}


def test_coco_2017_gives_the_same_dataset(adobe, tmp_path, files_of):
    build(adobe.config("composition1k", "train", tmp_path / "with-2014", write=("folder",)))
    shutil.rmtree(adobe.root / "coco")
    adobe.coco(COCO, "train2017")
    build(adobe.config("composition1k", "train", tmp_path / "with-2017", write=("folder",)))
    assert files_of(tmp_path / "with-2014") == files_of(tmp_path / "with-2017")


def test_a_path_with_2017_in_it_changes_no_names(adobe, tmp_path, files_of):
    """Mmagic's converter cuts 15 letters off every name then."""
    build(adobe.config("composition1k", "train", tmp_path / "before", write=("folder",)))
    (adobe.root / "coco").rename(adobe.root / "coco-2017")
    config = adobe.config(
        "composition1k",
        "train",
        tmp_path / "after",
        write=("folder",),
        coco=adobe.root / "coco-2017" / "train2014",
    )
    build(config)
    assert files_of(tmp_path / "after") == files_of(tmp_path / "before")


@pytest.mark.parametrize("year", range(2007, 2013))
def test_every_voc_has_its_pictures_in_its_own_folder(adobe, tmp_path, year):
    voc = adobe.root / "VOCdevkit"
    (voc / "VOC2012").rename(voc / f"VOC{year}.tmp")
    (voc / f"VOC{year}.tmp").rename(voc / f"VOC{year}")
    config = adobe.config("composition1k", "test", tmp_path / "out", write=("virtual",))
    assert build(config).manifest["splits"]["test"]["composites"] == 40


@pytest.mark.parametrize("below", ["", "Combined_Dataset", "Combined_Dataset/Test_set"])
def test_the_source_may_be_any_of_the_archives_folders(adobe, tmp_path, below):
    source = adobe.root / "source" / below
    voc = adobe.root / "VOCdevkit" / "VOC2012"
    config = adobe.config("composition1k", "test", tmp_path / "out", source=source, voc=voc)
    assert build(config).manifest["splits"]["test"]["composites"] == 40


def test_lists_that_are_missing_are_made_from_the_folders(adobe, tmp_path):
    for path in (adobe.root / "source").rglob("*.txt"):
        path.unlink()
    build(adobe.config("composition1k", "test", tmp_path / "test", trimap_rule=None))
    config = adobe.config("composition1k", "train", tmp_path / "train", write=("folder",))
    assert build(config).manifest["splits"]["train"]["lists"]["background"] == "official"
    (adobe.root / "coco" / "train2014" / COCO[2]).unlink()
    message = r"training_bg_names\.txt: no such list; put it there or give --lists DIR \(the names"
    with pytest.raises(ValueError, match=message + r" in .*coco do not make it: 5 names, the offi"):
        build(adobe.config("composition1k", "train", tmp_path / "again", write=("folder",)))


def test_lists_of_the_repository_come_before_the_archives(d646, tmp_path):
    lists = tmp_path / "repository" / "utils" / "Distinctions-646" / "train"
    lists.mkdir(parents=True)
    (lists / "bg_train.txt").write_text("\n".join(reversed(COCO)))
    config = d646.config(
        "distinctions646",
        "train",
        tmp_path / "out",
        write=("folder",),
        lists=tmp_path / "repository",
    )
    manifest = build(config).manifest
    rows = read_recipe(tmp_path / "out" / "recipe" / "train.parquet")
    assert [row.background for row in rows] == COCO[::-1]
    assert [row.name for row in rows] == [
        *("13(2).png_0", "13(2).png_1", "GT01.png_2", "GT01.png_3", "h_4", "h_5"),
    ]
    verdict = manifest["splits"]["train"]["lists"]["background"]
    assert verdict == "the official names in another order"


def test_a_virtual_training_split_joins_the_test_split(trees, shrink, tmp_path, files_of):
    shrink("distinctions646", "test", ["test_0.png"], VOC[:3])
    shrink("distinctions646", "train", D646, COCO)
    trees.archive("distinctions646", "test", ["test_0.png"], VOC[:3])
    trees.archive("distinctions646", "train", D646, COCO)
    trees.coco(COCO)
    trees.voc(VOC[:3])
    out = tmp_path / "out"
    build(trees.config("distinctions646", "test", out))
    alone = files_of(out)
    manifest = build(trees.config("distinctions646", "train", out)).manifest
    assert list(manifest["splits"]) == ["test", "train"]
    assert manifest["splits"]["train"]["write"] == ["virtual"]
    both = files_of(out)
    told = ("README.md", "build.json", "croissant.json")  # speak of both splits
    for name, content in alone.items():
        assert name in told or both[name] == content, name
    test = open_split(out, "test")
    assert test.compute_root() == manifest["splits"]["test"]["root"]
    train = open_split(out, "train", backgrounds=trees.root / "coco" / "train2014")
    folder = trees.config("distinctions646", "train", tmp_path / "written", write=("folder",))
    assert train.compute_root() == build(folder).manifest["splits"]["train"]["root"]
    again = build(trees.config("distinctions646", "test", out))
    assert again.was_there
    assert files_of(out) == both
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_another_dataset_does_not_join(adobe, tmp_path, tiny):
    out = tmp_path / "out"
    build(tiny.config(out))
    with pytest.raises(
        ValueError, match=r"else \(a build with dataset custom, not composition1k\)"
    ):
        build(adobe.config("composition1k", "test", out))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"voc": None}, "voc is missing; composition1k test takes its backgrounds from there"),
        ({"trimap_rule": "x"}, "trimap rule is 'x'; expected one of "),
    ],
)
def test_wrong_settings_are_named(adobe, tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        build(adobe.config("composition1k", "test", tmp_path / "out", **changes))


def test_a_split_that_the_archive_lacks(adobe, tmp_path):
    sources = ArchiveSources("composition1k", "val", adobe.root / "source")
    with pytest.raises(ValueError, match="split is 'val'; expected train or test"):
        build(BuildConfig(tmp_path / "out", sources))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda root: shutil.rmtree(root / "source"), "source: no such folder; expected the unpac"),
        (
            lambda root: shutil.rmtree(root / "source" / "Combined_Dataset" / "Test_set"),
            r"source: none of Adobe-licensed images/fg, Test_set/Adobe.* is there; expected the un",
        ),
        (lambda root: shutil.rmtree(root / "VOCdevkit"), "VOCdevkit: no such folder; expected the"),
        (
            lambda root: next(root.rglob("2007_000003.jpg")).unlink(),
            r"2007_000003\.jpg: no such file \(nor in .*; the list names it as a background",
        ),
        (
            lambda root: (path := next(root.rglob("fg/B.c.png"))).rename(path.with_name("b.C.PNG")),
            r"fg/B\.c\.png: no such file; .* a foreground; there is b\.C\.PNG, of another case or",
        ),
        (
            lambda root: next(root.rglob("alpha/B.c.png")).unlink(),
            r"B\.c\.png: foreground needs one alpha named B\.c in .*alpha; found none",
        ),
    ],
)
def test_what_is_missing_is_named(adobe, tmp_path, damage, message):
    damage(adobe.root)
    with pytest.raises(ValueError, match=message):
        build(adobe.config("composition1k", "test", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_command_line(adobe, tmp_path, capsys):
    arguments = ["--dataset", "composition1k", "--source", str(adobe.root / "source")]
    arguments += ["--voc", str(adobe.root / "VOCdevkit"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--workers", "1"]) == 0
    text = capsys.readouterr().out
    assert "built: test, 40 composites of 2 foregrounds, root " in text
    assert "foreground list: official\nbackground list: official\n" in text
    config = parse_args([*arguments, "--split", "train", "--trimap-rule", "none"])
    plan = resolve(config)
    assert (plan.write, plan.rules.trimap_rule, plan.per_foreground) == (("virtual",), None, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "composition1k", "--out", "x"], "--dataset composition1k needs --source"),
        (
            ["--dataset", "distinctions646", "--source", "x", "--name", "y"],
            "--name needs --dataset",
        ),
        (["--coco", "x"], "--coco needs an official --dataset"),
        (
            ["--dataset", "composition1k", "--source", "x", "--out", "y", "--split", "val"],
            "--split is val; composition1k has train or test",
        ),
        (
            ["--dataset", "composition1k", "--source", "x", "--out", "y", "--shard", "3/2"],
            "--shard is 3/2; expected 0/2 to 1/2",
        ),
    ],
)
def test_flags_that_do_not_go_together(capsys, arguments, message):
    with pytest.raises(SystemExit) as exit_:
        parse_args(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_an_official_name_is_not_given_to_other_pictures(tiny, tmp_path):
    with pytest.raises(
        ValueError, match="distinctions646 is an official dataset; expected --source"
    ):
        build(tiny.config(tmp_path / "out", dataset="distinctions646"))
    assert os.listdir(tmp_path) == ["sources"]  # noqa: PTH208
