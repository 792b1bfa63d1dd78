"""Compiled loops of the metrics; the formula of each is in the metric's own module."""
