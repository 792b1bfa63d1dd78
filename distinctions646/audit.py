"""Say how many foregrounds are distinct, which leak between sets, and what their alphas are like.

Near-duplicates are found by perceptual hashes and local features and proved by laying one over the
other; see `audit_pairs`. Files that decode to the same pixels are called identical.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.commandline import make_parser, run_command
from distinctions646.fingerprint import pixel_sha256
from distinctions646.images import read_alpha, read_foreground_with_alpha, read_image
from distinctions646.png import encode_png, write_bytes
from distinctions646.sources import Foreground, find_foregrounds

if TYPE_CHECKING:
    from distinctions646.audit_features import Features
    from distinctions646.audit_pairs import Pair

_EXAMPLE = """\
examples:
  python -m distinctions646.audit --set train FG ALPHA --set test FG2 ALPHA2 --out audit
  python -m distinctions646.audit --set mine RGBA --out audit

Find near-duplicate foregrounds within and between sets of foregrounds: crops, mirror images, other
colours, other encodings, consecutive frames. Writes foregrounds.csv (a row a foreground: its
cluster and its alpha's statistics), pairs.csv, clusters.png and audit.json."""


@dataclass(frozen=True)
class ForegroundSet:
    """A named set of foregrounds; `alphas` is None where they bring their own."""

    name: str
    foregrounds: Path
    alphas: Path | None = None


@dataclass(frozen=True)
class AuditConfig:
    """What to look at, and the folder for the report.

    Attributes
    ----------
    sets
        One or more, of different names.
    out
        The folder; made where it is missing.
    workers
        Threads; the report does not depend on it.
    """

    sets: tuple[ForegroundSet, ...]
    out: Path
    workers: int = 1


@dataclass(frozen=True)
class Entry:
    """One foreground as the audit sees it."""

    set_name: str
    name: str
    height: int
    width: int
    pixels_sha256: str
    statistics: dict[str, Any]


def audit(config: AuditConfig) -> dict[str, Any]:
    """Look at all foregrounds, and write the report.

    Parameters
    ----------
    config
        What to look at.

    Returns
    -------
    dict
        For each set how many foregrounds it has and how many are distinct; how many are distinct
        in all; the clusters; and the leaks, clusters with foregrounds of more than one set.

    Raises
    ------
    ValueError
        If a set is named twice, or a file is missing, damaged or of the wrong size.
    OSError
        If a file cannot be read or written.
    """
    names = [one.name for one in config.sets]
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"sets are {', '.join(names) or 'none'}; expected different names")
    from distinctions646.audit_pairs import clusters_of, find_pairs

    entries, features = _look_at_all(config)
    identical = _identical(entries)
    proved = {(pair.first, pair.second) for pair in identical}
    others = [pair for pair in find_pairs(features) if (pair.first, pair.second) not in proved]
    pairs = identical + others
    clusters = clusters_of(len(entries), pairs)
    summary = _summary(config, entries, clusters)
    _write(config.out, entries, features, pairs, clusters, summary)
    return summary


def _look_at_all(config: AuditConfig) -> tuple[list[Entry], list[Features]]:
    from tqdm import tqdm

    tasks = [
        (one.name, foreground)
        for one in config.sets
        for foreground in find_foregrounds(one.foregrounds, one.alphas)
    ]
    with ThreadPoolExecutor(config.workers) as pool:
        looked = pool.map(_look_at, tasks)
        found = list(tqdm(looked, total=len(tasks), unit="foreground", disable=None))
    return [entry for entry, _ in found], [features for _, features in found]


def _look_at(task: tuple[str, Foreground]) -> tuple[Entry, Features]:
    from distinctions646.audit_features import extract_features
    from distinctions646.audit_statistics import alpha_statistics

    set_name, foreground = task
    if foreground.alpha is None:
        colour, alpha_u8 = read_foreground_with_alpha(foreground.path)
    else:
        colour, alpha_u8 = read_image(foreground.path), read_alpha(foreground.alpha)
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
    from distinctions646.audit_pairs import Pair

    first_with: dict[str, int] = {}
    pairs = []
    for number, entry in enumerate(entries):
        first = first_with.setdefault(entry.pixels_sha256, number)
        if first != number:
            pairs.append(Pair(first, number, False, "identical pixels", 0, 1.0, 1.0))
    return pairs


