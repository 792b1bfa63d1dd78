"""Semantic soft segmentation, used as a trimap-free method."""
