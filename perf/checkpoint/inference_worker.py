"""Run by `perf.checkpoint.inference` in a process of its own, with a checkout on its path.

It imports only what every checkout has: the method `hatt` and the predictor of the command. A JSON
of processor milliseconds goes to standard output, mattes go to the file named.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def least(call: Callable[[], Any], repeats: int) -> float:
    """Return the least processor milliseconds of a call, after one that does not count."""
    taken = []
    for _ in range(repeats + 1):
        started = time.process_time()
        call()
        taken.append(1000 * (time.process_time() - started))
    return min(taken[1:])


def main() -> None:
    """Time the first picture and the large one, and keep the mattes of all others."""
    pictures, results, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
    from hattmatting.inference.predictors import checkpoint_predictor
    from hattmatting.method import Hatt

    hatt = Hatt()
    plain = checkpoint_predictor("hatt-lite", "cpu", "trained", None, refine=False)
    refined = checkpoint_predictor("hatt-lite", "cpu", "trained", None)
    with np.load(pictures) as stored:
        images = {name: stored[name] for name in stored.files}
    large = images.pop("large")
    small = next(iter(images.values()))
    times = {
        "small": least(lambda: plain(small, None), repeats),
        "large": least(lambda: plain(large, None), max(repeats // 2, 2)),
        "small refined": least(lambda: refined(small, None), repeats),
        "large refined": least(lambda: refined(large, None), max(repeats // 2, 2)),
        "benchmark": least(lambda: hatt(small), repeats),
    }
    mattes = {name: plain(image, None)[0] for name, image in images.items()}
    mattes["large"] = plain(large, None)[0]
    mattes["benchmark"] = hatt(small)[0]
    mattes["small refined"] = refined(small, None)[0]
    mattes["large refined"] = refined(large, None)[0]
    np.savez(results, **mattes)  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(times) + "\n")


if __name__ == "__main__":
    main()
