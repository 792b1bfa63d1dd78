"""Addresses of stores: what is none is refused in one line, and messages name what was typed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from distinctions646.process.addresses import (
    as_addressed,
    check_address,
    check_out,
    name_as,
    naming_addresses,
)
from distinctions646.process.commandline import make_parser, run_command

SECRET = "sEcReT"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("nosuch://data/own", r"unknown kind of store 'nosuch'; .*; known are .*memory.* s3"),
        ("s3://", "no bucket"),
        ("s3:///own", "no bucket"),
        ("s3://data", "no folder in the bucket"),
        ("s3://data/", "no folder in the bucket"),
        ("composition1k:s3://data", "no folder in the bucket"),
        ("S3://data/own9", "S3 is written in small letters"),
        ("memory://", "no folder"),
        ("file:x", "no slashes"),
        ("s3:data/own", "no slashes"),
        ("file://folder/x", "no path from the root"),
    ],
)
def test_what_only_looks_like_an_address_is_refused(text: str, fault: str) -> None:
    address = text.removeprefix("composition1k:")
    with pytest.raises(ValueError, match=rf"^{address}: {fault}") as error:
        check_address(text)
    assert "expected s3://BUCKET/FOLDER, memory://FOLDER or file:///FOLDER" in str(error.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"s3://data/own?AWSAccessKeyId=K&Signature={SECRET}", "s3://data/own?…: .*a query"),
        (f"s3://data/own#{SECRET}", "s3://data/own#…: .*a fragment"),
        (f"s3://key:{SECRET}@data/own?x", r"s3://…@data/own\?…: .*a user and a query"),
        (f"s3://key:{SECRET}/more@data/own", "s3://…@data/own: .*a user"),
        (f"nosuch://data/own?{SECRET}", "nosuch://data/own?…: .*a query"),
        (f"set:s3:/data/own?{SECRET}", "s3:/data/own?…: .*a query"),
    ],
)
def test_credentials_are_refused_and_not_shown(text: str, shown: str) -> None:
    with pytest.raises(ValueError, match=rf"^{shown.replace('own?', 'own.')}") as error:
        check_address(text)
    assert SECRET not in str(error.value)
    assert "AWS_ACCESS_KEY_ID" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        r"C:\data\own",
        "C:/data/own",
        "a#b?c/d:e",
        "composition1k:/data",
        "data:folder",
        "s3://data/own",
        "s3://data/a@b",
        "hatt=s3://data/own.safetensors",
        "memory://own",
        "file:///own",
    ],
)
def test_paths_and_addresses_pass(text: str) -> None:
    check_address(text)


def test_a_path_that_was_made_of_one_is_refused_as_output() -> None:
    check_out(Path("s3://data/own"))
    check_out(Path("file:///own"))
    with pytest.raises(ValueError, match=r"^nosuch://data/own: unknown"):
        check_out(Path("nosuch://data/own"))
    with pytest.raises(ValueError, match=r"^s3://data: no folder"):
        check_out(Path("s3://data"))


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
