"""Generate foregrounds and backgrounds for training.

    python -m distinctions646.generate --out sources --foregrounds 5000
    python -m distinctions646.generate --out sources --per-class 100 --count creature=900
    python -m distinctions646.generate --out sources --foregrounds 5000 --path-traced 20

writes sources/foregrounds (RGBA) and sources/backgrounds. The same options give the same pixels,
whatever the number of workers; a killed command continues when it is given again. Classes held out
for tests are left out of train.
``--foregrounds`` divides a number among the classes, most to creatures, portraits and figures.
``--path-traced N`` adds the path-traced foregrounds of training, each as N files of one content.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distinctions646.images.fingerprint import settings_sha256
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    from distinctions646.mini.pictures import Picture


RECORD = "sources.json"
"""The settings of generated sources, beside them."""


@dataclass(frozen=True)
class GenerateConfig:
    """The split to generate, its size, and the folder."""

    out: Path
    split: str
    size: int
    per_class: int | None
    foregrounds: int | None
    count: tuple[tuple[str, int], ...]
    backgrounds: int
    path_traced: int
    seed: int
    workers: int


def generate(config: GenerateConfig) -> bool:
    """Write the sources; the folder appears when it is whole.

    A killed call leaves its pictures in a hidden folder beside it, ``.OUT.partial``, where the next
    call with the same settings takes them up.

    Returns
    -------
    bool
        Whether they were written now; False if the folder holds these very sources already.

    Raises
    ------
    ValueError
        If a setting is wrong, or the folder holds something else.
    OSError
        If a file cannot be written.
    """
    from distinctions646.build.workspace import finish_move, mark_begun, remove_leftover, workspace

    pictures = _plan(config)
    record = _record(config)
    tag = settings_sha256(record)
    finish_move(config.out)
    if _holds(config.out, record):
        remove_leftover(config.out, tag)
        return False
    from distinctions646.mini.sources import write_pictures

    with workspace(config.out, tag) as folder:
        mark_begun(folder)
        made = folder / "final"
        write_pictures(made, pictures, workers=config.workers, resume=True)
        if config.path_traced:
            _add_path_traced(made, config.size, config.path_traced)
        write_bytes(made / RECORD, _as_bytes(record))
    return True


def _plan(config: GenerateConfig) -> list[Picture]:
    if config.path_traced < 0:
        raise ValueError(f"--path-traced is {config.path_traced}; expected 0 or more")
    if config.path_traced and config.split != "train":
        raise ValueError(
            f"--path-traced {config.path_traced} is for training alone, and --split is "
            f"{config.split}; expected --split train"
        )
    if config.workers < 1:
        raise ValueError(f"--workers is {config.workers}; expected 1 or more")
    from distinctions646.mini.sources import plan_sources

    return plan_sources(
        config.split,
        size=config.size,
        per_class=config.per_class,
        foregrounds=config.foregrounds,
        seed=config.seed,
        backgrounds=config.backgrounds,
        counts=dict(config.count),
    )


def _record(config: GenerateConfig) -> dict[str, Any]:
    """Return all that decides the pictures."""
    from distinctions646.plan.embedded import generator_sha256

    settings = {**asdict(config), "count": [list(pair) for pair in config.count]}
    del settings["out"], settings["workers"]
    return {"settings": settings, "generator": generator_sha256()}


def _as_bytes(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1) + "\n").encode()


def _holds(out: Path, record: dict[str, Any]) -> bool:
    """Return whether a folder has these very sources; refuse one with anything else."""
    if not out.exists():
        return False
    if not out.is_dir():
        raise ValueError(f"{out}: is a file; expected an empty or missing folder")
    if not any(out.iterdir()):
        return False
    path = out / RECORD
    if path.is_file() and path.read_bytes() == _as_bytes(record):
        return True
    raise ValueError(
        f"{out}: holds something; expected an empty or missing folder, or these same sources"
    )


def _add_path_traced(folder: Path, size: int, times: int) -> None:
    """Add the path-traced foregrounds of training to the folder and to its table."""
    from distinctions646.mini.pathtraced import list_pathtraced
    from distinctions646.mini.plans import plan_foregrounds
    from distinctions646.mini.sources import write_rows

    # A fourth of those that are planned is path-traced, as far as there are any.
    planned = plan_foregrounds("train", size, count=4 * len(list_pathtraced()))
    traced = [picture for picture in planned if picture.vendored is not None]
    table = folder / "foregrounds.csv"
    with table.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    added = [row for picture in traced for row in _write_copies(folder, picture, times)]
    write_rows(table, header, [*rows, *added])


def _write_copies(folder: Path, picture: Picture, times: int) -> list[list[object]]:
    """Write a foreground under `times` names; return their rows of the table."""
    from distinctions646.mini.pictures import make_picture

    stem = Path(picture.name).stem
    copies = [replace(picture, name=f"{stem}_{number}.png") for number in range(times)]
    opaque = make_picture(folder, copies[0])
    content = (folder / "foregrounds" / copies[0].name).read_bytes()
    for copy in copies[1:]:
        write_bytes(folder / "foregrounds" / copy.name, content)
    return [
        [copy.name, copy.subject, copy.group, opaque, copy.unseen, copy.source] for copy in copies
    ]


def _count(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected CLASS=NUMBER")
    return name, int(number)


def parse_args(arguments: list[str] | None = None) -> GenerateConfig:
    """Read the command line."""
    parser = make_parser("python -m distinctions646.generate", __doc__)
    parser.add_argument("--out", type=Path, required=True, help="missing or empty")
    splits = ("train", "validation", "test")
    parser.add_argument("--split", choices=splits, default="train", help="split to generate")
    parser.add_argument("--size", type=int, default=288, help="long side of a foreground")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--per-class", type=int, help="foregrounds of each class (default: 100)")
    amount.add_argument("--foregrounds", type=int, metavar="N", help="foregrounds in all")
    parser.add_argument(
        "--count",
        type=_count,
        nargs="+",
        default=(),
        metavar="CLASS=N",
        help="foregrounds of single classes",
    )
    parser.add_argument("--backgrounds", type=int, default=320, help="backgrounds")
    parser.add_argument(
        "--path-traced",
        type=int,
        default=0,
        metavar="N",
        help="write each path-traced foreground of train N times",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the dataset")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    options = vars(parser.parse_args(arguments))
    if options["per_class"] is None and options["foregrounds"] is None:
        options["per_class"] = 100
    return GenerateConfig(**{**options, "count": tuple(options["count"])})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        fresh = generate(config)
        said = "foregrounds/, backgrounds/" if fresh else "generated before"
        sys.stdout.write(f"{config.out}: {said}\n")
        tell_next(
            f"python -m hattmatting.train --sources {config.out} --preset tiny --out runs/tiny"
        )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
