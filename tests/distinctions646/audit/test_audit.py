"""The audit on a made set with planted copies; what an alpha is like; the report and its errors."""

from __future__ import annotations

import csv
import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from distinctions646.audit.auditing import AuditConfig, ForegroundSet, audit, main
from distinctions646.audit.duplicates import Pair, clusters_of, find_pairs
from distinctions646.audit.features import extract_features, perceptual_hash
from distinctions646.audit.statistics import alpha_statistics


def made(seed, side=240):
    """A textured blob of its own shape, RGBA."""
    random = np.random.default_rng(seed)
    light = random.uniform(0, 150, (side // 8, side // 8, 1))
    texture = light + random.uniform(0, 100, (side // 8, side // 8, 3))
    colour = cv2.resize(texture.astype(np.uint8), (side, side), interpolation=cv2.INTER_CUBIC)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = side * (0.3 + 0.07 * np.sin(3 * angle + seed) + 0.06 * random.random(60))
    rim = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1) + side / 2
    alpha_u8 = np.zeros((side, side), np.uint8)
    cv2.fillPoly(alpha_u8, [rim.astype(np.int32)], 255)
    return np.dstack([colour, cv2.GaussianBlur(alpha_u8, (0, 0), 2)])


def crop(rgba):
    rows, columns = (np.flatnonzero(rgba[..., 3].any(axis=axis)) for axis in (1, 0))
    height, width = np.ptp(rows), np.ptp(columns)
    return rgba[rows[0] : rows[0] + height * 7 // 10, columns[0] + width // 4 :]


def recolour(rgba):
    hsv = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + 70) % 180
    return np.dstack([cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), rgba[..., 3]])


def encode_again(rgba):
    small = cv2.resize(rgba, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(small[..., :3])).save(buffer, "JPEG", quality=60)
    return np.dstack([np.asarray(Image.open(buffer)), small[..., 3]])


def next_frame(rgba):
    side = rgba.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), 6, 0.95)
    return cv2.warpAffine(rgba, turn, (side, side))


COPIES = {
    "same": lambda rgba: rgba,
    "crop": crop,
    "mirrored": lambda rgba: rgba[:, ::-1],
    "recoloured": recolour,
    "encoded": encode_again,
    "frame": next_frame,
}


@pytest.fixture(scope="module")
def described():
    rgbas = {(seed, "original"): made(seed) for seed in range(6)}
    for number, (kind, copy) in enumerate(COPIES.items()):
        rgbas[number, kind] = np.ascontiguousarray(copy(made(number)))
    keys = list(rgbas)
    return keys, [extract_features(one[..., :3], one[..., 3]) for one in rgbas.values()]


def test_every_planted_copy_is_found_and_nothing_else(described):
    keys, features = described
    pairs = find_pairs(features)
    found = {(keys[pair.first], keys[pair.second]) for pair in pairs}
    assert found == {((i, "original"), (i, kind)) for i, kind in enumerate(COPIES)}
    mirrored = {keys[pair.second][1] for pair in pairs if pair.mirrored}
    assert mirrored == {"mirrored"}
    assert clusters_of(len(keys), pairs) == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]


