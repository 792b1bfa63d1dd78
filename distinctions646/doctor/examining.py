"""Whether a user's copy of the data is complete and right, before any work is done."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from distinctions646.checks.addresses import local_path, url_of
from distinctions646.checks.notes import Note, collect
from distinctions646.cluster.starting import engine_for
from distinctions646.doctor.checkup import (
    LEVELS,
    Checkup,
    Finding,
    check_archive,
    decode,
    decodings,
    plural,
)
from distinctions646.doctor.report import Estimate, Report, as_json, as_text, disk_size
from distinctions646.images.formats import PNG
from distinctions646.images.rules import ReadingRules
from distinctions646.loading.open_sets import open_set
from distinctions646.plan.arguments import parse_config
from distinctions646.plan.build_plan import BuildPlan, resolve
from distinctions646.plan.options import add_dataset, add_pixels, add_sources, add_work
from distinctions646.plan.settings import BuildConfig
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.process.pool import map_ordered
from distinctions646.process.whole_files import write_bytes
from distinctions646.sources.archives import Archive, locate, locate_custom
from distinctions646.sources.layouts import GIVEN_RULE
from distinctions646.sources.locations import ArchiveSources, CustomSources, OpenSetSources
from distinctions646.storage.staging import stand_in, with_fetched

_EXAMPLE = """\
examples:
  python -m distinctions646.doctor --dataset composition1k --source DIR --voc DIR
  python -m distinctions646.doctor --dataset distinctions646 --split train --source DIR \\
      --coco DIR --json report.json

