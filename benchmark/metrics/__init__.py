"""SAD, MSE, Grad and Conn as the Deep Image Matting evaluation code computes them.

`benchmark.metrics.registry` has the table of all metrics, and how to add one.

>>> import numpy as np
>>> from benchmark.metrics import evaluate
>>> evaluate(np.zeros((2, 2)), np.ones((2, 2)), metrics=["sad", "mse", "conn"])
{'sad': 0.004, 'mse': 1.0, 'conn': 0.004}
"""

from benchmark.metrics.conn import conn
from benchmark.metrics.evaluate import evaluate, evaluate_regions
from benchmark.metrics.grad import grad
from benchmark.metrics.mad import mad
from benchmark.metrics.mse import mse
from benchmark.metrics.registry import METRICS, Metric, metric_id
from benchmark.metrics.sad import sad, sad_by_region

__all__ = [
    "METRICS",
    "Metric",
    "conn",
    "evaluate",
    "evaluate_regions",
    "grad",
    "mad",
    "metric_id",
    "mse",
    "sad",
    "sad_by_region",
]