def test_things_without_texture_are_laid_box_on_box():
    height, width = np.mgrid[:200, :160]
    alpha_u8 = np.clip(255 - np.hypot(height - 90, (width - 80) * 1.4) * 4, 0, 255)
    smoke = np.full((200, 160, 3), 240, np.uint8)
    smoke[..., 0] = height + 20
    alpha_u8 = alpha_u8.astype(np.uint8)
    one = extract_features(smoke, alpha_u8)
    again = extract_features(smoke[10:, 20:], alpha_u8[10:, 20:])
    other = extract_features(smoke, np.rot90(np.rot90(alpha_u8)) // 2)
    assert [(pair.first, pair.second, pair.by) for pair in find_pairs([one, again, other])] == [
        (0, 1, "box")
    ]


def test_an_empty_alpha_is_like_nothing():
    empty = np.zeros((50, 50), np.uint8)
    features = extract_features(made(0, 48)[:50, :50, :3], empty[:48, :48])
    blank = extract_features(np.zeros((50, 50, 3), np.uint8), empty)
    assert find_pairs([features, blank]) == []


def test_a_hash_is_of_low_frequencies():
    plane = made(3)[..., 0]
    noisy = plane.astype(int) + np.random.default_rng(0).integers(-9, 10, plane.shape)
    close = perceptual_hash(plane) ^ perceptual_hash(np.clip(noisy, 0, 255).astype(np.uint8))
    far = perceptual_hash(plane) ^ perceptual_hash(made(4)[..., 0])
    assert close.shape == (63,)
    assert close.sum() <= 4 < 16 <= far.sum()


def test_clusters_are_what_pairs_connect():
    pairs = [Pair(first, second, False, "box", 0, 1, 1) for first, second in ((3, 4), (1, 4))]
    assert clusters_of(6, pairs) == [0, 1, 2, 1, 1, 5]


def test_statistics_worked_out_by_hand():
    alpha_u8 = np.zeros((20, 20), np.uint8)
    alpha_u8[:, 5:15] = 128  # ten columns of softness: the rims are one pixel away, then two
    alpha_u8[:, 15:] = 255
    found = alpha_statistics(alpha_u8)
    assert (found.opaque, found.soft) == (0.25, 0.5)
    assert found.wide == pytest.approx(8 * 20 / (15 * 20))
    assert found.guess == "see-through"
    # dilate-10/v1 on 20 pixels has radius 1.
    assert found.unknown == pytest.approx((10 + 2) * 20 / 400)
    guesses = {
        "empty": np.full((9, 9), 5, np.uint8),
        "solid": np.full((9, 9), 255, np.uint8),
        "fine": np.tile(np.array([255, 255, 100], np.uint8), (9, 3)),
    }
    for guess, plane in guesses.items():
        assert alpha_statistics(plane).guess == guess


def test_statistics_of_real_alphas(oracle):
    folder = oracle / "realdata"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    for row in json.loads((folder / "manifest.json").read_text())["fg"][:12]:
        alpha_u8 = np.asarray(Image.open(folder / row["file"]).convert("RGBA"))[..., 3].copy()
        found = alpha_statistics(alpha_u8)
        assert found.soft == pytest.approx(row["soft_frac"], abs=1e-3)
        assert found.opaque == pytest.approx(row["opaque_frac"], abs=1e-3)


@pytest.fixture
def sets(tmp_path):
    for name, seeds in (("train", (0, 1)), ("test", (2, 3))):
        (tmp_path / name).mkdir()
        for seed in seeds:
            Image.fromarray(made(seed)).save(tmp_path / name / f"thing {seed}.png")
    leak = np.ascontiguousarray(made(1)[:, ::-1])
    Image.fromarray(leak).save(tmp_path / "test" / "leak.png")
    Image.fromarray(made(0)).save(tmp_path / "train" / "again.png")
    return tmp_path


def test_the_report(sets, capsys):
    out = sets / "report"
    arguments = ["--set", "train", sets / "train", "--set", "test", sets / "test", "--out", out]
    assert main([str(word) for word in arguments]) == 0
    text = capsys.readouterr().out
    assert "train: 3 foregrounds, 2 distinct\n" in text
    assert "test: 3 foregrounds, 3 distinct\n" in text
    assert "together: 6 foregrounds, 4 distinct\n" in text
    assert "leak: train/thing 1.png, test/leak.png\n" in text
    summary = json.loads((out / "audit.json").read_text())
    assert summary["leaks"] == [["train/thing 1.png", "test/leak.png"]]
    assert ["train/again.png", "train/thing 0.png"] in summary["clusters"]
    rows = list(csv.DictReader((out / "foregrounds.csv").open()))
    assert [row["name"] for row in rows][:3] == ["again.png", "thing 0.png", "thing 1.png"]
    assert [row["cluster"] for row in rows] == ["0", "0", "2", "2", "4", "5"]
    assert {row["guess"] for row in rows} == {"fine"}
    pairs = list(csv.DictReader((out / "pairs.csv").open()))
    assert [(row["by"], row["mirrored"]) for row in pairs] == [
        ("identical pixels", "False"),
        ("features", "True"),
    ]
    with Image.open(out / "clusters.png") as sheet:
        assert sheet.size == (1040, 224)


def archived(trees, shrink):
    """Both splits of an archive; one test foreground is the mirror image of one to train on."""
    lists = {"train": ["h_1.png", "GT01.png", "t_2.png"], "test": ["test_0.png", "test_1.png"]}
    for split, names in lists.items():
        backgrounds = [f"b{index}.jpg" for index in range(len(names))]
        shrink("distinctions646", split, names, backgrounds)
        trees.archive("distinctions646", split, names, backgrounds)
    things = {"h_1": made(0), "GT01": made(1), "t_2": made(0), "test_0": made(2)}
    things["test_1"] = np.ascontiguousarray(made(1)[:, ::-1])
    base = trees.root / "source" / "Distinctions-646"
    for split, names in lists.items():
        for name in names:
            rgba = things[name.removesuffix(".png")]
            for folder, pixels in (("FG", rgba[..., :3]), ("GT", rgba[..., 3])):
                path = base / split.capitalize() / folder / name
                path.unlink()
                Image.fromarray(pixels).save(path)
    Image.fromarray(made(3)).save(base / "Train" / "FG" / "not-listed.png")
    return trees.root / "source"


def test_an_archive_needs_no_backgrounds(trees, shrink, tmp_path, capsys):
    source, out = archived(trees, shrink), tmp_path / "audit"
    arguments = ["--dataset", "distinctions646", "--source", str(source), "--out", str(out)]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "distinctions646-train: 3 foregrounds, 2 distinct\n" in text
    assert "distinctions646-test: 2 foregrounds, 2 distinct\n" in text
    assert "together: 5 foregrounds, 3 distinct\n" in text
    leak = "distinctions646-train/GT01.png, distinctions646-test/test_1.png"
    assert f"leak: {leak}\n" in text
    pairs = list(csv.DictReader((out / "pairs.csv").open()))
    assert [(row["first"], row["second"]) for row in pairs] == [
        ("distinctions646-train/h_1.png", "distinctions646-train/t_2.png"),
        tuple(leak.split(", ")),
    ]
    mine = ["--set", "mine", str(source / "Distinctions-646" / "Test" / "FG")]
    alphas = [str(source / "Distinctions-646" / "Test" / "GT")]
    assert main([*arguments, *mine, *alphas]) == 0
    assert "leak: mine/test_0.png, distinctions646-test/test_0.png\n" in capsys.readouterr().out
    assert main(["--dataset", "composition1k", "--source", str(source)]) == 2
    assert "none of Adobe-licensed images/fg, " in capsys.readouterr().err


def test_the_number_of_threads_changes_nothing(sets, files_of):
    for name, workers in (("one", 1), ("three", 3)):
        chosen = (ForegroundSet("train", sets / "train"),)
        audit(AuditConfig(chosen, sets / name, workers))
    assert files_of(sets / "one") == files_of(sets / "three")


def test_what_is_wrong_is_told(sets, capsys):
    train = ForegroundSet("a", sets / "train")
    with pytest.raises(ValueError, match="sets are a, a; expected different names"):
        audit(AuditConfig((train, train), sets / "out"))
    assert main(["--set", "a", str(sets / "no"), "--out", str(sets / "out")]) == 2
    assert "no: no such folder; expected a folder of images" in capsys.readouterr().err
    for words, message in (
        ([], "nothing to look at; expected --set or --dataset"),
        (["--dataset", "composition1k"], "1 of --dataset and 0 of --source; expected one --source"),
        (["--set", "a"], "--set a: expected a name and one or two folders"),
        (["--set", "a", "b", "--workers", "0"], "--workers is 0; expected 1 or more"),
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert message in capsys.readouterr().err
    assert not (sets / "out").exists()
