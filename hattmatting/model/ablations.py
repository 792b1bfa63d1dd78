"""The paper's ablation (§4.3): eight networks and losses by the names their methods have."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from hattmatting.model.config import HAttConfig


@dataclass(frozen=True)
class Row:
    """One row of the paper's ablation.

    Parameters
    ----------
    label
        As printed in the paper's tables.
    low_level, channel_attention, spatial_attention
        As in `HAttConfig`.
    ssim
        Whether the loss has L_SSIM; L_MSE and L_adv are in all.
    """

    label: str
    low_level: bool
    channel_attention: bool
    spatial_attention: bool
    ssim: bool

    def apply(self, config: HAttConfig) -> HAttConfig:
        """Return a network's configuration with this row's parts switched on and off."""
        return dataclasses.replace(
            config,
            low_level=self.low_level,
            channel_attention=self.channel_attention,
            spatial_attention=self.spatial_attention,
        )

    def describes(self, config: HAttConfig) -> bool:
        """Return whether a network has this row's parts and no others."""
        return self.apply(config) == config


FULL = "hatt"
ROWS: dict[str, Row] = {
    "hatt-basic": Row("Basic", False, False, False, ssim=False),
    "hatt-basic-ssim": Row("Basic + SSIM", False, False, False, ssim=True),
    "hatt-basic-low": Row("Basic + Low", True, False, False, ssim=False),
    "hatt-basic-ca": Row("Basic + CA", False, True, False, ssim=False),
    "hatt-basic-low-ca": Row("Basic + Low + CA", True, True, False, ssim=False),
    "hatt-basic-low-sa": Row("Basic + Low + SA", True, False, True, ssim=False),
    "hatt-basic-low-ca-sa": Row("Basic + Low + CA + SA", True, True, True, ssim=False),
    FULL: Row("HAttMatting", True, True, True, ssim=True),
}


def ablation(name: str) -> Row:
    """Return a row by its method's name; an unknown name is a `ValueError` that lists them."""
    if name not in ROWS:
        raise ValueError(f"no ablation {name!r}; expected one of {', '.join(ROWS)}")
    return ROWS[name]
