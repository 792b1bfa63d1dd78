"""The compiled loops of the metrics; each metric's module says the formula."""
