"""Say whether a user's copy of the data is complete and right, before any work is done."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from distinctions646.doctor.checkup import Checkup, Finding, check_archive, decode, plural
from distinctions646.doctor.report import Estimate, Report, as_json, as_text, room
from distinctions646.images.formats import PNG
from distinctions646.images.png import write_bytes
from distinctions646.loading.in_place import open_set
from distinctions646.plan.arguments import parse_args as parse_build_args
from distinctions646.plan.settings import BuildConfig, check_config
from distinctions646.process.commandline import run_command
from distinctions646.process.pool import map_ordered
from distinctions646.sources.archives import Archive, locate, locate_custom
from distinctions646.sources.layouts import LAYOUTS
from distinctions646.sources.opensets import OPEN_SETS

_EXAMPLE = """\
examples:
  python -m distinctions646.doctor --dataset composition1k --source DIR --voc DIR
  python -m distinctions646.doctor --dataset distinctions646 --split train --source DIR \\
      --coco DIR --json report.json

Check a copy of the data before a build. Takes the flags of distinctions646.build and changes
nothing. Exit status 0: a build would be complete; 1: it would not; 2: the question was wrong.

  --json FILE  write the report there, too, with every file it speaks of
  --deep       decode every picture instead of its header only
  --out DIR    where the build is to go: is there room? (default: here)

The other flags, as of python -m distinctions646.build --help: --dataset --split --source --coco
--voc --lists --trimap-rule --write --image-format --exif --workers; --foregrounds --alphas
--backgrounds --foreground-list --background-list --per-foreground."""
# Measured on composites of 3 megapixels: PNG bytes a pixel of image, alpha and trimap together;
# seconds of one core for a megapixel; bytes a pixel of a foreground kept raw.
_BYTES_A_PIXEL = 1.1
_JPEG_BYTES_A_PIXEL = 0.35
_SECONDS_A_MEGAPIXEL = 0.026
_RAW_BYTES_A_PIXEL = 4


def examine(config: BuildConfig, *, deep: bool = False) -> Report:
    """Look at a copy of the data.

    Parameters
    ----------
    config
        As for the build.
    deep
        Whether to decode every picture.

    Returns
    -------
    Report
        What was found; a missing folder or list is a finding too.

    Raises
    ------
    ValueError
        If a setting is wrong.
    """
    check_config(config)
    if config.dataset in OPEN_SETS:
        return _examine_open_set(config, deep)
    try:
        archive = locate(config) if config.dataset in LAYOUTS else locate_custom(config)
    except (ValueError, OSError) as error:
        finding = Finding("error", "folders or lists that are not as expected", (str(error),))
        return Report(config.dataset, config.split, {}, {}, [finding], None)
    checkup = check_archive(archive, exif=config.exif)
    if deep:
        _decode_all(checkup, config.workers)
    estimate = _estimate(config, checkup)
    if estimate.disk_bytes > estimate.free_bytes:
        checkup.add(
            "error",
            "disks with too little room",
            f"{config.out}: needs {room(estimate.disk_bytes)}, has {room(estimate.free_bytes)}",
        )
    counts = _counts(archive, checkup)
    findings = checkup.findings
    return Report(config.dataset, config.split, counts, archive.verdicts, findings, estimate)


def _examine_open_set(config: BuildConfig, deep: bool) -> Report:
    checkup = Checkup(config.exif)
    try:
        samples = open_set(config.dataset, config.source or Path(), config.split).samples
    except (ValueError, OSError) as error:
        finding = Finding("error", "pictures that are not as expected", (str(error),))
        return Report(config.dataset, config.split, {}, {}, [finding], None)
    for sample in samples:
        for kind, (path, _) in sample.contents.items():
            size = checkup.open(path, "photograph" if kind == "image" else kind)
            if kind == "image" and size is not None:
                checkup.sizes[sample.name] = size
    if deep:
        _decode_all(checkup, config.workers)
    counts = {"images": (len(samples), len(checkup.sizes))}
    estimate = _estimate(config, checkup)
    return Report(config.dataset, config.split, counts, {}, checkup.findings, estimate)


def _counts(archive: Archive, checkup: Checkup) -> dict[str, tuple[int, int]]:
    backgrounds = set(archive.background_names)
    return {
        "foregrounds": (len(archive.foreground_names), len(checkup.sizes)),
        "backgrounds": (len(backgrounds), len(checkup.files.get("background", ()))),
    }


def _decode_all(checkup: Checkup, workers: int) -> None:
    from tqdm import tqdm

    files = [(kind, path) for kind, paths in checkup.files.items() for path in paths]
    progress = tqdm(_decoded(files, workers), total=len(files), unit="file", disable=None)
    for (kind, _), error in zip(files, progress, strict=True):
        if error is not None:
            checkup.add("error", f"{plural(kind)} that cannot be decoded", error)


def _decoded(files: Sequence[tuple[str, Path]], workers: int) -> Iterator[str | None]:
    return map_ordered(_decode, files, workers=workers, chunk=16)


def _decode(file: tuple[str, Path]) -> str | None:
    return decode(*file)


def _estimate(config: BuildConfig, checkup: Checkup) -> Estimate:
    pixels = sum(height * width for height, width in checkup.sizes.values())
    composed = pixels * config.per_foreground
    each = _BYTES_A_PIXEL if config.image_format == PNG else _JPEG_BYTES_A_PIXEL
    disk = 0.0
    for form in config.write:
        # Pictures are written once on their own before they go into larger files.
        disk += pixels * _RAW_BYTES_A_PIXEL if form == "virtual" else composed * each
    if set(config.write) & {"parquet", "webdataset"} and "folder" not in config.write:
        disk += composed * each
    work = pixels if config.virtual_only else composed
    place = config.out.resolve()
    while not place.exists():
        place = place.parent
    return Estimate(
        disk_bytes=math.ceil(disk),
        free_bytes=shutil.disk_usage(place).free,
        core_hours=work / 1e6 * _SECONDS_A_MEGAPIXEL / 3600,
    )


@dataclass(frozen=True)
class DoctorConfig:
    """What to look at, how closely, and where the report goes."""

    build: BuildConfig
    deep: bool
    json: Path | None


def parse_args(arguments: Sequence[str] | None = None) -> DoctorConfig:
    """Read the command line: that of the build, `--deep` and `--json`.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    DoctorConfig
        What to do.
    """
    parser = argparse.ArgumentParser(
        prog="python -m distinctions646.doctor",
        usage=argparse.SUPPRESS,
        description=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--deep", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=Path(), help=argparse.SUPPRESS)
    parser.add_argument("--dataset", required=True, help=argparse.SUPPRESS)
    own, rest = parser.parse_known_args(arguments)
    if own.dataset == "mini":
        parser.error("the embedded dataset mini is generated; there is nothing to check")
    build = parse_build_args(["--dataset", own.dataset, "--out", str(own.out), *rest])
    return DoctorConfig(build, own.deep, own.json)


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine as the command line says.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    int
        Exit status.
    """
    config = parse_args(arguments)

    def command() -> int:
        report = examine(config.build, deep=config.deep)
        sys.stdout.write(as_text(report, config.build.workers))
        if config.json is not None:
            text = json.dumps(as_json(report), indent=1, ensure_ascii=False) + "\n"
            write_bytes(config.json, text.encode())
        return 0 if report.complete else 1

    return run_command(command)
