"""The embedded dataset ``mini``, whose sources are made by the build itself."""

from __future__ import annotations

from distinctions646.sources.layouts import KnownDataset
from distinctions646.sources.terms import Terms

MINI = KnownDataset(
    title="mini",
    terms=Terms(
        foregrounds="generated or path-traced for this suite, dedicated to the public domain (CC0)",
        backgrounds="generated for this suite (CC0), and a few photographs under CC0 or in the "
        "public domain, listed in photographs.csv",
        license="cc0-1.0",
        may_be_public=True,
    ),
    synthetic=True,
    card_note="**Synthetic, not comparable with Composition-1k or Distinctions-646.** Every "
    "foreground is drawn or path-traced by a program; `foregrounds.csv` has each one's class, "
    "group, whether it has a wholly opaque part, whether its class is unseen in training, and its "
    "source.",
)
