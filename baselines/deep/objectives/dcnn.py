"""DCNN matting: the squared error of alpha.

References
----------
Cho, Tai, Kweon, "Natural image matting using deep convolutional neural networks", ECCV 2016. Rate,
optimiser and batch are those of a public re-implementation (xuehuachunsheng/dcnn-matting); the
paper's rate could not be read.
"""

from __future__ import annotations

from baselines.deep.objectives.recipe import WHOLE, Batch, Recipe, Terms

RECIPE = Recipe(
    source="xuehuachunsheng/dcnn-matting",
    crops=(27,),
    size=27,
    trimap_rule="random-1-25/v1",
    inputs=("image", "mattes"),
    batch=32,
    epochs=1,
    rate=1e-4,
    inferred="epochs; the paper has SGD with momentum 0.9 and batches of 128",
)


def losses(outputs: Terms, batch: Batch, stage: str = WHOLE) -> Terms:
    """Return the term ``alpha``, the mean squared error over all pixels."""
    RECIPE.trained(stage)
    return {"alpha": ((outputs["alpha"] - batch.alpha) ** 2).mean()}
