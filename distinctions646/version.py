"""The version of all four packages, which are released together; pyproject.toml repeats it."""

__version__ = "0.1.0"
