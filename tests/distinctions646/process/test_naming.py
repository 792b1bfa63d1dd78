"""Messages name the address of a store that was typed; every command refuses what is none."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.naming import as_addressed, name_as, naming_addresses


def test_every_command_refuses_before_work(capsys: pytest.CaptureFixture[str]) -> None:
    parser = make_parser("program", None, takes_addresses=True, folders_only=("keep",))
    for flag in ("--out", "--keep"):
        parser.add_argument(flag, type=Path)
    parser.add_argument("--reference")
    parser.parse_args(["--reference", "https://host", "--out", "s3://data/own"])
    for words, message in (
        (["--out=nosuch://x/y"], "argument --out: nosuch://x/y: unknown kind of store 'nosuch'"),
        (["--out", "file:x"], "argument --out: file:x: no slashes"),
        (["--keep", "s3://data/own"], "keep is s3://data/own; this value is a path"),
    ):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args(words)
        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert message in told
        assert told.count("\n") == 1


def test_messages_name_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "cache" / "own"
    name_as(here, "s3://data/own")
    parser = make_parser("program", None, takes_addresses=True)
    parser.add_argument("out", type=Path)
    out = parser.parse_args(["s3://data/table.csv"]).out

    def command() -> None:
        sys.stdout.write(f"{here}: as built\n")
        sys.stdout.writelines([f"{out}\n", f"{here}2\n"])
        sys.stderr.write(f"next: open {here}/index.html\n")
        raise ValueError(f"{here}/build.json: another build")

    assert run_command(command) == 2
    told = capsys.readouterr()
    assert told.out == f"s3://data/own: as built\ns3://data/table.csv\n{here}2\n"
    assert told.err.splitlines() == [
        "next: open s3://data/own/index.html",
        "error: s3://data/own/build.json: another build",
    ]


def test_a_stream_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with naming_addresses(), naming_addresses():
        assert sys.stdout.write("some text") == 9
        assert not sys.stdout.isatty()
    assert sys.stdout is stream
    assert stream.getvalue() == as_addressed("some text")
