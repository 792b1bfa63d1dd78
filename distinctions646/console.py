"""The console command: ``matting NAME`` runs what ``python -m MODULE`` runs.

    matting run --method closed-form knn hatt --dataset mini

`distinctions646.process.commands` has the table of commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from distinctions646.process.commandline import make_parser, run_command, suggest_name
from distinctions646.process.commands import COMMANDS, CONSOLE, typed
from distinctions646.version import __version__

_HEAD = f"""\
{CONSOLE} build                                  the embedded dataset, into ./mini
{CONSOLE} run --method closed-form hatt          run methods on it, and score them
{CONSOLE} leaderboard --out leaderboard          rank them, and write tables and the page
{CONSOLE} cutout photo.jpg --out mattes          cut out a photograph

{CONSOLE} COMMAND --help describes a command."""
_OTHER_NAMES = {"predict": "cutout", "evaluate": "score"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command of the console.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    int
        Exit status of the command; 2 where there is no such command.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "_ARGCOMPLETE" in os.environ:
        given = _typed_so_far()
    name = given[0] if given else "--help"
    if name in COMMANDS:
        with typed(name):  # a signal while the command's modules are imported ends it, too
            return run_command(lambda: import_module(_main_module(name)).main(given[1:]))
    parser = make_parser(CONSOLE, f"{_HEAD}\n\n{list_commands()}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see above")
    parser.add_argument("--version", action="version", version=f"{CONSOLE} {__version__}")
    if not name.startswith("-") and "_ARGCOMPLETE" not in os.environ:
        parser.error(f"there is no command {name!r}{_suggest(name)}")
    parser.parse_args([name])
    return 2


def _suggest(name: str) -> str:
    """Return a hint at the command that was meant."""
    if name in _OTHER_NAMES:
        return f"; did you mean {_OTHER_NAMES[name]}?"
    return suggest_name(name, COMMANDS)


def list_commands() -> str:
    """Return the commands with their purposes, under the goals that they serve."""
    lines = []
    for goal in dict.fromkeys(command.goal for command in COMMANDS.values()):
        lines.append(f"{goal}:")
        lines += [
            f"  {name:12} {command.purpose}"
            for name, command in COMMANDS.items()
            if command.goal == goal
        ]
    return "\n".join(lines)


def _main_module(name: str) -> str:
    """Return the module with a command's ``main``: that of a package is in ``__main__``."""
    module = COMMANDS[name].module
    spec = find_spec(module)
    is_package = spec is not None and spec.submodule_search_locations is not None
    return f"{module}.__main__" if is_package else module


def _typed_so_far() -> list[str]:
    """Return the words of a line that a shell wants completed, and skip the command's name.

    argcomplete takes the words after the program; ``_ARGCOMPLETE`` counts those it skips.
    """
    words = os.environ.get("COMP_LINE", "").split()[1:]
    if words and words[0] in COMMANDS:
        os.environ["_ARGCOMPLETE"] = "2"
    return words


if __name__ == "__main__":
    sys.exit(main())
