"""Faults of a cluster of four worker processes, for real: kills, lost connections, full memory."""
