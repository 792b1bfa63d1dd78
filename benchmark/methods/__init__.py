"""Finding a method by name, what it says of itself, and folders of mattes as methods."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
