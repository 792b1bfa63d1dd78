"""From foregrounds, alphas and backgrounds to the composites of a matting benchmark.

>>> from distinctions646 import build, load
>>> built = build("mini", out="mini")  # doctest: +SKIP
>>> load(built.folder)[0]["image"].size  # doctest: +SKIP
(512, 512)
"""

import lazy_loader

from distinctions646.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
