"""The classical methods that the paper compares with, each a room, behind one interface.

`policy` is what all trimap methods share. `laplacian` (closed-form, learning-based) holds the
systems and solvers that `neighbours` (KNN), `sampling` (shared, global), `information_flow` and
`sss` use; `libraries` wraps methods that another library owns; `trivial` is what no method should
score below. A module ``X_kernels`` holds compiled loops, those of the module ``X`` beside it.

To add a method: write a class with `name`, `needs_trimap`, `card` and ``__call__`` (of a trimap
method: derive from `policy.TrimapMethod` and write `solve`), and name it in ``pyproject.toml``
under ``matting.methods``, where `benchmark.run --list` finds it. Describe it in
``docs/baselines.md``.
"""
