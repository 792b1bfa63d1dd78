"""What the suites record: the commit that ran, rows in the place of older ones, tables of all."""

from __future__ import annotations

from pathlib import Path

from tests.reliability.figures import FIGURES, read_figures, record, tables, this_commit
from tests.reliability.versions import count

FAULTS = {"faults": {"EIO": [3, 9, 2], "kill": [1, 1, 1]}}


def test_rows_name_the_commit_and_replace_their_own(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    record("faults", {"build": {"faults": {}}, "run": FAULTS}, path)
    record("faults", {"build": FAULTS}, path)
    record("kills", {"run": {"signals": {"SIGKILL": [9, 0]}, "commit": "0123abcd"}}, path)
    figures = read_figures(path)
    assert figures["faults"]["build"] == FAULTS | {"commit": this_commit()}
    assert f"| run | {this_commit()} | EIO | 3 | 9 | 2 |\n" in tables(figures)["faults"]
    assert tables(figures)["faults"].endswith("| all | | | 8 | 20 | 6 |\n")
    assert "| run | 0123abcd | SIGKILL | 9 | 0 |\n" in tables(figures)["kills"]


def test_tables_of_the_document_are_those_of_the_record() -> None:
    text = (FIGURES.parents[2] / "docs" / "reliability.md").read_text(encoding="utf-8")
    for table in tables(read_figures()).values():
        assert table in text


def test_outcomes_of_pytest_are_counted(tmp_path: Path, capsys) -> None:
    (tmp_path / "report.xml").write_text(
        "<testsuites><testsuite>"
        "<testcase classname='a' name='b'/><testcase classname='a' name='c'><skipped/></testcase>"
        "<testcase classname='a' name='d'><failure/></testcase>"
        "<testcase classname='a' name='e'><error/><failure/></testcase>"
        "</testsuite></testsuites>"
    )
    assert count(tmp_path / "report.xml") == {"passed": 1, "failed": 2, "skipped": 1}
    assert capsys.readouterr().out == "failed: a d\nfailed: a e\n"
