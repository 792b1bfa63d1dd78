"""Learned methods, one file each: their card, the layouts of their files, what they do with sizes."""
