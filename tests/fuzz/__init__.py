"""Damaged and hostile files for every reader: read, or refused in one line."""
