"""Every command of every page runs, in the order of the page, on small files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from distinctions646.console import main as console
from tests.docs.test_documents import GENERATED, PAGES, blocks, command_lines

SMALL = {
    "MATTES": "mattes",
    "folder:DOWNLOADED": "folder:mattes",
    "composition1k:DIR": "dataset",
    "aim-500:DIR": "dataset",
    "OUT": "out",
    "FG": "cutouts",
    "ALPHA": "alpha",
    "FG2": "fg",
    "ALPHA2": "alpha",
    "BG": "bg",
    "COCO": "bg",
    "DIR": "sources",
}
"""What stands for a page's placeholders."""
SMALL_ON = {"running.md": {"OUT": "dataset"}}
_RUN = ["run", "--method", "closed-form", "hatt", "--dataset", "mini"]
_BUILD = ["build", "--dataset", "custom", "--foregrounds", "FG", "--backgrounds", "BG"]
BEFORE = {
    **dict.fromkeys(("README.md", "datasets.md"), _BUILD),
    "training.md": ["generate", "--out", "sources"],
    **dict.fromkeys(("gallery.md", "page.md", "reliability.md"), _RUN),
}
"""What a page takes to be there: what its reader has done before."""
SHORT = {
    "build": ["--per-foreground", "2", "--out", "out"],
    "generate": ["--foregrounds", "4", "--backgrounds", "2", "--size", "64"],
    "train": ["--steps", "1", "--batch", "2", "--crop", "64", "--device", "cpu"],
    "train-method": ["--steps", "1", "--batch", "2", "--crop", "64", "--device", "cpu"],
    "ablate": ["--budget", "1", "--batch", "2", "--seeds", "1", "--rows", "hatt-basic"],
    "sensitivity": ["--dilations", "5", "10"],
}
"""Options that make a command short; of an option given twice the last counts."""
NOT_RUN = {
    r"--(source|dataset composition1k --source) ": "needs an archive; sources/test_layouts.py",
    r"verify composition1k$": "of the build above, which needs an archive",
    r"isnet|\.onnx|model\.toml": "needs weights; tests/baselines/onnx runs other networks",
    r"^demo$": "benchmark/demo/test_browser.py",
    r"^publish ": "publish/ tests push to a stand-in of the Hub",
    r"--against": "needs the root of a copy; loading/test_archive_sets.py",
    r"…": "is not a whole command",
    r"^build( --config .*)?$": "draws a large dataset; mini/ and plan/test_embedded.py",
    r"photographs": "needs photographs; baselines/test_photographs.py",
    r"--readme|--results results ": "test_results.py checks the tables",
    r"--preset (paper|lite)": "needs a large network's weights, or hours",
    r"--path-traced": "mini/test_pathtraced.py",
    r"--per-class 48": "draws for minutes what --foregrounds draws in seconds",
}
RUN = [page for page in PAGES if page != GENERATED and command_lines(page)]


def reason_of(line: str) -> str | None:
    return next((why for pattern, why in NOT_RUN.items() if re.search(pattern, line)), None)


def short_of(words: Sequence[str], page: Path) -> list[str]:
    name, *rest = words
    small = SMALL | SMALL_ON.get(page.name, {})
    rest = [small.get(word, word) for word in rest]
    return [name, *rest, *([] if "--list" in rest else SHORT.get(name, []))]


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page, place, monkeypatch):
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(place)
    if page.name == "extending.md":
        Path("my_method.py").write_text(blocks(page, "python")[0])
    if page.name in BEFORE:
        assert console(short_of(BEFORE[page.name], page)) == 0
    lines = [words for words in command_lines(page) if reason_of(" ".join(words)) is None]
    for words in dict.fromkeys(map(tuple, lines)):
        if words[0] == "generate" and Path("sources").exists():
            continue  # a page that draws sources twice
        short = short_of(words, page)
        assert console(short) == 0, shlex.join(short)


def test_every_reason_not_to_run_a_command_has_one():
    lines = [" ".join(words) for page in RUN for words in command_lines(page)]
    for pattern in NOT_RUN:
        assert any(re.search(pattern, line) for line in lines), pattern
