"""Several jobs of a run in the same worker processes."""
