"""Pixels of opened pictures: most PNGs by our own faster decoder, everything else by Pillow."""
