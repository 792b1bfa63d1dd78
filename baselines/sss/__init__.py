"""Spectral soft segmentation, without a trimap: soft segments from colour and a network's features.

`deep_features` is what the network sees, `spectral_graph` the graph and its eigenvectors,
`soft_segments` makes segments of these, and `sss` merges them into one matte.
"""
