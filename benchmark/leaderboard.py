"""Rank what was run, print the tables, and publish them.

    python -m benchmark.leaderboard --results runs --out leaderboard

Reads what benchmark.run left, ranks the methods of each test set with 95 % intervals clustered by
foreground, and writes the tables, their data and the page. Methods that cannot be told apart share
a rank; tracks, regions and test sets never mix.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchmark.board.protocols import PROTOCOLS, ProtocolName
from benchmark.formats.registry import FORMATS, write_table
from benchmark.results.foreground_attributes import attribute_files
from distinctions646.checks.addresses import shown
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.storage.staging import fetched, is_stand_in, with_fetched, written

if TYPE_CHECKING:
    from benchmark.board.board import Board, Boards

PAGE = "page"
NAMES = (*FORMATS, PAGE)
"""The formats: every file of `benchmark.formats.registry`, and the page."""


@dataclass(frozen=True)
class LeaderboardConfig:
    """The results to rank, and the files to write.

    Attributes
    ----------
    results
        Folders with runs.
    out
        Folder for the files; None writes none.
    formats
        Names of the files to write, from `NAMES`.
    protocol
        The protocol whose region comes first and orders the rows.
    attributes
        Files like ``foregrounds.csv``; by default those of `datasets`, or beside the runs.
    intervals
        Print intervals in the table on the screen.
    compare
        Two methods to compare.
    datasets
        Folders of the pictures that the page shows.
    single_file
        Write the page as one file.
    curves
        ``sensitivity.parquet`` files for the page; by default those beside the runs.
    readme
        A Markdown page whose marked tables are filled.
    check
        Compare the Markdown page only, and fail where it differs.
    keep
        A folder for small copies of the results.
    hub
        ``owner/name`` of a results dataset on the Hub.
    push
        Push the results dataset.
    private
        Make a new results dataset private.
    """

    results: tuple[Path, ...]
    out: Path | None = None
    formats: tuple[str, ...] = NAMES
    protocol: ProtocolName = "paper"
    attributes: tuple[Path, ...] = ()
    intervals: bool = False
    compare: tuple[str, str] | None = None
    datasets: tuple[Path, ...] = ()
    single_file: bool = False
    curves: tuple[Path, ...] = ()
    readme: Path | None = None
    check: bool = False
    keep: Path | None = None
    hub: str | None = None
    push: bool = False
    private: bool = False


def leaderboard(
    results: Path | str | Sequence[Path | str] = "runs",
    *,
    out: Path | str | None = None,
    formats: Sequence[str] = NAMES,
    datasets: Sequence[Path | str] = (),
    protocol: ProtocolName = "paper",
) -> Boards:
    """Rank what was run, and write tables and the page.

    Parameters
    ----------
    results
        The ``out`` of `benchmark.run.run`, or several.
    out
        Folder for the files; None writes none.
    formats
        Names of the files, from `NAMES`.
    datasets
        Folders of the pictures that the page shows.
    protocol
        The protocol whose region comes first and orders the rows.

    Returns
    -------
    Boards
        One for each test set; they show themselves in a notebook.

    Raises
    ------
    ValueError
        If a folder has no results, or pictures are not those of the results.

    Examples
    --------
    >>> from benchmark import leaderboard
    >>> boards = leaderboard("runs", out="leaderboard")  # doctest: +SKIP
    """
    folders = [results] if isinstance(results, str | Path) else results
    config = LeaderboardConfig(
        results=tuple(map(Path, folders)),
        out=None if out is None else Path(out),
        formats=tuple(formats),
        datasets=tuple(map(Path, datasets)),
        protocol=protocol,
    )
    with _here(config) as here:
        boards = _load(here)
        write_leaderboard(here, boards)
    return boards


def _load(config: LeaderboardConfig) -> Boards:
    from benchmark.board.loading import load_boards

    return load_boards(
        config.results,
        attributes=attribute_files(config.attributes, config.datasets),
        protocol=config.protocol,
    )


@contextmanager
def _here(config: LeaderboardConfig) -> Iterator[LeaderboardConfig]:
    """Replace addresses of stores by folders of this machine; publish what is written there."""
    fetched_too = with_fetched(config, but=("results", "out", "readme", "keep"))
    results = tuple(fetched(path, _is_result) for path in config.results)
    with ExitStack() as stack:
        out = None if config.out is None else stack.enter_context(written(config.out))
        yield replace(fetched_too, results=results, out=out)


def _is_result(name: str) -> bool:
    """Return whether a file of runs is needed: mattes are not."""
    return not name.endswith(".png")


def write_leaderboard(config: LeaderboardConfig, boards: Sequence[Board]) -> list[Path]:
    """Write the files of a leaderboard, all or none.

    Parameters
    ----------
    config
        The formats and the folder.
    boards
        As `benchmark.board.loading.load_boards` returns them.

    Returns
    -------
    list of Path
        The files written, in the order of the formats; of the page its first screen.

    Raises
    ------
    ValueError
        If pictures for the page are not those of the results.
    OSError
        If a file cannot be written.
    """
    with _made(config, boards) as paths:
        pass
    return paths


@contextmanager
def _made(config: LeaderboardConfig, boards: Sequence[Board]) -> Iterator[list[Path]]:
    """Make all files; they appear when the ``with`` statement ends without error."""
    if config.out is None:
        yield []
        return
    from benchmark.page.together import together

    with together(config.out) as folder:
        paths = [
            _write_page(config, boards, folder)
            if name == PAGE
            else write_table(name, boards, folder)
            for name in config.formats
        ]
        if config.hub is not None:
            from benchmark.formats.huggingface import write_hub_files

            write_hub_files(boards, folder / "hub", config.hub)
            paths.append(folder / "hub")
        yield [config.out / path.relative_to(folder) for path in paths]


def _write_page(config: LeaderboardConfig, boards: Sequence[Board], out: Path) -> Path:
    from benchmark.board.loading import add_published
    from benchmark.page.writing import find_curves, name_datasets, write_page

    return write_page(
        add_published(boards, config.protocol),
        out,
        datasets=name_datasets(config.datasets, boards),
        single_file=config.single_file,
        curves=config.curves or find_curves(config.results),
    )


def parse_args(arguments: list[str] | None = None) -> LeaderboardConfig:
    """Read the command line."""
    parser = make_parser(
        "python -m benchmark.leaderboard",
        __doc__,
        takes_addresses=True,
        folders_only=("readme", "keep"),
    )
    _add_inputs(parser)
    _add_outputs(parser)
    given = vars(parser.parse_args(arguments))
    given["results"] = given["results"] or [Path("runs")]
    _refuse_idle_options(parser, given)
    given["formats"] = given["formats"] or NAMES
    if given["check"] and given["readme"] is None:
        parser.error("--check needs --readme")
    hub, push = given.pop("hub"), given.pop("push")
    if hub and push and hub != push:
        parser.error(f"--hub {hub} and --push {push} differ")
    if (hub or push) and given["out"] is None:
        parser.error("--hub and --push need --out")
    for name in ("results", "formats", "attributes", "datasets", "curves", "compare"):
        given[name] = None if given[name] is None else tuple(dict.fromkeys(given[name]))
    if given["compare"] is not None and len(given["compare"]) < 2:
        parser.error("--compare needs two different methods")
    return LeaderboardConfig(**given, hub=hub or push, push=bool(push))


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--results",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="--out of benchmark.run, or what --keep made of it (default: runs)",
    )
    add(
        "--protocol",
        choices=tuple(PROTOCOLS),
        default="paper",
        help="whose region comes first: the whole image, or the unknown region",
    )
    add(
        "--attributes",
        type=Path,
        nargs="+",
        default=(),
        metavar="CSV",
        help="attributes of the foregrounds, for tables by group (default: those of the runs)",
    )
    add(
        "--dataset",
        type=Path,
        nargs="+",
        default=(),
        metavar="DIR",
        dest="datasets",
        help="the pictures, for the page",
    )
    add(
        "--curves",
        type=Path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="sensitivity.parquet of benchmark.sensitivity, for the page (default: those beside "
        "the runs)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, help="folder for the files; without it the tables are only printed")
    add(
        "--formats",
        nargs="+",
        choices=NAMES,
        metavar="NAME",
        help=f"with --out: of {', '.join(NAMES)} (default: all)",
    )
    add("--intervals", action="store_true", help="also print the intervals")
    add("--compare", nargs=2, metavar=("A", "B"), help="two methods: difference, interval and p")
    add("--single-file", action="store_true", help="write the page as one file")
    add("--readme", type=Path, metavar="FILE", help="fill the marked tables of a Markdown page")
    add("--check", action="store_true", help="with --readme: change nothing, fail if it differs")
    add("--keep", type=Path, metavar="DIR", help="copy the results without mattes, to commit them")
    add("--hub", metavar="OWNER/NAME", help="write the Hugging Face files for this repository")
    add("--push", metavar="OWNER/NAME", help="the same, and push the results dataset to it")
    add("--private", action="store_true", help="with --push: make a new repository private")


def _refuse_idle_options(parser: argparse.ArgumentParser, given: Mapping[str, Any]) -> None:
    """Refuse options that would do nothing without another one."""
    on_page = {"--single-file": given["single_file"], "--curves": given["curves"]}
    for flag, value in {"--formats": given["formats"], **on_page}.items():
        if value and given["out"] is None:
            parser.error(f"{flag} needs --out, the folder for the files")
    for flag, value in on_page.items():
        if value and "page" not in (given["formats"] or NAMES):
            parser.error(f"{flag} is for the page; expected page among --formats")
    if given["private"] and given["push"] is None:
        parser.error("--private needs --push")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where --check found a difference."""
    config = parse_args(arguments)

    def command() -> int:
        from benchmark.formats.readme import update_readme

        with _here(config) as here:
            boards = _load(here)
            if here.readme is not None and here.check:
                sys.stdout.write(difference := update_readme(here.readme, boards, check=True))
                return 1 if difference else 0
            _show(here, boards)
            _publish(here, boards)
        if config.out is None and config.readme is None and config.keep is None:
            results = " ".join(shlex.quote(shown(folder)) for folder in config.results)
            tell_next(f"python -m benchmark.leaderboard --results {results} --out leaderboard")
        return 0

    return run_command(command)


