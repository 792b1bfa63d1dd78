"""Measure mattes as the official evaluation code does, and rank the methods that made them.

>>> import numpy as np
>>> from benchmark import evaluate
>>> evaluate(np.zeros((2, 2)), np.ones((2, 2)), metrics=["sad", "mse"])
{'sad': 0.004, 'mse': 1.0}
"""

import lazy_loader

from distinctions646.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
