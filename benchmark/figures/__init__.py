"""Comparison grids as papers print them, and which images and mattes go into them."""
