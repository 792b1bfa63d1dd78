"""Ready-made mattes of a test set, of one method or of several: the form of `score` with --dataset.

They are run as the methods ``folder:PATH``, and stand on a board with the published numbers.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.board.protocols import PAPER_TRIMAPS
from benchmark.metrics.registry import STANDARD
from benchmark.runner.config import RunConfig
from benchmark.scoring.score_files import BY_REGION
from benchmark.statistics.intervals import DEFAULT_CLUSTERS
from distinctions646.process.commandline import tell_next
from distinctions646.storage.staging import written

if TYPE_CHECKING:
    from benchmark.board.board import Board
    from benchmark.board.protocols import ProtocolName


@dataclass(frozen=True)
class MattesConfig:
    """Mattes of one or several methods, the test set that they are of, and the table's form."""

    run: RunConfig
    latex: bool = False


def score_mattes(
    mattes: Path | str,
    dataset: Path | str,
    *,
    split: str = "test",
    out: Path | str = "scores",
    trimap_rule: str | None = None,
    protocol: ProtocolName = "paper",
    title: str | None = None,
    against: str | None = None,
    workers: int = 1,
) -> Board:
    """Score the mattes of a test set, of one method or of several.

    Parameters
    ----------
    mattes
        A folder with one matte for each image, or with a folder of them for each method.
    dataset
        A built dataset, a folder with ``image/`` and ``alpha/``, or ``NAME:DIR``.
    split
        Name of the split.
    out
        Folder for the results.
    trimap_rule
        Trimaps whose unknown region is scored; the dataset's own where None.
    protocol
        The protocol whose region comes first.
    title
        What tables call the mattes of one method.
    against
        What the dataset must be equal to: a root, its fingerprint, the folder of another build, or
        its recipe.
    workers
        Processes.

    Returns
    -------
    Board
        The methods with their ranks, and the published numbers of the same protocol.

    Raises
    ------
    ValueError
        If the dataset is not whole, or a matte is missing or of another size.
    """
    config = RunConfig(
        method=(f"folder:{mattes}",),
        dataset=(Path(dataset),),
        split=split,
        out=Path(out),
        trimap_rule=trimap_rule,
        protocol=protocol,
        title=title,
        against=against,
        workers=workers,
    )
    return _score_mattes(config)


def _score_mattes(config: RunConfig) -> Board:
    from benchmark.run import load_board, run_methods

    before = set(_finished(config.out))
    try:
        return load_board(run_methods(config), config.protocol)
    except (ValueError, OSError):  # of several folders, those before the wrong one are done
        for folder in set(_finished(config.out)) - before:
            shutil.rmtree(folder)
        raise


def _finished(out: Path) -> Iterator[Path]:
    """Yield the folders of finished runs."""
    return (card.parent for card in out.glob("*/*/run.json"))


def add_dataset_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for mattes of a test set."""
    group = parser.add_argument_group("mattes of a test set")
    group.add_argument(
        "--dataset",
        type=Path,
        metavar="DATASET",
        help="built dataset, folder with image/ and alpha/, or NAME:DIR such as composition1k:DIR, "
        "which must be the whole official one",
    )
    group.add_argument(
        "--against",
        metavar="ROOT",
        help="what the dataset must be equal to: a root, its fingerprint, the folder of another "
        "build, or its recipe",
    )
    group.add_argument("--split", help="which split (default: test)")
    group.add_argument(
        "--latex", action="store_true", help="print the table in LaTeX, and write it into --out"
    )
    group.add_argument(
        "--protocol",
        choices=("paper", "standard"),
        help="paper: the whole image first, as in HAttMatting; standard: the unknown region first "
        "(default: paper)",
    )
    group.add_argument(
        "--trimap-rule",
        metavar="ID",
        help=f"trimaps whose unknown region is scored, such as {PAPER_TRIMAPS} (default: the "
        "dataset's own)",
    )
    group.add_argument("--title", help="what tables call the mattes (default: the folder's name)")
    group.add_argument("--reference", help="the paper or page they come from")
    group.add_argument(
        "--track",
        choices=("trimap-free", "trimap-based"),
        help="how they were made (default: trimap-based, which claims less)",
    )


def read_dataset_form(parser: argparse.ArgumentParser, given: argparse.Namespace) -> MattesConfig:
    """Return what to score; options of the other form end the process with status 2."""
    unused: dict[str, Any] = {"alpha_gt": None, "trimap": None, "fill_known": False}
    unused |= {"region": "whole", "trimap_values": "strict", "shared_alpha_gt": False}
    for name, default in {**unused, "cluster_pattern": DEFAULT_CLUSTERS}.items():
        if getattr(given, name) != default:
            parser.error(f"--{name.replace('_', '-')} is for mattes without --dataset")
    if given.workers < 1:
        parser.error(f"--workers is {given.workers}; with --dataset expected 1 or more")
    if any(name in BY_REGION for name in given.metrics):
        parser.error("--metrics with --dataset has no columns by region; expected others")
    run = RunConfig(
        method=(f"folder:{given.alpha}",),
        dataset=(given.dataset,),
        split=given.split or "test",
        out=given.out or Path("scores"),
        trimap_rule=given.trimap_rule,
        protocol=given.protocol or "paper",
        title=given.title,
        reference=given.reference,
        track=given.track,
        against=given.against,
        metrics=tuple(dict.fromkeys((*STANDARD, *given.metrics))),
        workers=given.workers,
        exif=given.exif,
        matte_channel=given.matte_channel,
        engine=given.engine,
    )
    return MattesConfig(run, given.latex)


def show_mattes(config: MattesConfig) -> None:
    """Print the table of a test set's mattes, for the screen or for a paper."""
    from benchmark.formats.registry import write_table as write_boards
    from benchmark.formats.screen import render_board

    board = _score_mattes(config.run)
    out = config.run.out
    if config.latex:
        with written(out) as here:
            path = write_boards("latex", [board], here)
            sys.stdout.write(path.read_text(encoding="utf-8"))
        sys.stderr.write(f"written: {path}\n")
    else:
        sys.stdout.write(render_board(board))
        sys.stderr.write(f"written: {out}\n")
    results, dataset = shlex.quote(str(out)), shlex.quote(str(config.run.dataset[0]))
    tell_next(
        f"python -m benchmark.leaderboard --results {results} --dataset {dataset} --out leaderboard"
    )
