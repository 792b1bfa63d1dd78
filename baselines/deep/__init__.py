"""Learned matting: networks, the public checkpoints they load, and their losses.

`networks` holds the modules, `methods` what turns each into a method of the benchmark, `objectives`
what each paper trains with. *To add one*: a network with a frozen config, a subclass of
`network_method.NetworkMethod` that lists the layouts of its checkpoints, and an entry point in the
group ``matting.methods``.
"""
