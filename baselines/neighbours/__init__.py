"""KNN matting, and the nearest neighbours in colour and position that other methods use.

`groups` finds the neighbours and `knn` is the method.
"""