Check a copy of the data before a build. Takes the flags of distinctions646.build and changes
nothing. Exit status 0: a build would be complete; 1: it would not; 2: bad arguments or input."""
# Measured on composites of 3 megapixels: PNG bytes a pixel of image, alpha and trimap together;
# seconds of one core for a megapixel; bytes a pixel of a foreground kept raw.
_BYTES_A_PIXEL = 1.1
_JPEG_BYTES_A_PIXEL = 0.35
_SECONDS_A_MEGAPIXEL = 0.026
_RAW_BYTES_A_PIXEL = 4


def examine(config: BuildConfig, *, deep: bool = False) -> Report:
    """Check a copy of the data.

    Parameters
    ----------
    config
        The build whose sources are checked.
    deep
        Whether to decode every picture.

    Returns
    -------
    Report
        With the findings; a missing folder or list is one of them.

    Raises
    ------
    ValueError
        If a setting is wrong.
    """
    config = with_fetched(config, but=("out",))
    address = url_of(config.out)
    out = config.out if address is None else stand_in(address, "write")
    plan = resolve(replace(config, out=local_path(out)))
    with collect() as notes:
        folders = [value for value in vars(plan.sources).values() if isinstance(value, Path)]
        with engine_for(config.engine if deep else None, read=folders):
            if isinstance(plan.sources, OpenSetSources):
                report = _examine_open_set(plan, plan.sources, deep)
            else:
                report = _examine_archive(plan, deep)
    findings = [*report.findings, *_findings_of(notes)]
    return replace(report, findings=sorted(findings, key=lambda each: LEVELS.index(each.level)))


# What is worth knowing only; every other note says that something may go wrong.
_HARMLESS = ("16 bits, scaled", "mode ")
_IN_HEADERS = "JPEG"  # found without decoding


def _findings_of(notes: Iterable[Note]) -> list[Finding]:
    """Return what readers noted as findings, each kind once."""
    places: dict[str, list[str]] = {}
    for path, what in notes:
        if not what.startswith(_IN_HEADERS):
            places.setdefault(what, []).append(Path(path).name)
    return [
        Finding("note" if what.startswith(_HARMLESS) else "warning", f"files: {what}", tuple(names))
        for what, names in places.items()
    ]


def _examine_archive(plan: BuildPlan, deep: bool) -> Report:
    try:
        archive = _locate(plan)
    except (ValueError, OSError) as error:
        return _unusable(plan, "folders or lists that are not as expected", error)
    checkup = check_archive(archive, ReadingRules(plan.rules.exif, plan.matte_channel))
    if deep:
        _decode_all(checkup, plan.workers)
    estimate = _estimate(plan, checkup)
    if estimate.disk_bytes > estimate.free_bytes:
        checkup.add(
            "error",
            "disks with too little space",
            f"{plan.out}: needs {disk_size(estimate.disk_bytes)}, has "
            f"{disk_size(estimate.free_bytes)}",
        )
    counts = _counts(archive, checkup)
    return Report(plan.dataset, plan.split, counts, archive.verdicts, checkup.findings, estimate)


def _locate(plan: BuildPlan) -> Archive:
    match plan.sources:
        case ArchiveSources() as sources:
            return locate(sources, given_trimaps=plan.rules.trimap_rule == GIVEN_RULE)
        case CustomSources() as sources:
            return locate_custom(sources)
    raise ValueError("the embedded dataset mini is generated; there is nothing to check")


def _unusable(plan: BuildPlan, what: str, error: Exception) -> Report:
    """Return the report on a copy in which not even the files could be counted."""
    finding = Finding("error", what, (str(error),))
    return Report(plan.dataset, plan.split, {}, {}, [finding], None)


def _examine_open_set(plan: BuildPlan, sources: OpenSetSources, deep: bool) -> Report:
    reading = ReadingRules(plan.rules.exif, plan.matte_channel)
    checkup = Checkup(reading)
    try:
        samples = open_set(sources, reading).samples
    except (ValueError, OSError) as error:
        return _unusable(plan, "pictures that are not as expected", error)
    for sample in samples:
        for kind, (path, _) in sample.contents.items():
            size = checkup.open(path, "photograph" if kind == "image" else kind)
            if kind == "image" and size is not None:
                checkup.sizes[sample.name] = size
        if "trimap" in sample.contents:
            checkup.partners[sample.contents["alpha"][0]] = sample.contents["trimap"][0]
    if deep:
        _decode_all(checkup, plan.workers)
    counts = {"images": (len(samples), len(checkup.sizes))}
    estimate = _estimate(plan, checkup)
    return Report(plan.dataset, plan.split, counts, {}, checkup.findings, estimate)


def _counts(archive: Archive, checkup: Checkup) -> dict[str, tuple[int, int]]:
    backgrounds = set(archive.background_names)
    return {
        "foregrounds": (len(archive.foreground_names), len(checkup.sizes)),
        "backgrounds": (len(backgrounds), len(checkup.files.get("background", ()))),
    }


def _decode_all(checkup: Checkup, workers: int) -> None:
    from tqdm import tqdm

    tasks = decodings(checkup)
    decoded = map_ordered(decode, tasks, workers=workers, chunk=16)
    for error in tqdm(decoded, total=len(tasks), unit="file", disable=None):
        if error is not None:
            checkup.add("error", f"{plural(error[0])} that cannot be decoded", error[1])


def _estimate(plan: BuildPlan, checkup: Checkup) -> Estimate:
    pixels = sum(height * width for height, width in checkup.sizes.values())
    composed = pixels * plan.per_foreground
    each = _BYTES_A_PIXEL if plan.rules.image_format == PNG else _JPEG_BYTES_A_PIXEL
    disk = 0.0
    for form in plan.write:
        # Pictures are written once on their own before they go into larger files.
        disk += pixels * _RAW_BYTES_A_PIXEL if form == "virtual" else composed * each
    if set(plan.write) & {"parquet", "webdataset"} and "folder" not in plan.write:
        disk += composed * each
    work = pixels if plan.virtual_only else composed
    folder = plan.out.resolve()
    while not folder.exists():
        folder = folder.parent
    return Estimate(
        disk_bytes=math.ceil(disk),
        free_bytes=shutil.disk_usage(folder).free,
        core_hours=work / 1e6 * _SECONDS_A_MEGAPIXEL / 3600,
    )


@dataclass(frozen=True)
class DoctorConfig:
    """The build whose sources are checked, whether to decode them, and a file for the report."""

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
        What to check.
    """
    parser = make_parser(
        "python -m distinctions646.doctor",
        _EXAMPLE,
        takes_addresses=True,
        folders_only=("json",),
    )
    add_dataset(parser, embedded=False)
    add_sources(parser)
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="also write the report to this file, with the names of all files",
    )
    parser.add_argument(
        "--deep", action="store_true", help="decode every picture instead of its header only"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path(),
        help="folder of the build, to check its free disk space",
    )
    add_pixels(parser)
    add_work(parser)
    args = parser.parse_args(arguments)
    if not args.deep and (args.scheduler or args.cluster):
        parser.error("--scheduler and --cluster are for --deep, which decodes every picture")
    deep, json_file = args.deep, args.json
    del args.deep, args.json
    return DoctorConfig(parse_config(parser, args), deep, json_file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m distinctions646.doctor``.

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
        if report.complete:
            tell_next("python -m distinctions646.build with the same options and --out OUT")
        return 0 if report.complete else 1

    return run_command(command)
