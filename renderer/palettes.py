"""Linear colours that go together."""

from __future__ import annotations

from distinctions646.mini.drawing.draws import Draws

Rgb = tuple[float, float, float]

BRIGHT: tuple[Rgb, ...] = (
    (0.70, 0.06, 0.05),
    (0.85, 0.28, 0.04),
    (0.85, 0.55, 0.06),
    (0.10, 0.38, 0.14),
    (0.04, 0.33, 0.38),
    (0.05, 0.14, 0.50),
    (0.32, 0.09, 0.42),
    (0.75, 0.22, 0.34),
)
PALE: tuple[Rgb, ...] = (
    (0.82, 0.78, 0.70),
    (0.74, 0.82, 0.84),
    (0.80, 0.72, 0.60),
    (0.66, 0.76, 0.62),
    (0.84, 0.68, 0.66),
)
DARK: tuple[Rgb, ...] = (
    (0.05, 0.05, 0.06),
    (0.04, 0.07, 0.14),
    (0.13, 0.05, 0.03),
    (0.03, 0.10, 0.07),
)
WOODS: tuple[tuple[Rgb, Rgb], ...] = (
    ((0.16, 0.07, 0.03), (0.42, 0.22, 0.10)),
    ((0.35, 0.20, 0.09), (0.62, 0.42, 0.22)),
    ((0.06, 0.03, 0.02), (0.18, 0.09, 0.05)),
)
METALS: tuple[Rgb, ...] = (
    (0.80, 0.80, 0.82),
    (0.85, 0.62, 0.28),
    (0.72, 0.38, 0.25),
)


def pair(draws: Draws) -> tuple[Rgb, Rgb]:
    """Return a bright colour and a pale or dark one beside it."""
    return draws.choice(BRIGHT), draws.choice((*PALE, *DARK))


def jittered(draws: Draws, colour: Rgb, amount: float = 0.15) -> Rgb:
    """Return a colour near another."""
    r, g, b = (channel * (1 + draws.uniform(-amount, amount)) for channel in colour)
    return r, g, b
