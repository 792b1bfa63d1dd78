"""The wheel: built, checked, installed into a clean environment and used from another folder."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
import types
import venv
import zipfile
from pathlib import Path

import pytest

from tests.command_reference import help_of

ROOT = Path(__file__).parents[1]
PACKAGES = ("distinctions646", "benchmark", "baselines", "hattmatting")
MOST_BYTES = 60_000_000
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_extras_are_used_or_documented():
    texts = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docker/*")]
    documents = "".join(path.read_text(encoding="utf-8") for path in texts)
    named = [name for name in PROJECT["optional-dependencies"] if f"[{name}" not in documents]
    assert not named, f"no document says what these extras are for: {named}"


def test_the_wheel_has_the_four_packages_and_nothing_else():
    text = (ROOT / "pyproject.toml").read_text()
    assert tomllib.loads(text)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == [
        *PACKAGES
    ]


@pytest.mark.parametrize("path", sorted(ROOT.glob("docker/*")), ids=lambda path: path.name)
def test_what_a_dockerfile_installs_and_calls_exists(path):
    """No Docker is at hand where this runs: what it reads and starts is looked up."""
    text = path.read_text()
    extras = re.findall(r"/source\[([\w,]+)\]", text)
    assert extras
    for name in ",".join(extras).split(","):
        assert name in PROJECT["optional-dependencies"]
    version = re.search(r"^FROM python:(3\.\d+)-slim$", text, re.MULTILINE)[1]
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]
    assert json.loads(re.search(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[1]) == ["matting"]
    assert "matting" in PROJECT["scripts"]
    assert f"# docker build -f docker/{path.name} -t matting" in text
    name, *words = shlex.split(re.search(r"^# docker run .* matting\S* (.*)$", text, re.M)[1])
    assert {word for word in words if word.startswith("--")} <= set(help_of(name).split())
    ignored = (ROOT / ".dockerignore").read_text().split()
    needed = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", *PACKAGES)
    assert not {line.strip("/") for line in ignored} & set(needed)


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """Build the source distribution, and the wheel from it."""
    if importlib.util.find_spec("build") is None:
        pytest.skip("needs the package build")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_the_wheel_is_small_and_has_what_the_packages_read(distributions):
    (wheel,) = distributions.glob("*.whl")
    assert wheel.stat().st_size < MOST_BYTES
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    pictures = [name for name in tracked if "checkpoints" in name and name.endswith(".webp")]
    assert not set(tracked) - set(pictures) - names
    assert {name.split("/")[0] for name in names if "dist-info" not in name} == set(PACKAGES)


@pytest.mark.slow
def test_the_long_description_has_no_link_that_leads_nowhere(distributions):
    (wheel,) = distributions.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        (name,) = [name for name in file.namelist() if name.endswith("dist-info/METADATA")]
        metadata = file.read(name).decode()
    assert "Description-Content-Type: text/markdown" in metadata
    assert "## Publish a table" in metadata
    assert not re.findall(r"\]\((?!https?:|#)[^)]*\)", metadata)


def test_links_lead_to_the_repository_once_there_is_one(monkeypatch):
    """hatchling is there when a wheel is built; here its interface stands in."""
    name = "hatchling.metadata.plugin.interface"
    interface = types.ModuleType(name)
    interface.MetadataHookInterface = object
    monkeypatch.setitem(sys.modules, name, interface)
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))
    text = "![A](docs/a.webp) [b](docs/b.md#c) [d](https://e.org) [f](#f)"
    linked = hook["with_absolute_links"](text, "https://host/us/suite/", "0.1.0")
    assert linked.startswith("![A](https://host/us/suite/raw/v0.1.0/docs/a.webp) ")
    assert "[b](https://host/us/suite/blob/v0.1.0/docs/b.md#c) [d](https://e.org) [f](#f)" in linked
    alone = hook["with_absolute_links"](text, None, "0.1.0")
    assert alone == " b [d](https://e.org) [f](#f)"


@pytest.mark.slow
def test_twine_finds_nothing_wrong(distributions):
    if importlib.util.find_spec("twine") is None:
        pytest.skip("needs the package twine")
    files = [str(path) for path in distributions.iterdir()]
    command = [sys.executable, "-m", "twine", "check", "--strict", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_installed_wheel_works_from_another_folder(distributions, tmp_path):
    """Into an environment of its own, which sees the libraries of this one, but not the sources."""
    (wheel,) = distributions.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    target = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    install = ["pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet"]
    command = [sys.executable, "-m", *install, str(wheel)]
    subprocess.run(command, check=True, env=environment)
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (target / "zz_libraries.pth").write_text("\n".join(libraries))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run(str(python), "-c", "import benchmark; print(benchmark.__file__)")
    assert str(tmp_path) in where
    matting = str(tmp_path / "venv" / "bin" / "matting")
    assert PROJECT["version"] in run(matting, "--version")
    assert "closed-form" in run(matting, "run", "--list")
    photograph = elsewhere / "photo.png"
    code = "import numpy as np; from PIL import Image; Image.fromarray("
    code += f"np.random.RandomState(1).randint(0, 256, (64, 80, 3), 'uint8')).save('{photograph}')"
    run(str(python), "-c", code)
    run(matting, "cutout", str(photograph), "--out", "mattes")
    assert (elsewhere / "mattes" / "cutout" / "photo.png").is_file()
