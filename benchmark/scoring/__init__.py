"""Mattes and truths in, numbers and pictures out: pair the files, read, score, report them."""
