"""Rank what was run, print the tables, and publish them.

    python -m benchmark.leaderboard --results runs --out leaderboard

Reads what benchmark.run left, ranks the methods of each test set with 95 % intervals clustered by
foreground, and writes the tables, their data and the page. Methods that cannot be told apart share
a rank; tracks, regions and test sets never mix.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from benchmark.formats.comparison import _with_both, describe_comparison
from distinctions646.process.commandline import make_parser, run_command

if TYPE_CHECKING:
    from benchmark.board.board import Board
    from benchmark.board.protocols import ProtocolName

Format = Literal["markdown", "latex", "csv", "parquet", "json", "page"]
FORMATS: tuple[Format, ...] = ("markdown", "latex", "csv", "parquet", "json", "page")
_SUFFIXES = {"markdown": ".md", "latex": ".tex", "csv": ".csv", "parquet": ".parquet",
             "json": ".json"}  # fmt: skip


@dataclass(frozen=True)
class LeaderboardConfig:
    """What is ranked, and where it goes.

    Attributes
    ----------
    results
        Places with runs.
    out
        Folder for the files; None writes none.
    formats
        Which.
    protocol
        Whose region comes first and orders the rows.
    attributes
        Files like ``foregrounds.csv``; those of `datasets`, or beside the runs, otherwise.
    intervals
        Whether the printed table has them.
    compare
        Two methods to compare.
    datasets
        Folders of the pictures that the page shows; their attributes count, too.
    single_file
        Whether the page is one file.
    curves
        Trimap sensitivity results for the page.
    readme
        A Markdown page whose marked tables are filled.
    check
        Whether to compare it only, and fail where it differs.
    keep
        A folder for small copies of the results.
    hub
        ``owner/name`` of a results dataset on the Hub.
    push
        Whether to push it.
    private
        Whether it is made private.
    """

    results: tuple[Path, ...]
    out: Path | None = None
    formats: tuple[Format, ...] = FORMATS
    protocol: ProtocolName = "paper"
    attributes: tuple[Path, ...] = ()
    intervals: bool = False
    compare: tuple[str, str] | None = None
    datasets: tuple[Path, ...] = field(default=())
    single_file: bool = False
    curves: tuple[Path, ...] = ()
    readme: Path | None = None
    check: bool = False
    keep: Path | None = None
    hub: str | None = None
    push: bool = False
    private: bool = False


def find_tables(config: LeaderboardConfig) -> list[Path]:
    """Return the tables of attributes given, or those of the datasets given."""
    from benchmark.results.foreground_attributes import ATTRIBUTES

    own = [folder / ATTRIBUTES for folder in config.datasets]
    return list(config.attributes) or [path for path in own if path.is_file()]


def write_leaderboard(config: LeaderboardConfig, boards: Sequence[Board]) -> list[Path]:
    """Write the files of a leaderboard.

    Parameters
    ----------
    config
        Which, and where.
    boards
        As `benchmark.board.loading.load_boards` gives them.

    Returns
    -------
    list of Path
        What to look at, in order of `FORMATS`.

    Raises
    ------
    ValueError
        If pictures for the page are not those of the results.
    OSError
        If a file cannot be written.
    """
    if config.out is None:
        return []
    config.out.mkdir(parents=True, exist_ok=True)
    written = []
    for name in config.formats:
        if name == "page":
            written.append(_write_page(config, boards, config.out))
        else:
            written.append(_write_table(name, boards, config.out))
    if config.hub is not None:
        from benchmark.formats.huggingface import write_hub_files

        write_hub_files(boards, config.out / "hub", config.hub)
        written.append(config.out / "hub")
    return written


def _write_table(name: Format, boards: Sequence[Board], out: Path) -> Path:
    from benchmark.formats import data, latex, markdown
    from distinctions646.images.png import write_bytes

    if name == "parquet":
        content = data.to_parquet(boards)
    else:
        texts: dict[str, Callable[[Sequence[Board]], str]] = {
            "markdown": markdown.to_markdown,
            "latex": latex.to_latex,
            "csv": data.to_csv,
            "json": data.to_json,
        }
        content = texts[name](boards).encode()
    path = out / f"leaderboard{_SUFFIXES[name]}"
    write_bytes(path, content)
    return path


def _write_page(config: LeaderboardConfig, boards: Sequence[Board], out: Path) -> Path:
    from benchmark.page.writing import write_page

    return write_page(
        list(boards),
        out,
        datasets={_dataset_name(folder, boards): folder for folder in config.datasets},
        single_file=config.single_file,
        curves=config.curves or _find_curves(config.results),
    )


def _find_curves(results: Sequence[Path]) -> list[Path]:
    """Find what `benchmark.sensitivity` left beside the runs."""
    pattern = "sensitivity/*/*/sensitivity.parquet"
    return [path for place in results for path in sorted(place.glob(pattern))]


def _dataset_name(folder: Path, boards: Sequence[Board]) -> str:
    from distinctions646.loading.opening import open_split

    for split in dict.fromkeys(board.split for board in boards):
        name = open_split(folder, split).name
        if any((board.dataset, board.split) == (name, split) for board in boards):
            return name
    raise ValueError(f"{folder}: there are no results of this dataset")


def update_readme(path: Path, boards: Sequence[Board], *, check: bool) -> str:
    """Fill the marked tables of a Markdown page, or say how they differ from it.

    Parameters
    ----------
    path
        The page.
    boards
        Which its markers choose from.
    check
        True leaves the page as it is.

    Returns
    -------
    str
        The difference; "" where there is none.

    Raises
    ------
    ValueError
        Naming the page, if it has no or unfit markers.
    """
    from benchmark.formats.readme import fill
    from distinctions646.images.png import write_bytes

    old = path.read_text(encoding="utf-8")
    try:
        new = fill(old, boards)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    if not check and new != old:
        write_bytes(path, new.encode())
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), str(path), "results"
    )
    return "".join(lines)


def parse_args(arguments: list[str] | None = None) -> LeaderboardConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.leaderboard", __doc__)
    add = parser.add_argument
    add("--results", type=Path, nargs="+", metavar="DIR",
        help="--out of benchmark.run, or what --keep made of it (default: runs)")  # fmt: skip
    add("--out", type=Path, help="folder for the files; without it the tables are only printed")
    add("--formats", nargs="+", choices=FORMATS, metavar="NAME",
        help=f"with --out: of {', '.join(FORMATS)} (default: all)")  # fmt: skip
    add("--protocol", choices=("paper", "standard"), default="paper",
        help="whose region comes first: the whole image, or the unknown region")  # fmt: skip
    add("--intervals", action="store_true", help="print the intervals, too")
    add("--compare", nargs=2, metavar=("A", "B"), help="two methods: difference, interval and p")
    add("--attributes", type=Path, nargs="+", default=(), metavar="CSV",
        help="of the foregrounds, for tables by group; the runs' own otherwise")  # fmt: skip
    add("--dataset", type=Path, nargs="+", default=(), metavar="DIR", dest="datasets",
        help="the pictures, for the page")  # fmt: skip
    add("--single-file", action="store_true", help="write the page as one file")
    add("--curves", type=Path, nargs="+", default=(), metavar="FILE",
        help="sensitivity.parquet of benchmark.sensitivity, for the page; those beside the runs "
        "otherwise")  # fmt: skip
    add("--readme", type=Path, metavar="FILE", help="fill the marked tables of a Markdown page")
    add("--check", action="store_true", help="with --readme: change nothing, fail if it differs")
    add("--keep", type=Path, metavar="DIR", help="copy the results without mattes, to commit them")
    add("--hub", metavar="OWNER/NAME", help="write the Hugging Face files for this repository")
    add("--push", metavar="OWNER/NAME", help="the same, and push the results dataset to it")
    add("--private", action="store_true", help="with --push: make a new repository private")
    given = vars(parser.parse_args(arguments))
    given["results"] = given["results"] or [Path("runs")]
    _refuse_idle_options(parser, given)
    given["formats"] = given["formats"] or FORMATS
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


def _refuse_idle_options(parser: argparse.ArgumentParser, given: Mapping[str, Any]) -> None:
    """Refuse options that would do nothing without another one."""
    on_page = {"--single-file": given["single_file"], "--curves": given["curves"]}
    for flag, value in {"--formats": given["formats"], **on_page}.items():
        if value and given["out"] is None:
            parser.error(f"{flag} needs --out, the folder for the files")
    for flag, value in on_page.items():
        if value and "page" not in (given["formats"] or FORMATS):
            parser.error(f"{flag} is for the page; expected page among --formats")
    if given["private"] and given["push"] is None:
        parser.error("--private needs --push")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where --check found a difference."""
    config = parse_args(arguments)

    def command() -> int:
        from benchmark.board.loading import load_boards

        boards = load_boards(
            config.results, attributes=find_tables(config), protocol=config.protocol
        )
        if config.readme is not None and config.check:
            difference = update_readme(config.readme, boards, check=True)
            sys.stdout.write(difference)
            return 1 if difference else 0
        _show(config, boards)
        _publish(config, boards)
        return 0

    return run_command(command)


def _show(config: LeaderboardConfig, boards: Sequence[Board]) -> None:
    from benchmark.formats.screen import render_board

    shown = [render_board(board, intervals=config.intervals) for board in boards]
    if config.compare is not None:
        first, second = config.compare
        both = _with_both(boards, first, second)
        shown += [describe_comparison(board, first, second) for board in both]
    sys.stdout.write("\n".join(shown))


def _publish(config: LeaderboardConfig, boards: Sequence[Board]) -> None:
    if config.keep is not None:
        from benchmark.results.keep import keep

        for folder in keep(config.results, config.keep, find_tables(config)):
            sys.stdout.write(f"kept {folder}\n")
    if config.readme is not None:
        changed = update_readme(config.readme, boards, check=False)
        sys.stdout.write(f"{config.readme}: {'updated' if changed else 'as it was'}\n")
    for path in write_leaderboard(config, boards):
        sys.stdout.write(f"{path}\n")
    if config.push:
        from benchmark.formats.huggingface import push

        push(cast("Path", config.out) / "hub", cast("str", config.hub), private=config.private)
        sys.stdout.write(f"{config.hub}: pushed the results dataset\n")


if __name__ == "__main__":
    sys.exit(main())
