"""Speed against named rivals, and the measurements behind the tables of the documentation.

A folder per subject, each a command: ``python -m perf.metrics``, ``python -m perf.build``.
Results are JSON or CSV beside the script that wrote them, with the conditions of `perf.machine`.
"""
