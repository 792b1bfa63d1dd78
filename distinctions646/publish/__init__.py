"""Dataset card, Croissant metadata and terms; the command `python -m distinctions646.publish`."""
