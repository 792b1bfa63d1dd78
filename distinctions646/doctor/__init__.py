"""`python -m distinctions646.doctor`: check whether a copy of a dataset is complete."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
