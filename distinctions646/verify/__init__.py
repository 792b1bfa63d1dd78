"""`python -m distinctions646.verify`: prove that a build is what its recipe says."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
