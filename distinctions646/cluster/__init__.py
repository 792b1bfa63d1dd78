"""Work on several machines: a Dask scheduler and its workers in place of this machine's pool."""
