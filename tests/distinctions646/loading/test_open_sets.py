"""The other open test sets in their own layouts: read in place, checked, copied."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from distinctions646.build.building import build, parse_args
from distinctions646.doctor.examining import examine
from distinctions646.doctor.examining import main as doctor
from distinctions646.loading.open_sets import open_set
from distinctions646.loading.opening import open_split
from distinctions646.plan.settings import BuildConfig
from distinctions646.sources import datasets
from distinctions646.sources.catalogue.open_sets import OPEN_SETS
from distinctions646.sources.locations import OpenSetSources
from distinctions646.verify.verifying import verify_split

STEMS = ("o_1f", "o_a b")


def save(path, pixels, **settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **settings)


@pytest.fixture
def small(monkeypatch):
    """Let every set have two images."""
    sets = {name: resized(known, 2) for name, known in OPEN_SETS.items()}
    monkeypatch.setattr(datasets, "DATASETS", {**datasets.DATASETS, **sets})


def resized(known, count):
    layouts = known.photographs.items()
    changed = {split: replace(one, count=one.count and count) for split, one in layouts}
    return replace(known, photographs=changed)


def make(root, name, split="test", base=-1, place=0):
    """Two photographs in a set's layout; alphas as JPEG where the set has them so."""
    layout = OPEN_SETS[name].photographs[split]
    folder = root / layout.bases[base]
    random = np.random.default_rng(5)
    for stem in STEMS:
        image = random.integers(0, 256, (7, 9, 3), np.uint8)
        save(folder / layout.image[place] / f"{stem}.jpg", image)
        alpha = random.integers(0, 256, (7, 9), np.uint8)
        if layout.instances:
            for instance in ("00", "01"):
                save(folder / layout.alpha[0] / stem / f"{instance}.png", alpha)
            continue
        suffix = "jpg" if name == "ppm-100" else "png"
        save(folder / layout.alpha[place] / f"{stem}.{suffix}", alpha)
        if layout.trimap:
            trimap = np.array([0, 128, 255], np.uint8)[alpha % 3]
            save(folder / layout.trimap[0] / f"{stem}.png", trimap)
    return folder


def config(name, source, out, **changes):
    return BuildConfig(out, OpenSetSources(name, "test", source), **changes)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("name", "split"),
    [(name, split) for name, known in OPEN_SETS.items() for split in known.photographs],
)
@pytest.mark.parametrize("base", [0, -1])
def test_each_set_is_read_in_place(tmp_path, name, split, base):
    folder = make(tmp_path / "set", name, split, base)
    opened = open_split(f"{name}:{tmp_path / 'set'}", split)
    layout = OPEN_SETS[name].photographs[split]
    stems = [sample.name for sample in opened.samples]
    if layout.instances:
        assert stems == [f"{stem}_{one}" for stem in STEMS for one in ("00", "01")]
    else:
        assert stems == list(STEMS)
    assert (opened.name, opened.split) == (name, split)
    assert opened.trimap_rule == ("given" if layout.trimap else None)
    sample = opened.samples[1]
    path = next(folder.rglob(f"{sample.foreground}.jpg"))
    if name != "ppm-100":
        np.testing.assert_array_equal(sample.image(), np.asarray(Image.open(path)))
    assert sample.alpha_u8().shape == (7, 9)
    assert (sample.trimap() is None) == (not layout.trimap)
    assert len(opened.root) == 64


@pytest.mark.usefixtures("small")
def test_both_folder_names_of_ppm_100_are_known(tmp_path):
    make(tmp_path, "ppm-100", place=1)
    assert len(open_set(OpenSetSources("ppm-100", "test", tmp_path)).samples) == 2


