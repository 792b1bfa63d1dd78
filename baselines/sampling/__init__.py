"""Shared and global matting: a foreground and a background sample for each unknown pixel.

`expansion` first widens the known regions; `shared` gathers samples along rays and shares them
among neighbours, `global_matting` searches all boundary samples. `pair_kernels` is how either
judges a pair of samples.
"""
