"""What each paper trains with: its losses with their constants, its crops, trimaps and schedule.

Every module has ``RECIPE`` (`recipe.Recipe`: what the samples are and how the weights are moved)
and ``losses(outputs, batch, stage)``, which takes what the network returned and the `recipe.Batch`
that it saw, and returns named terms whose sum is the loss. None of it touches files or knows a
training loop.
"""