def test_a_set_that_is_not_whole_is_refused(tmp_path):
    folder = make(tmp_path, "aim-500")
    with pytest.raises(ValueError, match=r"original: has 2 images; aim-500 test has 500"):
        open_set(OpenSetSources("aim-500", "test", tmp_path))
    (folder / "trimap" / "o_1f.png").unlink()
    with pytest.raises(ValueError, match=r"o_1f\.jpg: image has no trimap of the same name in"):
        open_set(OpenSetSources("aim-500", "test", tmp_path))
    (folder / "trimap").rename(folder / "trimaps")
    with pytest.raises(ValueError, match=r"trimap: no such folder; the set has one"):
        open_set(OpenSetSources("aim-500", "test", tmp_path))
    (folder / "original").rename(folder / "images")
    message = r": none of original, AIM-500/original is there; expected the unpacked set"
    with pytest.raises(ValueError, match=message):
        open_set(OpenSetSources("aim-500", "test", tmp_path))
    with pytest.raises(ValueError, match="nowhere: no such folder; expected the unpacked set"):
        open_set(OpenSetSources("aim-500", "test", tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="split is 'train'; aim-500 has test"):
        open_set(OpenSetSources("aim-500", "train", tmp_path))


@pytest.mark.usefixtures("small")
def test_a_picture_of_another_size_is_refused(tmp_path):
    folder = make(tmp_path, "aim-500")
    save(folder / "mask" / "o_1f.png", np.zeros((9, 7), np.uint8))
    with pytest.raises(ValueError, match=r"mask.o_1f\.png: alpha is 9×7 pixels; expected 7×9"):
        open_set(OpenSetSources("aim-500", "test", tmp_path))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("write", [("folder",), ("parquet",)])
def test_a_copy_has_the_same_pixels(tmp_path, write):
    make(tmp_path / "set", "aim-500")
    built = build(config("aim-500", tmp_path / "set", tmp_path / "out", write=write))
    facts = built.manifest["splits"]["test"]
    assert (facts["composites"], facts["trimap_rule"]) == (2, "given")
    there, copy = open_split(f"aim-500:{tmp_path / 'set'}"), open_split(tmp_path / "out")
    assert there.root == copy.root == verify_split(tmp_path / "out").root
    for one, other in zip(there.samples, copy.samples, strict=True):
        np.testing.assert_array_equal(one.trimap(), other.trimap())


@pytest.mark.usefixtures("small")
def test_a_set_without_trimaps_gets_some(tmp_path):
    make(tmp_path / "set", "ppm-100")
    build(config("ppm-100", tmp_path / "set", tmp_path / "out"))
    split = open_split(tmp_path / "out")
    assert split.trimap_rule == "dilate-25/v1"
    assert set(np.unique(split.samples[0].trimap())) <= {0, 128, 255}
    with pytest.raises(ValueError, match="trimap rule is 'given', but ppm-100 has no trimaps"):
        build(config("ppm-100", tmp_path / "set", tmp_path / "x", trimap_rule="given"))
    with pytest.raises(ValueError, match="write is virtual; ppm-100 has photographs, nothing to"):
        build(config("ppm-100", tmp_path / "set", tmp_path / "x", write=("virtual",)))


@pytest.mark.usefixtures("small")
def test_the_doctor(tmp_path, capsys):
    folder = make(tmp_path / "set", "aim-500")
    arguments = ["--dataset", "aim-500", "--source", str(tmp_path / "set")]
    assert doctor(arguments) == 0
    text = capsys.readouterr().out
    assert text.startswith("aim-500 test\n  images       2 of 2 can be used\n")
    path = folder / "original" / "o_1f.jpg"
    path.write_bytes(path.read_bytes()[:-9])
    report = examine(config("aim-500", tmp_path / "set", tmp_path / "out"))
    assert [(one.what, one.places) for one in report.findings] == [
        ("photographs that are cut off", ("o_1f.jpg",))
    ]
    path.unlink()
    assert doctor(arguments) == 1
    assert "o_1f.png: alpha has no image of the same name" in capsys.readouterr().out


def test_the_command_line_says_how_to_read_in_place(capsys):
    with pytest.raises(SystemExit):
        parse_args(["--dataset", "aim-500", "--source", "x"])
    assert "needs --out (or read it in place, as aim-500:DIR)" in capsys.readouterr().err


def test_alphamatting_of_the_oracle(oracle, tmp_path, monkeypatch):
    for trimap in ("", "-trimap2"):
        name = f"alphamatting-low{trimap}"
        with pytest.raises(ValueError, match=rf"has 14 images; {name} test has 27"):
            open_split(f"{name}:{oracle / 'alphamatting'}")
        with monkeypatch.context() as patch:
            patch.setattr(datasets, "DATASETS", {name: resized(OPEN_SETS[name], 14)})
            split = open_split(f"{name}:{oracle / 'alphamatting'}")
        assert [sample.name for sample in split.samples][:3] == ["GT01", "GT03", "GT05"]
        unknown = np.mean(split.samples[0].trimap() == 128)
        assert 0 < unknown < 0.5
