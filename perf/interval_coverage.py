"""How often the clustered intervals hold the mean: a simulation with a known correlation.

    python -m perf.interval_coverage --repeats 2000

Prints a Markdown table: share of repeats whose 95 % interval holds the true mean, for clusters of
4 images each; below and above are the shares where the mean lay under and over the interval.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from benchmark.statistics.intervals import difference_interval

IMAGES = 4


def draw(
    rng: np.random.Generator, shape: str, size: tuple[int, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return numbers of mean 0 and variance 1: symmetric, skewed by 1.4, or by 6.2."""
    if shape == "normal":
        return rng.standard_normal(size)
    if shape == "gamma":
        return (rng.gamma(2, size=size) - 2) / math.sqrt(2)
    return (rng.lognormal(size=size) - math.exp(0.5)) / math.sqrt((math.e - 1) * math.e)


def coverage(
    clusters: int, correlation: float, shape: str, repeats: int, seed: int = 646
) -> tuple[float, float, float]:
    """Return how often the interval held the mean, and how often the mean lay below and above."""
    rng = np.random.default_rng(seed)
    names = [f"{place:04d}" for place in range(clusters) for _ in range(IMAGES)]
    below = above = 0
    for _ in range(repeats):
        common = draw(rng, shape, (clusters, 1))
        own = rng.standard_normal((clusters, IMAGES))
        values = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
        low, high = difference_interval(values.ravel(), names) or (math.nan, math.nan)
        below += low > 0
        above += high < 0
    return 1 - (below + above) / repeats, below / repeats, above / repeats


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2000)
    repeats = parser.parse_args().repeats
    print("| foregrounds | correlation | foregrounds' values | held | below | above |")
    print("|--:|--:|:--|--:|--:|--:|")
    for clusters in (6, 10, 25, 50):
        for correlation, shape in (
            (0.0, "normal"),
            (0.8, "normal"),
            (0.8, "gamma"),
            (0.8, "lognormal"),
        ):
            held, below, above = coverage(clusters, correlation, shape, repeats)
            print(
                f"| {clusters} | {correlation} | {shape} | {100 * held:.1f} % | "
                f"{100 * below:.1f} % | {100 * above:.1f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
