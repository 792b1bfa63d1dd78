"""Reading a dataset, a plain folder or an open test set, as rows or as samples."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
