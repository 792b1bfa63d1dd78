"""Damaged and hostile files for every reader: each is read, or refused in one line that names it."""
