"""Information-flow matting: four kinds of connections between pixels in one linear system.

`information_flow` assembles and solves it; `trimming` looks at the trimap first, `local_flow` keeps
the matting Laplacian for many products, and `mixture_preconditioner` makes the iterations few.
"""
