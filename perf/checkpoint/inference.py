"""Measure what a matte of the default checkpoint costs, beside an earlier commit and ONNX.

    python -m perf.checkpoint.inference docs/speed.md --rival CHECKOUT --onnx hatt-lite.onnx

Processor time of user and system, one thread, the least of all rounds; this checkout and the rival
run in turn, each in processes of its own. The pictures are photographs of mini, the first one also
at 12 megapixels. Mattes of both are compared. --onnx is what `python -m hattmatting.export`
wrote, timed in onnxruntime on the same picture; --u2netp a U2-Net-p, whose matte is another. The
rows go to perf/points/8-inference.json, which `python -m perf.points` reads, and the table beside
ONNX into the document.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from distinctions646.process.commandline import run_command
from perf.checkpoint.inference_worker import least
from perf.documents import document_parser, fill
from perf.machine import ROOT, conditions
from perf.points.recording import THREADS, cpu_seconds_in, row, run_in, write_point

LARGE = (4000, 3000)
PACKAGES = ("torch", "timm", "numpy", "opencv-python", "onnxruntime")
WORKER = Path(__file__).with_name("inference_worker.py")
CASES = {  # of the worker, and what they are called
    "small": "a photograph of 0.3 MP",
    "large": "a photograph of 12 MP",
    "small refined": "a photograph of 0.3 MP, border refined",
    "large refined": "a photograph of 12 MP, border refined",
    "benchmark": "a photograph of 0.3 MP in float32, as the benchmark runs it",
}
TARGETS = {"small": "2 ×"}
SMALL = ("bee", "bridge", "citrus", "coffee", "grass", "launch_pad", "meadow")  # of mini
TRIED = "what was tried besides stands in `hattmatting/inference/fusing.py`"
COLD = {
    "fresh process: the matte of a photograph": ("photo.jpg", "--alpha-only", "--out", "mattes"),
    "fresh process: `--help`": ("--help",),
}
Mattes = Mapping[str, npt.NDArray[np.float32]]


def photographs() -> dict[str, npt.NDArray[np.uint8]]:
    """Return the pictures by name; ``large`` is the first one enlarged."""
    from distinctions646.mini.photographs import read_photograph

    pictures = {name: read_photograph(f"{name}.webp") for name in SMALL}
    pictures["large"] = np.array(Image.fromarray(pictures["bee"]).resize(LARGE))
    return pictures


def measure(
    rival: Path, rounds: int, repeats: int
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Return the least CPU seconds of both checkouts by case, and how their mattes differ."""
    seconds: dict[str, dict[str, float]] = {}
    checkouts = {"before": rival, "after": ROOT}
    with tempfile.TemporaryDirectory() as folder:
        pictures = photographs()
        np.savez(f"{folder}/pictures.npz", **pictures)  # type: ignore[arg-type]
        Image.fromarray(pictures["bee"]).save(f"{folder}/photo.jpg", quality=92)

        def keep(case: str, which: str, taken: float) -> None:
            row = seconds.setdefault(case, {})
            row[which] = min(taken, row.get(which, taken))

        for _ in range(rounds):
            for which, checkout in checkouts.items():
                arguments = [f"{folder}/pictures.npz", f"{folder}/{which}.npz", str(repeats)]
                output = run_in(checkout, [str(WORKER), *arguments], Path(folder))
                for case, taken in json.loads(output.splitlines()[-1]).items():
                    keep(case, which, taken / 1000)
                for case, command in COLD.items():
                    started = ["-m", "hattmatting.predict", *command]
                    keep(case, which, cpu_seconds_in(checkout, started, Path(folder)))
        with np.load(f"{folder}/before.npz") as one, np.load(f"{folder}/after.npz") as other:
            return seconds, differences(dict(one), dict(other))


def differences(one: Mattes, other: Mattes) -> dict[str, dict[str, float]]:
    """Return the mean and largest difference of mattes by case; ``small`` is of all small ones."""
    apart = {name: np.abs(one[name] - other[name]) for name in one}
    small = [apart[name] for name in apart if name not in CASES]
    found = {
        "small": {
            "mean": float(np.mean([each.mean() for each in small])),
            "largest": float(max(each.max() for each in small)),
        }
    }
    for name in CASES:
        if name in apart:
            largest = float(apart[name].max())
            found[name] = {"mean": float(apart[name].mean()), "largest": largest}
    return found


