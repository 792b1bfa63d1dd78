"""The path-traced scenes, one family of things per file."""
