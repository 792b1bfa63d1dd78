"""The quick tests in an environment of another Python, with the lowest or the newest versions.

    python -m tests.reliability.versions --python 3.11 --resolution lowest-direct --environment ENV
    python -m tests.reliability.versions --python 3.13 --resolution highest --environment ENV \
--record tests/reliability/figures.json

ENV is made by uv (``pip install uv``) where it does not exist, from wheels alone. What is counted
is what pytest reports; failed tests are named.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from distinctions646.process.commandline import make_parser, run_command
from tests.reliability.figures import record, tables

ROOT = Path(__file__).parents[2]
SHOWN = ("numpy", "Pillow", "pyarrow", "torch")
_DESCRIBE = (
    "import platform; from importlib.metadata import version; print(platform.python_version(), "
    f"*(f'{{name}} {{version(name)}}' for name in {SHOWN!r}), sep='\\n')"
)


def make_environment(folder: Path, python: str, resolution: str) -> None:
    """Install the dependencies, with those of the tests, into a new environment.

    Parameters
    ----------
    folder
        Where it is made.
    python
        A version that uv finds on this machine, or the path of an interpreter.
    resolution
        As uv has it: ``lowest-direct`` takes the lower bounds in ``pyproject.toml``.
    """
    wanted = folder / "requirements.txt"
    here = ("--python", str(folder / "bin" / "python"))
    resolved = ("--resolution", resolution, "--extra", "dev", "--output-file", str(wanted))
    for arguments in (
        ("venv", "--python", python, str(folder)),
        ("pip", "compile", *here, *resolved, "--only-binary", ":all:", "pyproject.toml"),
        ("pip", "install", *here, "--only-binary", ":all:", "-r", str(wanted)),
    ):
        subprocess.run(("uv", arguments[0], "--quiet", *arguments[1:]), cwd=ROOT, check=True)


def run_tests(folder: Path, tests: list[str], workers: int) -> dict[str, Any]:
    """Run quick tests of this checkout in an environment; return what the record holds."""
    python = str(folder / "bin" / "python")
    install = ("uv", "pip", "install", "--quiet", "--python", python, "--no-deps", "-e", ".")
    subprocess.run(install, cwd=ROOT, check=True)
    described = subprocess.run(
        (python, "-c", _DESCRIBE), capture_output=True, text=True, check=True
    )
    version, *packages = described.stdout.split("\n")[:-1]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        pytest = (python, "-m", "pytest", *tests, "-n", str(workers), f"--junitxml={report}")
        subprocess.run((*pytest, "-p", "no:cacheprovider"), cwd=ROOT, check=False)
        counts = count(report)
    return {
        "python": version,
        "packages": ", ".join(packages),
        "tests": ", ".join(tests) or "all",
        **counts,
    }


def count(report: Path) -> dict[str, int]:
    """Count the outcomes of pytest's report, and name on stdout what failed."""
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        failed = bool(kinds & {"failure", "error"})
        counts["failed" if failed else "skipped" if "skipped" in kinds else "passed"] += 1
        if failed:
            sys.stdout.write(f"failed: {case.get('classname')} {case.get('name')}\n")
    return {kind: counts[kind] for kind in ("passed", "failed", "skipped")}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status: 1 where a test failed."""
    parser = make_parser("python -m tests.reliability.versions", __doc__)
    parser.add_argument("--python", required=True, help="version, or path of an interpreter")
    parser.add_argument("--resolution", required=True, choices=("lowest-direct", "highest"))
    parser.add_argument("--environment", type=Path, required=True, metavar="ENV", help="its folder")
    parser.add_argument("--tests", nargs="+", default=[], help="some files or folders of them")
    parser.add_argument("--workers", type=int, default=2, help="processes of pytest")
    parser.add_argument("--record", type=Path, metavar="FILE", help="figures.json to write to")
    given: argparse.Namespace = parser.parse_args(arguments)

    def command() -> int:
        if not (given.environment / "bin" / "python").exists():
            make_environment(given.environment.resolve(), given.python, given.resolution)
        row = run_tests(given.environment.resolve(), given.tests, given.workers)
        rows = {f"{row['python']}, {given.resolution}": row | {"resolution": given.resolution}}
        if given.record is not None:
            record("versions", rows, given.record)
        sys.stdout.write(tables({"versions": rows})["versions"])
        return int(row["failed"] > 0)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