def beside_onnx(onnx: Path, u2netp: Path | None, repeats: int) -> list[dict[str, Any]]:
    """Return rows of milliseconds a matte: ours, the exported network's, and U2-Net-p's.

    The mattes of the first rows are compared with the first.
    """
    from benchmark.methods.finding import call, load_method
    from hattmatting.inference.predicting import predict
    from hattmatting.inference.predictors import checkpoint_predictor
    from hattmatting.method import Hatt
    from perf.checkpoint.onnx_network import OnnxNetwork

    image = photographs()["bee"]
    hatt = Hatt()
    cutout = checkpoint_predictor("hatt-lite", "cpu", "trained", None, refine=False)
    exported: Any = OnnxNetwork(onnx, hatt.model.config)
    runs = {
        "`hatt` in float32, PyTorch": lambda: hatt(image)[0],
        "the same for a cut-out, in 8 bits where the processor has VNNI": lambda: cutout(
            image, None
        )[0],
        "the same exported, onnxruntime": lambda: predict(exported, image),
    }
    if u2netp is not None:
        rival = load_method("u2netp", str(u2netp))
        runs["U2-Net-p, onnxruntime"] = lambda: call(rival, image, None)[0]
    ours = hatt(image)[0]
    rows: list[dict[str, Any]] = []
    taken = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):  # in turn, so that other work beside slows all of them
        taken = {name: min(taken[name], least(run, 1)) for name, run in runs.items()}
    for place, (name, run) in enumerate(runs.items()):
        apart = np.abs(run() - ours) if place in (1, 2) else None
        rows.append(
            {
                "what": name,
                "ms": round(taken[name], 1),
                "mean": None if apart is None else float(apart.mean()),
                "largest": None if apart is None else float(apart.max()),
            }
        )
    return rows


def to_rows(
    seconds: Mapping[str, Mapping[str, float]],
    apart: Mapping[str, Mapping[str, float]],
    rival: Path,
) -> list[dict[str, Any]]:
    """Return the rows that `perf.points` reads."""
    rows = []
    for case, taken in seconds.items():
        note = ""
        if case in apart:
            words = "mattes differ by {mean:.1e} in the mean, {largest:.1e} at most"
            note = words.format(**apart[case])
        if case == "small":
            note += f" over {len(SMALL)} photographs; {TRIED}"
        values = round(taken["before"], 3), round(taken["after"], 3)
        rows.append(
            row(
                CASES.get(case, case),
                "CPU s",
                values,
                rival,
                "python -m perf.checkpoint.inference docs/speed.md --rival CHECKOUT",
                target=TARGETS.get(case, ""),
                note=note,
            )
        )
    return rows


def to_markdown(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> str:
    """Lay out what a matte costs beside ONNX."""
    lines = ["| what | CPU ms | ratio | mean difference | largest |", "|---|--:|--:|--:|--:|"]
    for each in rows:
        ratio = each["ms"] / rows[0]["ms"]
        apart = (
            ("", "") if each["mean"] is None else (f"{each['mean']:.1e}", f"{each['largest']:.1e}")
        )
        lines.append(f"| {each['what']} | {each['ms']} | {ratio:.2f} | {apart[0]} | {apart[1]} |")
    packages = ", ".join(f"{name} {one}" for name, one in about["packages"].items() if one)
    lines += ["", f"{about['date']}, {about['processor']}, load {about['load']}, {packages}."]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the command."""
    parser = document_parser("perf.checkpoint.inference", __doc__)
    parser.add_argument("--rival", type=Path, help="checkout of an earlier commit")
    parser.add_argument("--onnx", type=Path, help="the exported default checkpoint")
    parser.add_argument("--u2netp", type=Path, help="u2netp.onnx")
    parser.add_argument("--rounds", type=int, default=3, help="turns of both checkouts")
    parser.add_argument("--repeats", type=int, default=7, help="mattes in each turn")
    given = parser.parse_args()

    def command() -> None:
        if given.rival is not None:
            rival = given.rival.resolve()
            rows = to_rows(*measure(rival, given.rounds, given.repeats), rival)
            write_point("8-inference", 8, "hatt", rows)
        if given.onnx is not None:
            rows = beside_onnx(given.onnx, given.u2netp, given.repeats)
            about = conditions("inference", PACKAGES)
            fill(given.document, {"inference": to_markdown(rows, about)})

    return run_command(command)


if __name__ == "__main__":
    os.environ.update(dict.fromkeys(THREADS, "1"))
    sys.exit(main())
