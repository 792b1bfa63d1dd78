"""Methods: finding one by name, describing and hashing it; folders of mattes as methods."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
