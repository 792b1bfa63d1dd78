"""What a fresh process imports: the slow libraries only where they are needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

REPORT = "import sys; print(*{m.partition('.')[0] for m in sys.modules})"


def imported(code: str) -> set[str]:
    """Return the top-level packages that a fresh process has imported after some code."""
    command = [sys.executable, "-c", f"{code}\n{REPORT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_of_predict_imports_no_network() -> None:
    help_ = "import contextlib\nfrom hattmatting.predict import main\n"
    help_ += "with contextlib.suppress(SystemExit): main(['--help'])"
    found = imported(help_)
    assert "hattmatting" in found
    assert not found & {"torch", "timm", "torchvision", "numba", "scipy", "pandas", "cv2"}


@pytest.mark.slow
def test_a_matte_of_the_default_checkpoint_imports_neither_timm_nor_torchvision() -> None:
    found = imported(
        "import numpy as np\nfrom hattmatting import matte\nmatte(np.zeros((48, 64, 3), np.uint8))"
    )
    assert "torch" in found
    assert not found & {"timm", "torchvision", "scipy", "pandas", "numba"}
