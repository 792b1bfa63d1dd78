"""The page's protocol view: what the numbers are, and how to cite them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from benchmark.board.protocols import PROTOCOLS
from benchmark.formats.latex import to_latex
from benchmark.page.board_page import CREDIT, KINDS, BoardPage, meanings
from benchmark.page.site import Site
from benchmark.page.tabs.tab import PageTab
from benchmark.statistics.intervals import FEW_CLUSTERS

BIBTEX = """\
@inproceedings{qiao2020attention,
  title     = {Attention-Guided Hierarchical Structure Aggregation for Image Matting},
  author    = {Qiao, Yu and Liu, Yuhao and Yang, Xin and Zhou, Dongsheng and Xu, Mingliang
               and Zhang, Qiang and Wei, Xiaopeng},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition},
  year      = {2020},
  doi       = {10.1109/CVPR42600.2020.01369}
}

@misc{distinctions646suite,
  title  = {Distinctions-646 suite: the reference suite for image matting},
  author = {{The Distinctions-646 suite contributors}},
  year   = {2026},
  note   = {Version VERSION}
}
"""


def add_protocol(site: Site, pages: Sequence[BoardPage]) -> None:
    """Add the view of conditions, statistics, LaTeX and BibTeX."""
    boards = [page.board for page in pages]
    site.add_view(
        "protocol",
        "protocol.html",
        "Protocol and citing",
        protocols=PROTOCOLS.values(),
        meanings=meanings(boards),
        kinds=KINDS,
        few=FEW_CLUSTERS,
        tables=[{"board": board, "latex": to_latex([board])} for board in boards],
        bibtex=BIBTEX.replace("VERSION", version("distinctions646")),
        credit=CREDIT,
    )


TAB = PageTab("protocol", "Protocol and citing", add_protocol)
