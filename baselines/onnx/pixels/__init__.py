"""Pixels on their way into a network and out of it: size, padding, normalisation, range."""
