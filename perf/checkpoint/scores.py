"""Score a HAttMatting checkpoint beside trivial, classical and public methods, for its card.

    python -m perf.checkpoint.scores --weights hattmatting/checkpoints/hatt-lite --mini mini \
        --real REAL --photographs PHOTOGRAPHS --u2netp u2netp.onnx --isnet isnet.onnx --work WORK

PHOTOGRAPHS is a plain folder or a built dataset. REAL is a dataset built of real foregrounds over
photographs. It is reduced to a long side of 512 first, since the published account of small
trimap-free networks is of that size. Only the whole
image is scored: a method without trimap answers for all of it. With --classical there are methods
marked "trimap" too, which are given the truth's own surroundings, as no trimap-free method is.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmark.run import run_methods
from benchmark.runner.config import RunConfig
from distinctions646.images.opencv import load_cv2
from distinctions646.images.png import write_png
from distinctions646.loading.opening import open_split
from distinctions646.process.whole_files import write_bytes

LONG_SIDE = 512
GIVEN_TRIMAP = ("closed-form", "distance")
CLASSICAL = ("constant", *GIVEN_TRIMAP)
KINDS = {"ld": "photo-like", "tux": "cut-outs of photographs", "wes": "paintings"}
BEGIN, END = "<!-- scores: start -->", "<!-- scores: end -->"


@dataclass(frozen=True)
class Inputs:
    """What to score on, and with which weights."""

    weights: Path
    mini: Path
    real: Path
    photographs: Path
    u2netp: Path | None
    isnet: Path | None
    classical: bool
    work: Path


def reduce_split(dataset: Path, out: Path) -> Path:
    """Write a dataset's test split as a plain folder, at most `LONG_SIDE` pixels on a side."""
    cv2 = load_cv2()
    for sample in open_split(dataset, "test").samples:
        image, alpha_u8 = sample.image(), sample.alpha_u8()
        scale = LONG_SIDE / max(alpha_u8.shape)
        if scale < 1:
            size = (round(alpha_u8.shape[1] * scale), round(alpha_u8.shape[0] * scale))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            alpha_u8 = cv2.resize(alpha_u8, size, interpolation=cv2.INTER_AREA)
        for kind, pixels in (("image", image), ("alpha", alpha_u8)):
            (out / kind).mkdir(parents=True, exist_ok=True)
            write_png(out / kind / f"{sample.name}.png", pixels)
    return out


def score(inputs: Inputs) -> pd.DataFrame:
    """Run all rows on all sets; return mean SAD and MSE by set and method."""
    small = inputs.work / "real-512"
    if not small.exists():
        reduce_split(inputs.real, small)
    neural = [("hatt", str(inputs.weights))]
    for name, file in (("u2netp", inputs.u2netp), ("onnx:isnet-imgly", inputs.isnet)):
        if file is not None:
            neural.append((name, str(file)))
    rows: list[tuple[tuple[str, ...], str | None]] = [((name,), path) for name, path in neural]
    if inputs.classical:
        rows.append((CLASSICAL, None))
    means = []
    for dataset, rule in ((inputs.mini, None), (small, "dilate-25/v1"), (inputs.photographs, None)):
        for methods, weights in rows:
            config = RunConfig(
                methods, (dataset,), out=inputs.work / "runs", weights=weights, trimap_rule=rule
            )
            means += [_means(done.table, dataset, inputs) for done in run_methods(config)]
    return pd.concat(means, ignore_index=True)


def _means(table: pd.DataFrame, dataset: Path, inputs: Inputs) -> pd.DataFrame:
    table = table[table["metric"].isin(("sad/whole/v1", "mse/whole/v1"))].copy()
    table["metric"] = table["metric"].str.partition("/")[0]
    prefix = table["image_id"].str.rpartition("/")[2].str.partition("_")[0]
    if dataset == inputs.mini:
        facts = pd.read_csv(dataset / "foregrounds.csv").set_index("name")
        unseen = table["foreground"].map(facts["unseen"])
        parts = {"mini test-small": table, "mini, unseen classes": table[unseen]}
    elif dataset == inputs.photographs:
        parts = {"alphamatting.com photographs": table}
    else:
        parts = {"real composites": table}
        parts |= {f"real: {kind}": table[prefix == key] for key, kind in KINDS.items()}
    rows = []
    for name, part in parts.items():
        values = part.groupby(["method", "metric"])["value"].mean().unstack()
        images = part["image_id"].nunique()
        rows.append(values.reset_index().assign(set=name, images=images))
    return pd.concat(rows)


def to_markdown(table: pd.DataFrame) -> str:
    """Lay out a row a set and a column a method, SAD in thousands and MSE in each cell."""
    shown = [
        name
        for name in ("hatt", "u2netp", "isnet-imgly", *CLASSICAL)
        if name in set(table["method"])
    ]
    heads = [f"{name} (trimap)" if name in GIVEN_TRIMAP else name for name in shown]
    lines = [f"| set | images | {' | '.join(heads)} |", "|---|--:|" + "--:|" * len(shown)]
    for (name, images), part in table.groupby(["set", "images"], sort=False):
        cells = part.set_index("method")
        numbers = [f"{cells['sad'][one]:.1f} / {cells['mse'][one]:.3f}" for one in shown]
        lines.append(f"| {name} | {images} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("weights", "mini", "real", "photographs", "work"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--u2netp", type=Path, help="u2netp.onnx, for its row")
    parser.add_argument("--isnet", type=Path, help="IS-Net for general use as ONNX, for its row")
    parser.add_argument(
        "--classical", action="store_true", help="also the constant and two methods with trimaps"
    )
    inputs = Inputs(**vars(parser.parse_args()))
    text = to_markdown(score(inputs))
    sys.stdout.write(text + "\n")
    card = inputs.weights / "README.md"
    before, begin, rest = card.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    if begin:
        write_bytes(card, f"{before}{BEGIN}\n{text}\n{END}{after}".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
