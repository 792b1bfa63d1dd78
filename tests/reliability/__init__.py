"""Faults on purpose: a command that fails or dies at any step loses nothing."""
