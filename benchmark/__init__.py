"""Measure mattes as the official evaluation code does, and rank the methods that made them."""
