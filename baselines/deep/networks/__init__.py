"""The networks: modules and their configurations, nothing about files or images.

Every network is called as ``network(image, trimap)``: image B×3×H×W in [0, 1], trimap B×1×H×W in
[0, 1] with unknown at 0.5, both sides multiples of ``network.multiple``; normalisation is inside.
It returns a dict with ``alpha``, B×1×H×W, and what else its losses need.
"""
