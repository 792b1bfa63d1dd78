"""KNN matting and its search tree."""
