"""The commands as packages: names that they had as modules, and a quick --help."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

NAMES = {
    "build": ("BuildConfig", "Built", "PartBuilt", "build", "build_part"),
    "doctor": ("DoctorConfig", "examine"),
    "verify": ("VerifyConfig", "verify_split", "verify_sources", "compare_with"),
    "audit": ("AuditConfig", "ForegroundSet", "audit"),
    "publish": ("PublishConfig", "publish"),
    "generate": ("GenerateConfig", "generate"),
}
SLOW = {"cv2", "datasets", "numba", "pandas", "pyarrow", "pymatting", "timm", "torch"}
LOADED = """
import runpy, sys
sys.argv = ["command", "--help"]
try:
    runpy.run_module(%r, run_name="__main__")
except SystemExit:
    print("modules", *sys.modules)
"""


@pytest.mark.parametrize("command", NAMES)
def test_a_command_hands_on_its_names(command):
    module = importlib.import_module(f"distinctions646.{command}")
    for name in (*NAMES[command], "main", "parse_args"):
        assert callable(getattr(module, name)), name


@pytest.mark.parametrize("command", NAMES)
def test_help_loads_no_slow_library(command):
    module = f"distinctions646.{command}"
    done = subprocess.run(
        [sys.executable, "-c", LOADED % module], capture_output=True, text=True, check=True
    )
    text, _, modules = done.stdout.rpartition("modules ")
    assert f"python -m {module}" in text
    assert not SLOW & set(modules.split())


def test_the_doctor_shows_the_flags_that_it_shares_with_the_build(capsys):
    texts = {}
    for command in ("build", "doctor"):
        main = importlib.import_module(f"distinctions646.{command}").main
        with pytest.raises(SystemExit):
            main(["--help"])
        texts[command] = capsys.readouterr().out.split("options:")[1]
    flags = {
        command: {word for word in text.split() if word.startswith("--")}
        for command, text in texts.items()
    }
    assert {"--json", "--deep"} <= flags["doctor"] - flags["build"]
    assert {flag for flag in flags["build"] - flags["doctor"] if flag.isascii()} <= {
        "--config",
        "--seed",
    }
