"""Closed-form and learning-based matting: the systems, their assembly and their solvers."""
