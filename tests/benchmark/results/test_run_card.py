"""The run card names the commit of a checkout, wherever in it the suite's files are."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.results.run_card import find_commit


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a committed file, three folders deep in a repository."""
    source = tmp_path / "repository" / "package" / "deep" / "module.py"
    source.parent.mkdir(parents=True)
    source.write_text("x = 1\n")
    git(tmp_path / "repository", "init", "--quiet")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "--quiet", "--message", "first")
    return source


def test_a_checkout_has_a_commit_and_says_whether_it_differs(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = git(checkout.parent, "rev-parse", "HEAD")
    assert len(commit) == 40
    assert find_commit(checkout) == (commit, False)
    (checkout.parents[2] / "new.py").write_text("y = 2\n")
    assert find_commit(checkout) == (commit, True)
    assert capsys.readouterr().err == ""


def test_an_installed_suite_has_none(
    tmp_path: Path, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in a plain folder nor in an environment inside somebody else's repository."""
    for folder in (tmp_path / "site-packages", checkout.parents[2] / "site-packages"):
        folder.mkdir()
        (folder / "module.py").write_text("x = 1\n")
        assert find_commit(folder / "module.py") == (None, False)
    assert capsys.readouterr().err == ""


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_commit(checkout) == (None, False)


def test_a_repository_that_git_refuses_is_told(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout.parents[2] / ".git" / "config").write_text("[broken\n")
    assert find_commit(checkout) == (None, False)
    assert "warning: run card without commit: fatal: bad config" in capsys.readouterr().err


def test_a_run_of_this_checkout_has_its_commit(
    dataset: Path, tmp_path: Path, start: Callable[..., int], only: Callable[..., Path]
) -> None:
    repository = next(
        (folder for folder in Path(__file__).parents if (folder / ".git").exists()), None
    )
    if repository is None:
        pytest.skip("the tests are no checkout")
    assert start(dataset, tmp_path / "runs", "--method", "constant", "--limit", "1") == 0
    card = json.loads((only(tmp_path / "runs", "constant") / "run.json").read_text())
    assert card["commit"] == git(repository, "rev-parse", "HEAD")
    assert card["dirty"] == bool(git(repository, "status", "--porcelain"))
