"""The known datasets, one file each: facts about published archives, lists and sets as data.

The lists themselves and the pictures are not ours to ship; their sizes, hashes and orders are.
"""
