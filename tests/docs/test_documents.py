"""The documents: every command and snippet in them works, and they omit nothing registered."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import benchmark
import distinctions646
import hattmatting
from benchmark.formats.registry import FORMATS
from benchmark.metrics.registry import BY_NAME
from distinctions646.plan.settings import WRITERS
from distinctions646.process.commands import COMMANDS
from distinctions646.sources.datasets import DATASETS
from distinctions646.trimap.rules import RULES
from tests.command_reference import help_of, reference

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = ROOT / "docs" / "commands.md"
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
BY_MODULE = {command.module: name for name, command in COMMANDS.items()}


def blocks(page: Path, *languages: str) -> list[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for language, text in found if language in languages]


def command_lines(page: Path) -> list[list[str]]:
    """Return the words of each of our commands in a page's blocks: name, then arguments."""
    lines = []
    for block in blocks(page, "bash", "console", "sh", ""):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip().split(" #")[0].split(" > ")[0]
            if not line.startswith(("matting ", "python -m ")):
                continue
            words = shlex.split(line)
            name = words[1] if words[0] == "matting" else BY_MODULE.get(words[2])
            rest = words[2:] if words[0] == "matting" else words[3:]
            if name is not None and not name.startswith("-"):
                lines.append([name, *rest])
    return lines


@cache
def flags_of(name: str) -> set[str]:
    return set(re.findall(r"--[a-z][\w-]*", help_of(name)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_exist_with_their_options(page):
    for name, *arguments in command_lines(page):
        assert name in COMMANDS, f"matting {name}"
        given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
        assert not given - flags_of(name), f"matting {name}: no option {given - flags_of(name)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_compiles_and_its_imports_exist(page):
    for text in blocks(page, "python"):
        compile(text, page.name, "exec")
        for module, names in re.findall(r"^from ([\w.]+) import ([\w, ]+)$", text, re.MULTILINE):
            if module.split(".")[0] in ("benchmark", "distinctions646", "hattmatting", "baselines"):
                for name in names.split(","):
                    assert hasattr(importlib.import_module(module), name.strip()), text


def test_the_command_reference_is_what_help_prints():
    assert reference() in GENERATED.read_text(encoding="utf-8"), (
        "run python -m tests.command_reference --fill docs/commands.md"
    )


def omitted(text: str) -> list[str]:
    """Return what is registered and not named in a text, in code, as a word of its own."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    registered = [
        *project["entry-points"]["matting.methods"],
        *(f"{kind}:" for kind in project["entry-points"]["matting.method_kinds"]),
        *(*RULES, *DATASETS, *BY_NAME, *WRITERS, *FORMATS, *folders_of_layouts()),
    ]
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    words = set(re.findall(r"[\w./:+-]+", " ".join(code)))
    words |= {word.partition(":")[0] + ":" for word in words if ":" in word}
    words |= {piece for word in words for piece in word.split("/")}
    return [name for name in registered if not set(name.split(" ")) <= words]


def folders_of_layouts() -> set[str]:
    """Return the folders that the known datasets are found by."""
    folders = set()
    for known in DATASETS.values():
        for archive in known.archive.values():
            pairs = [folder for pair in archive.folders for folder in pair]
            folders |= {*pairs, *archive.bases, archive.trimaps or ""}
        for photographs in known.photographs.values():
            folders |= {*photographs.image, *photographs.alpha, *photographs.trimap}
    return {part for folder in folders for part in folder.split("/") if part}


ALL_TEXT = "".join(page.read_text(encoding="utf-8") for page in PAGES if page != GENERATED)


def test_the_documents_omit_nothing_registered():
    assert not omitted(ALL_TEXT)


@pytest.mark.parametrize("name", ["knn", "noisy-N-S/v1", "aim-500", "mad", "blurred_image"])
def test_an_omission_is_found(name):
    """One method, rule, dataset, metric and layout; the reference below has every flag."""
    text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "something", ALL_TEXT)
    assert omitted(text) == [name]


def test_an_omitted_flag_is_found():
    assert reference() not in GENERATED.read_text(encoding="utf-8").replace("--latex", "")


@pytest.mark.parametrize("package", [distinctions646, benchmark, hattmatting])
def test_the_python_page_has_every_public_name(package):
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(?:::: | +heading: )(\S+)$", page, re.MULTILINE)
    names = {f"{package.__name__}.{name}" for name in package.__all__}
    assert not names - {f"{package.__name__}.__version__"} - set(listed)


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    missing = [page.name for page in PAGES[1:] if f": {page.name}\n" not in navigation]
    assert not missing


PREAMBLE = """
import numpy as np
alpha_gt = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1))
alpha = alpha_gt ** 2
trimap = np.where(alpha_gt == 0, 0, np.where(alpha_gt == 1, 255, 128)).astype(np.uint8)
"""
NOT_RUN = {
    "onnx.md": "unpacks a package of npm, which is not fetched in a test",
    "virtual.md": "reads COCO; tests/distinctions646/forms/test_virtual.py runs the same calls",
}
RUN = [page for page in PAGES if blocks(page, "python") and page.name not in NOT_RUN]


def execute(folder: Path, text: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", text]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{text}\n{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page, place):
    snippets = "\n".join(blocks(page, "python"))
    text = PREAMBLE + snippets
    if '"runs"' in snippets:  # of the methods that the page has run before
        text = f"from benchmark import run\nrun(['closed-form', 'knn'], dataset='mini')\n{text}"
    # mini is a small folder here; what is built for it goes elsewhere.
    execute(place, text.replace('build("mini", out="mini")', 'build("mini", out="built")'))


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "python" / "index.html").read_text(encoding="utf-8")
    assert "score_folder" in page
