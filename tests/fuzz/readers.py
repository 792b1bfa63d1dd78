"""Every reader of files that may come from others, with seeds that our own encoders write."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz import mutations as by
from tests.fuzz.mutations import Mutation
from tests.fuzz.networks import (
    configuration_seeds,
    encoder_seeds,
    model_file_seeds,
    public_seeds,
    read_encoder,
    read_model,
    read_network,
    read_public,
    read_training,
    training_seeds,
    weight_seeds,
)
from tests.reliability.commands import main_of, write_inputs


@dataclass(frozen=True)
class Reader:
    """A reader and the file that is spoilt for it.

    Attributes
    ----------
    seeds
        Writes seed files into a folder of its own; returns the paths of those to spoil, of which
        one is chosen for each input.
    read
        Is given that folder and the spoilt file in it.
    mutations
        One is chosen for each input.
    weight
        Share of the inputs that it gets; less where reading takes long.
    """

    seeds: Callable[[Path], list[Path]]
    read: Callable[[Path, Path], object]
    mutations: tuple[Mutation, ...] = (by.spoil_bytes,)
    weight: int = 4


def _pictures(folder: Path) -> list[Path]:
    """Write a picture of some pixels in every format and mode that people have."""
    from PIL import Image, features

    random = np.random.default_rng(1)
    rgb = Image.fromarray(random.integers(0, 256, (12, 17, 3), np.uint8))
    grey, rgba = rgb.convert("L"), rgb.convert("RGBA")
    deep = Image.fromarray(random.integers(0, 65536, (12, 17), np.uint16))
    turned = Image.Exif()
    turned[0x0112] = 6
    saved: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "rgb.png": (rgb, {"icc_profile": b"\0" * 132, "exif": turned.tobytes()}),
        "grey.png": (grey, {"optimize": True}),
        "rgba.png": (rgba, {}),
        "palette.png": (rgb.convert("P"), {"transparency": 0}),
        "bits.png": (rgb.convert("1"), {}),
        "deep.png": (deep, {}),
        "rgb.jpg": (rgb, {"exif": turned.tobytes()}),
        "cmyk.jpg": (rgb.convert("CMYK"), {}),
        "grey.jpg": (grey, {"progressive": True}),
        "rgb.webp": (rgb, {"lossless": True}),
        "rgba.webp": (rgba, {}),
        "rgb.tif": (rgb, {"compression": "tiff_lzw"}),
        "deep.tif": (deep, {}),
        "rgb.bmp": (rgb, {}),
        "rgb.gif": (rgb, {"save_all": True, "append_images": [rgb.rotate(180)]}),
        "rgb.ppm": (rgb, {}),
    }
    if features.check("avif"):
        saved["rgb.avif.png"] = (rgb, {"format": "AVIF"})
    paths = []
    for name, (picture, options) in saved.items():
        paths.append(folder / name)
        picture.save(paths[-1], **options)
    return paths


def _read_pictures(folder: Path, path: Path) -> None:
    from distinctions646.images import reading

    readers = (
        lambda: reading.read_image(path),
        lambda: reading.read_image(path, exif="apply"),
        lambda: reading.read_alpha(path),
        lambda: reading.read_trimap(path),
        lambda: reading.read_foreground_with_alpha(path),
    )
    errors = []
    for read in readers:
        try:
            read()
        except (ValueError, OSError) as error:
            errors.append(error)
            check_refusal(error, path)
    if len(errors) == len(readers):
        raise errors[0]


class UnclearError(Exception):
    """A refusal that does not name the file, or is not one line."""


def check_refusal(error: Exception, path: Path) -> None:
    """Require the file's name, or that of the folder by which a person knows it.

    The commands put every message on one line.
    """
    text = str(error)
    names = (path.name, path.stem, str(path.parent), path.parent.name)
    if not any(name and name in text for name in names):
        raise UnclearError(f"does not name the file: {text[:300]!r}") from error


def _lists(folder: Path) -> list[Path]:
    (folder / "list.txt").write_text("cat.png\ndog (1).b.png\nwhite-bear.jpg\n")
    return [folder / "list.txt"]


def _read_list(folder: Path, path: Path) -> object:
    from distinctions646.sources.files import read_names

    return read_names(path)


def _attributes(folder: Path) -> list[Path]:
    (folder / "foregrounds.csv").write_text("name,class,unseen\ncat.png,fur,true\ndog,hair,false\n")
    return [folder / "foregrounds.csv"]


def _read_attributes(folder: Path, path: Path) -> object:
    from benchmark.results.foreground_attributes import read_attributes

    return read_attributes(path)


def _published(folder: Path) -> list[Path]:
    from benchmark.board.published import NUMBERS

    lines = NUMBERS.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "numbers.csv").write_text("".join(lines[:12]), encoding="utf-8")
    return [folder / "numbers.csv"]


def _read_published(folder: Path, path: Path) -> object:
    from benchmark.board.published import read_published

    return read_published(path)


def _build(folder: Path, *forms: str) -> Path:
    write_inputs(folder / "inputs")
    arguments = [
        *("--dataset", "custom", "--foregrounds", str(folder / "inputs" / "fg")),
        *("--alphas", str(folder / "inputs" / "alpha"), "--per-foreground", "1"),
        *("--backgrounds", str(folder / "inputs" / "bg"), "--trimap-rule", "radius-3/v1"),
        *("--out", str(folder / "built"), "--workers", "1", "--write", *forms),
    ]
    (folder / "arguments.json").write_text(json.dumps(arguments))
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        main_of("distinctions646.build")(arguments)
    return folder / "built"


def _manifest(folder: Path) -> list[Path]:
    return [_build(folder, "folder", "parquet") / "build.json"]


def _recipe(folder: Path) -> list[Path]:
    return [_build(folder, "folder") / "recipe" / "test.parquet"]


def _data(folder: Path) -> list[Path]:
    return [next((_build(folder, "parquet") / "data").glob("*.parquet"))]


def _tar(folder: Path) -> list[Path]:
    return list(_build(folder, "webdataset").glob("webdataset/*.tar"))


def _kept_foregrounds(folder: Path) -> list[Path]:
    return list(_build(folder, "virtual").glob("virtual/test/foreground/*.npy"))


def _read_virtual(folder: Path, path: Path) -> None:
    from distinctions646.loading.opening import open_split

    backgrounds = folder / "inputs" / "bg"
    arguments = [str(folder / "built"), "--backgrounds", str(backgrounds), "--workers", "1"]
    _expect_one_line("distinctions646.verify", arguments)
    for sample in open_split(folder / "built", "test", backgrounds=backgrounds).samples:
        sample.image()


def _stamps(folder: Path) -> list[Path]:
    return [_build(folder, "parquet") / "sources" / ".seen-test"]


def _read_dataset(folder: Path, path: Path) -> None:
    """Open a built dataset in each form and read every picture; build and verify it again."""
    from distinctions646.loading.opening import open_split

    _commands(folder, path)
    split = open_split(folder / "built", "test")
    for sample in split.samples:
        for part in (sample.image, sample.alpha_u8, sample.trimap, sample.size):
            part()


def _commands(folder: Path, path: Path) -> None:
    arguments = json.loads((folder / "arguments.json").read_text())
    _expect_one_line("distinctions646.build", arguments)
    if path.name != ".seen-test":
        _expect_one_line("distinctions646.verify", [str(folder / "built"), "--workers", "1"])


def _expect_one_line(module: str, arguments: list[str]) -> None:
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        try:
            status = main_of(module)(arguments)
        except SystemExit as stop:
            raise UnclearError(f"{module} stopped with {stop.code}") from stop
    errors = [line for line in told.getvalue().splitlines() if line]
    if status == 2 and len([line for line in errors if not line.startswith("note: ")]) != 1:
        raise UnclearError(f"{module} said {told.getvalue()[:300]!r}")


def _runs(folder: Path) -> Path:
    write_inputs(folder / "inputs")
    named = ["--dataset", str(folder / "inputs" / "plain"), "--out", str(folder / "runs")]
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        main_of("benchmark.run")([*named, "--method", "distance", "constant"])
    return next((folder / "runs").glob("*/distance-*"))


def _results(folder: Path) -> list[Path]:
    return [_runs(folder) / "results.parquet"]


def _card(folder: Path) -> list[Path]:
    path = _runs(folder) / "run.json"
    card = json.loads(path.read_text())
    del card["sha256"]  # without it more is read than refused
    path.write_text(json.dumps(card))
    return [path]


def _read_board(folder: Path, path: Path) -> None:
    from benchmark.board.loading import load_boards
    from benchmark.formats.registry import FORMATS
    from benchmark.results.checking import check_results

    check_results(folder / "runs")
    quiet = io.StringIO()
    with contextlib.redirect_stderr(quiet):
        boards = load_boards([folder / "runs"])
    for name in ("markdown", "latex", "csv", "json"):
        FORMATS[name].render(boards)


def _journal(folder: Path) -> list[Path]:
    from benchmark.results import result_table
    from benchmark.results.journal import Journal

    rows = result_table.read_rows(_runs(folder) / "results.parquet")
    with Journal(folder, "0-of-1") as journal:
        for start in range(0, len(rows), 8):
            journal.add(rows[start : start + 8])
    return [journal.path]


def _read_journal(folder: Path, path: Path) -> None:
    from benchmark.results import result_table
    from benchmark.results.journal import count_damaged, read_journals

    count_damaged(path)
    rows = read_journals(folder)
    result_table.write(folder / "joined.parquet", result_table.merge([], rows))
    result_table.read_rows(folder / "joined.parquet")


def _matte(folder: Path) -> list[Path]:
    from benchmark.results.matte_store import Prediction, save

    alpha_u8 = np.random.default_rng(2).integers(0, 256, (9, 11), np.uint8)
    save(folder / "key.png", Prediction(alpha_u8, "ok", {"levels": 3}, 1.5), "key")
    save(folder / "other.png", Prediction(alpha_u8, "n/a", {"reason": "none"}, 0.5), "other")
    return [folder / "key.png", folder / "other.png"]


def _read_matte(folder: Path, path: Path) -> None:
    from benchmark.results.matte_store import load, read_cached, read_cost

    load(path, path.stem, (9, 11))
    read_cost(path)
    read_cached(path)


_TEXT = (by.spoil_bytes, by.spoil_lines)
_BINARY = (by.spoil_bytes, by.spoil_head)
_JSON = (by.spoil_bytes, by.spoil_json, by.spoil_json)
_TABLE = (by.spoil_bytes, by.spoil_parquet, by.spoil_parquet)

READERS = {
    "pictures": Reader(_pictures, _read_pictures, (by.spoil_bytes, *_BINARY), weight=20),
    "lists of names": Reader(_lists, _read_list, _TEXT, weight=8),
    "foreground attributes": Reader(_attributes, _read_attributes, _TEXT, weight=8),
    "published numbers": Reader(_published, _read_published, _TEXT, weight=8),
    "build.json": Reader(_manifest, _read_dataset, _JSON),
    "recipes": Reader(_recipe, _read_dataset, _TABLE),
    "Parquet with pictures": Reader(_data, _read_dataset, _TABLE),
    "WebDataset": Reader(_tar, _read_dataset, _BINARY),
    "virtual foregrounds": Reader(_kept_foregrounds, _read_virtual, _BINARY),
    "source stamps": Reader(_stamps, _read_dataset, _TABLE, weight=2),
    "results.parquet": Reader(_results, _read_board, _TABLE),
    "run.json": Reader(_card, _read_board, _JSON),
    "journals": Reader(_journal, _read_journal, (by.spoil_bytes, by.spoil_json_lines)),
    "cached mattes": Reader(_matte, _read_matte, (*_BINARY, by.spoil_chunk), weight=10),
    "checkpoint configuration": Reader(configuration_seeds, read_network, _JSON, weight=2),
    "safetensors": Reader(weight_seeds, read_network, _BINARY),
    "public checkpoints": Reader(public_seeds, read_public, (*_BINARY, by.nest), weight=8),
    "encoder weights": Reader(encoder_seeds, read_encoder, _BINARY, weight=8),
    "training state": Reader(training_seeds, read_training, _BINARY, weight=8),
    "ONNX model files": Reader(model_file_seeds, read_model, (*_TEXT, by.nest), weight=8),
}
