"""`python -m benchmark.demo`: cut out a photograph by several methods, and score a matte."""
