"""What is believed of a file that comes from a stranger."""

from __future__ import annotations

import os
import re

import pytest

from distinctions646.checks import schema
from distinctions646.checks.escapes import csv_cell, markdown_code
from distinctions646.checks.files import open_regular, parse_json, read_text
from distinctions646.checks.names import check_name, near_hint, nearest
from distinctions646.checks.notes import Noting, ReadingWarning, collect, note, passed_on


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", "a\x9bb", "C:x", "x" * 300, 7],
)
def test_a_name_that_leaves_its_folder_is_refused(name):
    with pytest.raises(ValueError, match=r"^list: name of row 0 is .*; expected a plain name"):
        check_name(name, "list: name of row 0")


@pytest.mark.parametrize("name", ["dog (2).b.png", "..hidden", "é.png", "=1+1", "<b>.png"])
def test_a_plain_name_is_taken(name):
    assert check_name(name, "list") == name


def test_near_names():
    assert nearest("dog_1.png", ["cat.png", "DOG-1.jpg"]) == "DOG-1.jpg"
    assert nearest("dog_1", ["dog_2"]) is None  # another picture, not a slip
    assert near_hint("portrait", ["portriat"]) == " (there is portriat)"


def test_pipes_devices_and_folders_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match=re.escape(f"{path}: is a pipe, a device or a socket")):
            open_regular(path)
        with pytest.raises(ValueError, match="expected a regular file"):
            read_text(path)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, "[" * 100_000, "{", "\xff"])
def test_deep_and_broken_json_is_one_sentence(text):
    with pytest.raises(ValueError, match=r"^x\.json: cannot be read as JSON: [^\n]*$"):
        parse_json(text, "x.json")


def test_schemas_name_place_value_and_range():
    record = schema.fields(
        {"n": schema.whole(1, 9), "names": schema.list_of(schema.plain_name)},
        {"x": schema.optional(schema.number(0))},
    )
    record({"n": 3, "names": ["a"], "x": None, "more": object()}, "f")
    for value, message in (
        ([], "f is []; expected an object"),
        ({"n": 3}, "f: names is missing; expected n, names"),
        ({"n": True, "names": []}, "f: n is True; expected a whole number from 1 to 9"),
        ({"n": 10, "names": []}, "f: n is 10; expected a whole number from 1 to 9"),
        ({"n": 1, "names": ["../a"]}, "f: names[0] is '../a'; expected a plain name"),
        ({"n": 1, "names": [], "x": float("nan")}, "f: x is nan; expected a number of 0 or more"),
        ({"n": 1, "names": [], "x": float("inf")}, "f: x is inf; expected a number of 0 or more"),
    ):
        with pytest.raises(ValueError, match=re.escape(message)):
            record(value, "f")


def test_columns_are_checked_by_type_too():
    with pytest.raises(ValueError, match=r"t: k of row 1 is True; expected a whole number"):
        schema.check_columns({"k": [1, True]}, {"k": schema.whole()}, "t")


def test_notes_come_from_workers_and_else_are_warnings():
    def work(item):
        note("a.png", "odd")
        return item

    with collect() as notes:
        assert passed_on(Noting(work)(3)) == 3
        work(4)
    assert list(notes) == [("a.png", "odd")]
    with pytest.warns(ReadingWarning, match=r"a\.png: odd"):
        work(5)


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_begins_as_a_formula(text):
    assert csv_cell(text) == "'" + text


def test_code_cannot_be_left():
    assert markdown_code("a``b |") == "``` a``b \\| ```"


def test_half_a_surrogate_pair_is_neither_text_nor_a_name():
    """JSON can hold one; UTF-8, and so Parquet, cannot."""
    for check in (schema.text(), schema.plain_name):
        with pytest.raises(ValueError, match="record is"):
            check("a\ud800", "record")
        check("a\u00e9", "record")
