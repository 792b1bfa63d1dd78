"""Comparison grids as papers print them, and the choice of images and mattes in them."""
