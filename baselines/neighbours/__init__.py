"""KNN matting, and the nearest neighbours in colour and position that other methods use.

`tree` finds the neighbours and `knn` is the method.
"""
