"""The compiled search of `global_matting`: a PatchMatch over pairs of samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from baselines.sampling.pair_kernels import projected_alpha, squared_distortion


@njit(cache=True, nogil=True)
def next_random(state: npt.NDArray[np.uint64]) -> float:
    """Return a number in [0, 1) and move the state on (xorshift64 of Marsaglia, 2003)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return (x >> np.uint64(11)) / 9007199254740992.0  # type: ignore[no-any-return]


@njit(cache=True, nogil=True, error_model="numpy")
def pair_cost(
    colour: npt.NDArray[np.float64],
    row: float,
    column: float,
    foreground: npt.NDArray[np.float64],
    background: npt.NDArray[np.float64],
    nearest_foreground: float,
    nearest_background: float,
) -> float:
    """Return colour distortion plus both spatial costs (He et al. 2011).

    Samples are (r, g, b, row, column); a spatial cost is the distance to a sample over that to the
    nearest sample of its side.
    """
    alpha = projected_alpha(colour, foreground, background)
    cost: float = np.sqrt(squared_distortion(colour, foreground, background, alpha))
    for sample, nearest in ((foreground, nearest_foreground), (background, nearest_background)):
        down, right = sample[3] - row, sample[4] - column
        cost += np.sqrt(down * down + right * right) / nearest
    return cost


@njit(cache=True, nogil=True, error_model="numpy")
def sample_match(
    colours: npt.NDArray[np.float64],
    pixels: npt.NDArray[np.int32],
    index: npt.NDArray[np.int32],
    foregrounds: npt.NDArray[np.float64],
    backgrounds: npt.NDArray[np.float64],
    nearest_foreground: npt.NDArray[np.float32],
    nearest_background: npt.NDArray[np.float32],
    rounds: int,
    seed: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return each unknown pixel's foreground and background sample, and the cost of the pair.

    The samples are two lists in order of brightness, so a pair is a point in a plane where costs
    change slowly. Each round lets a pixel try its eight neighbours' pairs, then pairs at random
    offsets, of either sign, within a reach that halves from the longer list's length down to 1.

    Parameters
    ----------
    colours, pixels
        n×3 on 0-255 and n×2 (row, column) of the unknown pixels.
    index
        int32 H×W: the number of an unknown pixel, -1 elsewhere.
    foregrounds, backgrounds
        Samples, m×5: (r, g, b, row, column).
    nearest_foreground, nearest_background
        n: distance of each unknown pixel to the nearest pixel of either side.
    """
    height, width = index.shape
    unknowns = pixels.shape[0]
    # A non-zero state for every seed: the number is Marsaglia's own start.
    state = np.array([np.uint64(seed) * np.uint64(2) + np.uint64(88172645463325253)])
    chosen_f, chosen_b = np.empty(unknowns, np.int32), np.empty(unknowns, np.int32)
    costs = np.empty(unknowns)
    for p in range(unknowns):
        f = int(next_random(state) * foregrounds.shape[0])
        b = int(next_random(state) * backgrounds.shape[0])
        row, column = pixels[p, 0], pixels[p, 1]
        chosen_f[p], chosen_b[p] = f, b
        costs[p] = pair_cost(
            colours[p],
            row,
            column,
            foregrounds[f],
            backgrounds[b],
            nearest_foreground[p],
            nearest_background[p],
        )
    for turn in range(rounds):
        for k in range(unknowns):
            # Alternate the direction, so that good pairs spread both ways.
            p = unknowns - 1 - k if turn % 2 else k
            row, column = pixels[p, 0], pixels[p, 1]
            reach = float(max(foregrounds.shape[0], backgrounds.shape[0]))
            neighbour = 0
            while reach >= 1.0:
                if neighbour < 9:
                    r, c = row + neighbour // 3 - 1, column + neighbour % 3 - 1
                    neighbour += 1
                    if r < 0 or r >= height or c < 0 or c >= width:
                        continue
                    q = index[r, c]
                    if q < 0 or q == p:
                        continue
                    f, b = chosen_f[q], chosen_b[q]
                    if f == chosen_f[p] and b == chosen_b[p]:
                        continue
                else:
                    f = chosen_f[p] + int(np.floor((2 * next_random(state) - 1) * reach + 0.5))
                    b = chosen_b[p] + int(np.floor((2 * next_random(state) - 1) * reach + 0.5))
                    reach *= 0.5
                    if f < 0 or f >= foregrounds.shape[0] or b < 0 or b >= backgrounds.shape[0]:
                        continue
                cost = pair_cost(
                    colours[p],
                    row,
                    column,
                    foregrounds[f],
                    backgrounds[b],
                    nearest_foreground[p],
                    nearest_background[p],
                )
                if cost < costs[p]:
                    chosen_f[p], chosen_b[p], costs[p] = f, b, cost
    return chosen_f, chosen_b, costs