def _show(config: LeaderboardConfig, boards: Sequence[Board]) -> None:
    from benchmark.formats.comparison import describe_comparisons
    from benchmark.formats.screen import render_board

    shown = [render_board(board, intervals=config.intervals) for board in boards]
    if config.compare is not None:
        shown += describe_comparisons(boards, *config.compare)
    sys.stdout.write("\n".join(shown))


def _publish(config: LeaderboardConfig, boards: Sequence[Board]) -> None:
    from benchmark.formats.readme import update_readme
    from benchmark.results.keep import keep

    with _made(config, boards) as written:
        if config.readme is not None:
            update_readme(config.readme, boards, check=True)  # refuses a page without markers
        if config.keep is not None:
            for folder in keep(
                config.results, config.keep, attribute_files(config.attributes, config.datasets)
            ):
                sys.stdout.write(f"kept {folder}\n")
        if config.readme is not None:
            changed = update_readme(config.readme, boards, check=False)
            sys.stdout.write(f"{config.readme}: {'updated' if changed else 'as it was'}\n")
    sys.stdout.writelines(f"{path}\n" for path in written)
    if config.out is not None and not is_stand_in(config.out):  # a browser opens no address
        pages = (path for path in written if path.suffix == ".html")
        sys.stderr.writelines(f"next: open {path} in a browser\n" for path in pages)
    if config.push:
        from benchmark.formats.huggingface import push

        push(cast("Path", config.out) / "hub", cast("str", config.hub), private=config.private)
        sys.stdout.write(f"{config.hub}: pushed the results dataset\n")


if __name__ == "__main__":
    sys.exit(main())