def _summary(
    config: AuditConfig, entries: Sequence[Entry], clusters: Sequence[int]
) -> dict[str, Any]:
    sets = {}
    for one in config.sets:
        own = [clusters[i] for i, entry in enumerate(entries) if entry.set_name == one.name]
        sets[one.name] = {"foregrounds": len(own), "distinct": len(set(own))}
    groups = _groups(clusters)
    return {
        "foregrounds": len(entries),
        "distinct": len(set(clusters)),
        "sets": sets,
        "clusters": [[_label(entries[i]) for i in group] for group in groups],
        "leaks": [
            [_label(entries[i]) for i in group]
            for group in groups
            if len({entries[i].set_name for i in group}) > 1
        ],
    }


def _groups(clusters: Sequence[int]) -> list[list[int]]:
    """Clusters of two and more, the largest first."""
    members: dict[int, list[int]] = {}
    for number, cluster in enumerate(clusters):
        members.setdefault(cluster, []).append(number)
    return sorted((group for group in members.values() if len(group) > 1), key=lambda g: -len(g))


def _label(entry: Entry) -> str:
    return f"{entry.set_name}/{entry.name}"


def _write(
    out: Path,
    entries: Sequence[Entry],
    features: Sequence[Features],
    pairs: Sequence[Pair],
    clusters: Sequence[int],
    summary: dict[str, Any],
) -> None:
    from distinctions646.audit_sheet import contact_sheet

    out.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "set": entry.set_name,
            "name": entry.name,
            "cluster": clusters[number],
            "height": entry.height,
            "width": entry.width,
            **{
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in entry.statistics.items()
            },
        }
        for number, entry in enumerate(entries)
    ]
    write_bytes(out / "foregrounds.csv", _csv(rows, tuple(rows[0])))
    columns = ("first", "second", "by", "mirrored", "inliers", "mattes", "brightness")
    proofs = [
        {
            **asdict(pair),
            "first": _label(entries[pair.first]),
            "second": _label(entries[pair.second]),
            "mattes": round(pair.mattes, 4),
            "brightness": round(pair.brightness, 4),
        }
        for pair in pairs
    ]
    write_bytes(out / "pairs.csv", _csv(proofs, columns))
    sheet = contact_sheet(
        _groups(clusters),
        [one.thumbnail for one in features],
        [_label(entry) for entry in entries],
    )
    write_bytes(out / "clusters.png", encode_png(sheet))
    text = json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
    write_bytes(out / "audit.json", text.encode())


def _csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parse_args(arguments: Sequence[str] | None = None) -> AuditConfig:
    """Read the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    AuditConfig
        What to look at.
    """
    parser = make_parser("python -m distinctions646.audit", _EXAMPLE)
    parser.add_argument(
        "--set",
        dest="sets",
        nargs="+",
        action="append",
        required=True,
        metavar=("NAME", "DIR"),
        help="a name, the folder of foregrounds and, unless they bring their own alpha channel, "
        "that of their alphas; once for each set",
    )
    parser.add_argument("--out", type=Path, default=Path("audit"), metavar="DIR", help="report")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="threads")
    args = parser.parse_args(arguments)
    sets = []
    for words in args.sets:
        if len(words) not in (2, 3):
            parser.error(f"--set {' '.join(words)}: expected a name and one or two folders")
        sets.append(ForegroundSet(words[0], *(Path(word) for word in words[1:])))
    if args.workers < 1:
        parser.error(f"--workers is {args.workers}; expected 1 or more")
    return AuditConfig(tuple(sets), args.out, args.workers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit as the command line says.

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
        for name, facts in summary["sets"].items():
            sys.stdout.write(
                f"{name}: {facts['foregrounds']} foregrounds, {facts['distinct']} distinct\n"
            )
        if len(summary["sets"]) > 1:
            sys.stdout.write(
                f"together: {summary['foregrounds']} foregrounds, {summary['distinct']} distinct\n"
            )
        for leak in summary["leaks"]:
            sys.stdout.write(f"leak: {', '.join(leak)}\n")
        sys.stdout.write(f"{config.out}: foregrounds.csv, pairs.csv, clusters.png, audit.json\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
