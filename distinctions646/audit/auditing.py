"""How many foregrounds are distinct, which leak between sets, and what their alphas are like.

Near-duplicates are found by perceptual hashes and local features and proved by laying one over the
other; see `duplicates`. Files that decode to the same pixels are called identical.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.audit.report import Entry, summarize, write_report
from distinctions646.checks.notes import Noting, passed_on
from distinctions646.cluster.options import EngineChoice, add_engine, take_engine
from distinctions646.cluster.starting import engine_for
from distinctions646.images.fingerprint import pixel_sha256
from distinctions646.images.reading import read_foreground
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.engine import current_engine
from distinctions646.process.pool import map_ordered
from distinctions646.sources.archives import locate_foregrounds, splits_of
from distinctions646.sources.datasets import archive_names
from distinctions646.sources.files import Foreground, find_foregrounds
from distinctions646.sources.locations import ArchiveSources
from distinctions646.storage.staging import with_fetched, written

if TYPE_CHECKING:
    from distinctions646.audit.duplicates import Pair
    from distinctions646.audit.features import Features

_EXAMPLE = """\
examples:
  python -m distinctions646.audit --set train FG ALPHA --set test FG2 ALPHA2 --out audit
  python -m distinctions646.audit --dataset composition1k --source DIR --out audit
  python -m distinctions646.audit --set mine RGBA --out audit

Find near-duplicate foregrounds within and between sets of foregrounds: crops, mirror images, other
colours, other encodings, consecutive frames. Writes foregrounds.csv (one row per foreground: its
cluster and its alpha's statistics), pairs.csv, clusters.png and audit.json."""


@dataclass(frozen=True)
class ForegroundSet:
    """A named set of foregrounds; `alphas` is None where the files have an alpha channel."""

    name: str
    foregrounds: Path
    alphas: Path | None = None


@dataclass(frozen=True)
class AuditConfig:
    """The sets to audit, and the folder for the report.

    Attributes
    ----------
    sets
        Sets to compare with each other; no two share a name.
    out
        The folder; made where it is missing.
    workers
        Threads; the report does not depend on it.
    datasets
        Official datasets, names and unpacked archives; each split
        that is there is a set of the foregrounds its list names, called ``composition1k-train``.
    lists
        Folder of name lists that are not in the archives.
    engine
        What looks at the foregrounds; None is this machine.
    """

    sets: tuple[ForegroundSet, ...]
    out: Path
    workers: int = 1
    datasets: tuple[tuple[str, Path], ...] = ()
    lists: Path | None = None
    engine: EngineChoice | None = None


def audit(config: AuditConfig) -> dict[str, Any]:
    """Audit all foregrounds, and write the report.

    Parameters
    ----------
    config
        The sets and the folder.

    Returns
    -------
    dict
        For each set the number of foregrounds and of distinct ones; the number of distinct ones
        in all; the clusters; and the leaks, clusters with foregrounds of more than one set.

    Raises
    ------
    ValueError
        If a set is named twice, or a file is missing, damaged or of the wrong size.
    OSError
        If a file cannot be read or written.
    """
    config = with_fetched(config, but=("out",))
    with written(config.out) as out:
        return _audit(replace(config, out=out))


def _audit(config: AuditConfig) -> dict[str, Any]:
    from distinctions646.audit.duplicates import clusters_of, find_pairs

    folders = [path for group in config.sets for path in (group.foregrounds, group.alphas) if path]
    folders += [source for _, source in config.datasets]
    with engine_for(config.engine, read=folders):
        entries, features = _inspect_all(config)
    identical = _identical(entries)
    copies = {pair.second for pair in identical}
    # A copy of an earlier foreground is near to whatever that one is near to.
    first = [number for number in range(len(entries)) if number not in copies]
    pairs = identical + [
        replace(pair, first=first[pair.first], second=first[pair.second])
        for pair in find_pairs([features[number] for number in first])
    ]
    clusters = clusters_of(len(entries), pairs)
    summary = summarize(entries, clusters)
    write_report(config.out, entries, features, pairs, clusters, summary)
    return summary


def _find_sets(config: AuditConfig) -> dict[str, list[Foreground]]:
    names = [group.name for group in config.sets]
    official = [
        ArchiveSources(dataset, split, source, lists=config.lists)
        for dataset, source in config.datasets
        for split in splits_of(dataset, source)
    ]
    names += [f"{sources.dataset}-{sources.split}" for sources in official]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"sets are {', '.join(names) or 'none'}; expected different names")
    foregrounds = [find_foregrounds(group.foregrounds, group.alphas) for group in config.sets]
    foregrounds += [locate_foregrounds(sources) for sources in official]
    return dict(zip(names, foregrounds, strict=True))


