"""Which rows of the HAttMatting paper's tables a method of this suite stands beside.

Qiao et al. CVPR 2020, Table 1 and 2. To add one, add a line: the method's name here, and the
paper's name in ``numbers.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchmark.board.published.reader import Published

PAPER = "Qiao et al. CVPR 2020"
_ABLATION = "HAttMatting ablation: "
COUNTERPARTS: Mapping[str, str] = MappingProxyType(
    {
        "shared": "Shared Matting",
        "learning-based": "Learning Based",
        "learning-based-pymatting": "Learning Based",
        "global": "Global Matting",
        "closed-form": "ClosedForm",
        "closed-form-pymatting": "ClosedForm",
        "knn": "KNN Matting",
        "knn-hsv": "KNN Matting",
        "knn-pymatting": "KNN Matting",
        "dcnn": "DCNN",
        "information-flow": "Information-Flow",
        "dim": "DIM",
        "dim-skip": "DIM",
        "alphagan": "AlphaGAN",
        "samplenet": "SampleNet",
        "context-aware": "Context-Aware",
        "indexnet": "IndexNet",
        "late-fusion": "Late Fusion",
        "hatt": "HAttMatting",
        "hatt-basic": f"{_ABLATION}Basic",
        "hatt-basic-ssim": f"{_ABLATION}Basic+SSIM",
        "hatt-basic-low": f"{_ABLATION}Basic+Low",
        "hatt-basic-ca": f"{_ABLATION}Basic+CA",
        "hatt-basic-low-ca": f"{_ABLATION}Basic+Low+CA",
        "hatt-basic-low-sa": f"{_ABLATION}Basic+Low+SA",
        "hatt-basic-low-ca-sa": f"{_ABLATION}Basic+Low+CA+SA",
    }
)
"""The paper's name of each method, by the method's name here."""


def is_in_paper(entry: Published) -> bool:
    """Return whether a published number is of the paper's own tables."""
    return entry.source.startswith(PAPER)


def find_counterpart(method: str, entries: list[Published]) -> str | None:
    """Return the key of the paper's row of a method among some entries; None where it has none."""
    name = COUNTERPARTS.get(method)
    return next((each.key for each in entries if is_in_paper(each) and each.method == name), None)
