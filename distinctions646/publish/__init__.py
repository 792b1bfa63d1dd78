"""Dataset card, Croissant metadata; the command `python -m distinctions646.publish`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
