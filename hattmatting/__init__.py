"""HAttMatting: attention-guided hierarchical structure aggregation for image matting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hattmatting.inference.cutout import cutout
    from hattmatting.model.config import HAttConfig
    from hattmatting.model.network import HAttMatting

__all__ = ["HAttConfig", "HAttMatting", "cutout"]


def __getattr__(name: str) -> Any:
    """Import the model on first use, so that ``--help`` need not wait for torch."""
    if name == "HAttConfig":
        from hattmatting.model.config import HAttConfig

        return HAttConfig
    if name == "HAttMatting":
        from hattmatting.model.network import HAttMatting

        return HAttMatting
    if name == "cutout":
        from hattmatting.inference.cutout import cutout

        return cutout
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
