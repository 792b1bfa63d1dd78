"""The trainer: it takes a recipe, which brings a network with its losses, and leaves a checkpoint.

`loop.train` reads top to bottom; `recipe.Recipe` is what it is handed, `losses.LOSSES` the parts of
a loss. No module here knows a network.
"""
