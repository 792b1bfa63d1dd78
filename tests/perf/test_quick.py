"""The quick suite: its table of drops, its cases, and the table of before and after."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import perf.quick.__main__ as command
from perf.points.__main__ import POINTS, read_points, to_markdown
from perf.quick.__main__ import KEPT, time_pair
from perf.quick.__main__ import to_markdown as quick_table
from perf.quick.cases import CASES
from perf.quick.pair import Pair


def row(ratio: float) -> dict[str, object]:
    return {"rival": "another", "ours": 0.1, "theirs": 0.1 * ratio, "ratio": ratio}


@pytest.mark.parametrize(
    ("ratio", "marked"), [(2.0, False), (1.71, False), (1.69, True), (9, False)]
)
def test_a_drop_of_more_than_15_percent_is_shown(ratio: float, marked: bool) -> None:
    table = quick_table({"x": row(ratio)}, {"rows": {"x": row(2.0)}})
    assert ("slower" in table) is marked


def test_a_new_case_has_nothing_to_compare_with() -> None:
    assert "slower" not in quick_table({"x": row(0.1)}, None)


def test_both_calls_are_timed_in_turn_and_the_first_run_does_not_count() -> None:
    calls: list[str] = []
    ours, theirs = time_pair(
        Pair("another", lambda: calls.append("ours"), lambda: calls.append("theirs"), repeats=2)
    )
    assert calls == ["ours", "theirs"] * 3
    assert 0 <= ours < 1
    assert 0 <= theirs < 1


def busy(seconds: float) -> None:
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


@pytest.mark.parametrize(("seconds", "marked"), [(0.002, False), (0.02, True)])
def test_a_case_that_became_slow_is_shown_by_the_command(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    marked: bool,
) -> None:
    pair = Pair("another", lambda: busy(seconds), lambda: busy(0.01), repeats=2)
    kept = {"about": {}, "rows": {"x": row(5.0)}}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    monkeypatch.setattr(command, "CASES", {"x": lambda: pair})
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept.json")
    assert command.main([]) == 0
    assert ("slower" in capsys.readouterr().out) is marked


def test_the_whole_set_is_a_point_that_names_its_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, int, list[dict[str, object]]]] = []
    monkeypatch.setattr(
        command, "write_point", lambda name, point, _, rows: written.append((name, point, rows))
    )
    name = "four metrics of both regions, 2 MP"
    command.write_points({name: row(2.0)}, None)
    assert [(file, point) for file, point, _ in written] == [("4-regions", 4)]
    command.write_points({name: row(2.0)}, 71.4)
    file, point, rows = written[-1]
    assert (file, point) == ("9-quick", 9)
    assert (rows[0]["before"], rows[0]["after"]) == (None, 71)
    assert name in str(rows[0]["note"])


def test_kept_ratios_are_of_cases_that_exist() -> None:
    assert set(json.loads(KEPT.read_text())["rows"]) <= set(CASES)


_QUICK = ("four metrics of both regions, 2 MP", "66 comparisons of methods")


@pytest.mark.parametrize(
    "name",
    [
        name if name in _QUICK else pytest.param(name, marks=pytest.mark.slow)
        for name in CASES
        if not name.startswith(("closed-form", "knn", "hatt"))  # seconds of compiling
    ],
)
def test_cases_give_calls_that_run(name: str) -> None:
    pair = CASES[name]()
    assert pair.ours() is not None


def test_every_point_is_in_the_table_with_its_commits_and_command() -> None:
    points = read_points(POINTS)
    table = to_markdown(points)
    for point in points:
        for each in point["rows"]:
            assert each["what"] in table
            assert f"`{each['command']}`" in table
            assert len(each["commits"]) == 2


def test_a_gain_is_before_over_after(tmp_path: Path) -> None:
    (tmp_path / "1-x.json").write_text(
        json.dumps(
            {
                "point": 1,
                "what": "w",
                "rows": [
                    {"what": "a", "unit": "s", "before": 3, "after": 2, "commits": ["0", "1"]}
                    | {"command": "c"},
                    {"what": "b", "unit": "s", "before": None, "after": 2, "commits": ["0", "1"]}
                    | {"command": "c", "note": "why"},
                ],
            }
        )
    )
    table = to_markdown(read_points(tmp_path))
    assert "| 1 | w: a | 3 s | 2 s | 1.50 × |" in table
    assert "| 1 | w: b | – | 2 s |  |" in table
    assert "- 1, b: why" in table
