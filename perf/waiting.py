"""Measure what people wait for: the first number, a cut-out, pictures read and mattes kept.

    python -m perf.waiting docs/speed.md --rival CHECKOUT

CPU seconds of user and system, one thread. With --rival, a checkout of an earlier commit, the first
commands of both run in turn, each with an empty cache of compiled loops. The pictures are 1080 x
1920, read and written by this suite, by Pillow and by OpenCV in turn; the minimum of all rounds
counts. The result goes to perf/waiting.json and, as a table, into the document; with --rival, to
perf/points too.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from distinctions646.images.png import encode_png
from distinctions646.images.reading import read_alpha, read_image
from perf.documents import document_parser, fill
from perf.machine import ROOT, commit_of, conditions
from perf.points.recording import cpu_seconds_in, row, write_point

FIRST = {
    "first number, trimap": ("benchmark.run", "--method", "trimap", "--limit", "1"),
    "first number, closed-form": ("benchmark.run", "--method", "closed-form", "--limit", "1"),
}
LIBRARIES = ("numpy", "numba", "scipy", "Pillow", "opencv-python", "isal", "pandas")
COMMAND = "python -m perf.waiting docs/speed.md --dataset mini --rival CHECKOUT"
SIZE = "1080 × 1920"
PICTURES = ROOT / "tests" / "golden" / "metrics" / "cases" / "o20_large"


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.waiting", __doc__)
    parser.add_argument("--rival", type=Path, help="checkout of an earlier commit")
    parser.add_argument("--dataset", type=Path, required=True, help="a built mini")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    checkouts = {"this": ROOT} | ({} if given.rival is None else {"rival": given.rival.resolve()})
    report = {
        "about": conditions("waiting", LIBRARIES)
        | {"rounds": given.rounds, "rival": commit_of(given.rival) if given.rival else None},
        "first": measure_first(checkouts, given.dataset.resolve(), given.rounds),
        "pictures": measure_pictures(20 * given.rounds),
    }
    (ROOT / "perf" / "waiting.json").write_text(json.dumps(report, indent=1) + "\n")
    fill(given.document, {"waiting": table(report)})
    if given.rival is not None:
        write_points(report, given.rival)
    return 0


def write_points(report: dict[str, Any], rival: Path) -> None:
    """Write what became faster; readers and encoder were Pillow's before there were own ones."""
    rows = [
        row(what, "CPU s", (taken["rival"], taken["this"]), rival, COMMAND)
        for what, taken in report["first"].items()
    ]
    write_point("1-first", 1, "nothing compiled", rows)
    pictures = {
        what: row(what, "ms", (taken["Pillow"], taken["this"]), rival, COMMAND)
        for what, taken in report["pictures"].items()
    }
    write_point("2-reading", 2, SIZE, [pictures["read a matte"], pictures["read a picture"]])
    write_point("3-writing", 3, SIZE, [pictures["write a matte"]])


def measure_first(
    checkouts: dict[str, Path], dataset: Path, rounds: int
) -> dict[str, dict[str, float]]:
    """Run the first commands of checkouts in turn, each with nothing compiled."""
    seconds: dict[str, dict[str, float]] = {name: {} for name in FIRST}
    for _ in range(rounds):
        for name, command in FIRST.items():
            for checkout, folder in checkouts.items():
                taken = _cold(command, folder, dataset)
                seconds[name][checkout] = min(taken, seconds[name].get(checkout, taken))
    return seconds


def _cold(command: tuple[str, ...], checkout: Path, dataset: Path) -> float:
    with tempfile.TemporaryDirectory() as place:
        arguments = ["-m", *command, "--dataset", str(dataset), "--out", "runs"]
        compiled = {"NUMBA_CACHE_DIR": f"{place}/compiled"}
        return round(cpu_seconds_in(checkout, arguments, Path(place), compiled), 2)


def measure_pictures(rounds: int) -> dict[str, dict[str, float]]:
    """Time readers and writers in turn, and compare their pixels; milliseconds."""
    import cv2

    from benchmark.metrics.kernels.choosing import CHOICE
    from distinctions646.images.decoding import png, unfiltering

    cv2.setNumThreads(1)
    CHOICE.compile()
    png.LOOP.undo = unfiltering.unfilter
    with Image.open(PICTURES / "alpha.webp") as picture:
        matte = np.ascontiguousarray(np.asarray(picture)[..., 0])
    noise = np.random.default_rng(646).normal(0, 4, (*matte.shape, 3))
    colours = np.clip(matte[..., None] * 0.7 + 40 + noise, 0, 255).astype(np.uint8)
    grey, rgb = _by_pillow(matte), _by_pillow(colours)
    works: dict[str, dict[str, Callable[[], Any]]] = {
        "read a matte": {
            "this": lambda: read_alpha("matte.png", grey),
            "Pillow": lambda: np.array(Image.open(io.BytesIO(grey))),
            "OpenCV": lambda: cv2.imdecode(np.frombuffer(grey, np.uint8), cv2.IMREAD_GRAYSCALE),
        },
        "read a picture": {
            "this": lambda: read_image("picture.png", rgb),
            "Pillow": lambda: np.array(Image.open(io.BytesIO(rgb)).convert("RGB")),
            "OpenCV": lambda: cv2.imdecode(np.frombuffer(rgb, np.uint8), cv2.IMREAD_COLOR_RGB),
        },
        "write a matte": {
            "this": lambda: encode_png(matte),
            "Pillow": lambda: _by_pillow(matte, compress_level=1),
            "OpenCV": lambda: cv2.imencode(".png", matte)[1],
        },
    }
    times: dict[str, dict[str, float]] = {name: {} for name in works}
    for name, rivals in works.items():
        results = [call() for call in rivals.values()]
        if name != "write a matte" and any((each != results[0]).any() for each in results):
            raise ValueError(f"{name}: readers differ in pixels")
        for _ in range(rounds):
            for rival, call in rivals.items():
                start = time.thread_time()
                call()
                taken = round((time.thread_time() - start) * 1e3, 2)
                times[name][rival] = min(taken, times[name].get(rival, taken))
    return times


def _by_pillow(array: np.ndarray, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG", **options)
    return file.getvalue()


def table(report: dict[str, Any]) -> str:
    """Return the table of a report, with ratios to this suite."""
    about, lines = report["about"], ["| what | here | rival | ratio |", "|---|--:|--:|--:|"]
    for name, taken in report["first"].items():
        if "rival" in taken:
            lines.append(_row(f"{name}, nothing compiled", "s", taken["this"], taken["rival"], ""))
    for name, taken in report["pictures"].items():
        for rival in ("Pillow", "OpenCV"):
            lines.append(_row(f"{name}, 1080 × 1920", "ms", taken["this"], taken[rival], rival))
    rival = f"; the unnamed rival is commit {about['rival'][:7]}" if about["rival"] else ""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    lines += ["", f"{about['date']}, {about['processor']}, {packages}{rival}."]
    return "\n".join(lines) + "\n"


def _row(name: str, unit: str, ours: float, theirs: float, rival: str) -> str:
    return f"| {name} | {ours} {unit} | {rival} {theirs} {unit} | {theirs / ours:.1f} |"


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    sys.exit(main())