def _inspect_all(config: AuditConfig) -> tuple[list[Entry], list[Features]]:
    from tqdm import tqdm

    tasks = [
        (name, foreground)
        for name, foregrounds in _find_sets(config).items()
        for foreground in foregrounds
    ]
    with ThreadPoolExecutor(config.workers) as pool:
        inspected: Iterable[tuple[Entry, Features]]
        if current_engine() is not None:
            inspected = map_ordered(_inspect, tasks, workers=1)
        else:
            inspected = map(passed_on, pool.map(Noting(_inspect), tasks))
        results = list(tqdm(inspected, total=len(tasks), unit="foreground", disable=None))
    return [entry for entry, _ in results], [features for _, features in results]


def _inspect(task: tuple[str, Foreground]) -> tuple[Entry, Features]:
    from distinctions646.audit.features import extract_features
    from distinctions646.audit.statistics import alpha_statistics

    set_name, foreground = task
    colour, alpha_u8 = read_foreground(foreground.path, foreground.alpha)
    entry = Entry(
        set_name=set_name,
        name=foreground.path.name,
        height=foreground.height,
        width=foreground.width,
        pixels_sha256=pixel_sha256(colour) + pixel_sha256(alpha_u8),
        statistics=asdict(alpha_statistics(alpha_u8)),
    )
    return entry, extract_features(colour, alpha_u8)


def _identical(entries: Sequence[Entry]) -> list[Pair]:
    from distinctions646.audit.duplicates import Pair

    first_with: dict[str, int] = {}
    pairs = []
    for number, entry in enumerate(entries):
        first = first_with.setdefault(entry.pixels_sha256, number)
        if first != number:
            pairs.append(Pair(first, number, False, "identical pixels", 0, 1.0, 1.0))
    return pairs


def parse_args(arguments: Sequence[str] | None = None) -> AuditConfig:
    """Read the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    AuditConfig
        The sets and the folder.
    """
    parser = make_parser("python -m distinctions646.audit", _EXAMPLE, takes_addresses=True)
    parser.add_argument(
        "--set",
        dest="sets",
        type=str,  # checked as addresses, where they are some
        nargs="+",
        action="append",
        default=[],
        metavar=("NAME", "DIR"),
        help="a name, the folder of foregrounds and, unless they have an alpha channel, the "
        "folder of their alphas; give it once for each set",
    )
    parser.add_argument(
        "--dataset",
        dest="datasets",
        choices=archive_names(),
        action="append",
        default=[],
        help="an official dataset; each split in its --source is a set. May be repeated, each "
        "time with its own --source",
    )
    parser.add_argument(
        "--source",
        dest="sources",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="unpacked archive of the --dataset at the same position",
    )
    parser.add_argument(
        "--lists",
        type=Path,
        default=argparse.SUPPRESS,
        metavar="DIR",
        help="name lists that are not in the archives",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("audit"), metavar="DIR", help="folder of the report"
    )
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="threads")
    add_engine(parser)
    args = parser.parse_args(arguments)
    engine = take_engine(parser, vars(args))
    sets = []
    for words in args.sets:
        if len(words) not in (2, 3):
            parser.error(f"--set {' '.join(words)}: expected a name and one or two folders")
        sets.append(ForegroundSet(words[0], *(Path(word) for word in words[1:])))
    if len(args.datasets) != len(args.sources):
        parser.error(
            f"{len(args.datasets)} of --dataset and {len(args.sources)} of --source; "
            "expected one --source for each --dataset"
        )
    if not sets and not args.datasets:
        parser.error("nothing to look at; expected --set or --dataset")
    if args.workers < 1:
        parser.error(f"--workers is {args.workers}; expected 1 or more")
    datasets = tuple(zip(args.datasets, args.sources, strict=True))
    lists = getattr(args, "lists", None)
    return AuditConfig(tuple(sets), args.out, args.workers, datasets, lists, engine)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m distinctions646.audit``.

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

    def command() -> None:
        summary = audit(config)
        for name, counts in summary["sets"].items():
            sys.stdout.write(
                f"{name}: {counts['foregrounds']} foregrounds, {counts['distinct']} distinct\n"
            )
        if len(summary["sets"]) > 1:
            sys.stdout.write(
                f"together: {summary['foregrounds']} foregrounds, {summary['distinct']} distinct\n"
            )
        for leak in summary["leaks"]:
            sys.stdout.write(f"leak: {', '.join(leak)}\n")
        sys.stdout.write(f"{config.out}: foregrounds.csv, pairs.csv, clusters.png, audit.json\n")

    return run_command(command)
