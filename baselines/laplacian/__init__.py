"""Closed-form and learning-based matting, and what other methods take from them.

`assembly` makes the linear system of the unknown pixels, `solving` solves it: directly, or by
`basic_solvers.conjugate_gradients` behind `two_level`. `closed_form` and `learning_based` are the
methods; `refinement` finishes a sampled matte by the same system or by a guided filter.
"""
