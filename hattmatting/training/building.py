"""Building the network that a recipe asks for."""

from __future__ import annotations

import json

from hattmatting.model.ablations import ablation
from hattmatting.model.backbone import load_backbone_weights
from hattmatting.model.config import HAttConfig, preset
from hattmatting.model.network import HAttMatting
from hattmatting.training.recipes import TrainConfig


def build_model(config: TrainConfig) -> HAttMatting:
    """Build the network that a recipe trains, with its first weights.

    Raises
    ------
    ValueError
        If `start_from` or `backbone_weights` cannot be had or belong to another network.
    """
    shape = ablation(config.ablation).apply(preset(config.model))
    if config.start_from:
        model = HAttMatting.from_pretrained(config.start_from)
        _refuse_other_shape(config.start_from, model.config, shape)
        model.config = shape
    else:
        model = HAttMatting(shape)
    if config.backbone_weights:
        load_backbone_weights(model.backbone, config.backbone_weights)
    return model


def freeze_backbone(model: HAttMatting, trained: int) -> None:
    """Leave only the last so many stages of the backbone, and what follows it, to be trained.

    Raises
    ------
    ValueError
        If it has fewer stages.
    """
    stages = model.backbone.stages()
    if trained > len(stages):
        raise ValueError(
            f"trained_stages is {trained}; expected 0 to {len(stages)}, which "
            f"{model.config.backbone} has"
        )
    model.backbone.requires_grad_(False)
    for stage in stages[len(stages) - trained :]:
        stage.requires_grad_(True)


def _refuse_other_shape(source: str, found: HAttConfig, wanted: HAttConfig) -> None:
    # How weights began and how one predicts with them make no other network.
    free = {"init", "inference_long_side", "inference_mirrored", "inference_more_sides"}
    here, there = (json.loads(config.to_json()) for config in (wanted, found))
    names = [name for name in here if name not in free and here[name] != there[name]]
    if names:
        shown = ", ".join(f"{name} {there[name]!r}, not {here[name]!r}" for name in names)
        raise ValueError(f"{source}: is a checkpoint of another network: {shown}")
