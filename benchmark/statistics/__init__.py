"""Intervals clustered by foreground, paired comparisons, ranks."""
