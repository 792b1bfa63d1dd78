"""Backgrounds drawn by program: surfaces, places and the scenes made of them."""
