"""From a photograph to a matte and a cut-out."""
