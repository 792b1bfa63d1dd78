"""What only looks like an address of a store is refused in one line, without its credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from distinctions646.checks.addresses import check_address, check_out

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
