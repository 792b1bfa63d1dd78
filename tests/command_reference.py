"""The command reference of the documentation, from each command's ``--help``.

python -m tests.command_reference --fill docs/commands.md
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from pathlib import Path
from unittest.mock import patch

from distinctions646.console import main as console
from distinctions646.process.commands import COMMANDS
from perf.documents import fill

_WIDTH = "88"


def reference() -> str:
    """Return a section for each command, under the goals that they serve, in Markdown."""
    parts = []
    for goal in dict.fromkeys(command.goal for command in COMMANDS.values()):
        parts.append(f"## {goal[0].upper()}{goal[1:]}")
        for name, command in COMMANDS.items():
            if command.goal == goal:
                head = f"### matting {name}\n\n`python -m {command.module}`: {command.purpose}."
                parts.append(f"{head}\n\n```text\n{help_of(name)}```")
    return "\n\n".join(parts) + "\n"


def help_of(name: str) -> str:
    """Return what ``matting NAME --help`` prints, at a fixed width and on any machine."""
    text = io.StringIO()
    with (
        patch.dict(os.environ, {"COLUMNS": _WIDTH, "NO_COLOR": "1"}),
        patch("distinctions646.plan.options.usable_cores", lambda: "all cores"),
        patch("distinctions646.verify.verifying.usable_cores", lambda: "all cores"),
        contextlib.redirect_stdout(text),
        contextlib.suppress(SystemExit),
    ):
        console([name, "--help"])
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.command_reference", description=__doc__)
    parser.add_argument("--fill", type=Path, required=True, help="document to fill")
    try:
        fill(parser.parse_args().fill, {"commands": reference()})
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
