"""What a training step changes: weights, their average, both optimisers; and the step itself."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from hattmatting.model.network import HAttMatting
from hattmatting.samples.device_augment import vary_colour
from hattmatting.training import losses
from hattmatting.training.building import build_model, freeze_backbone
from hattmatting.training.discriminator import PatchDiscriminator
from hattmatting.training.features import KeptMaps
from hattmatting.training.recipes import MISSED, TrainConfig, loss_weights, rate
from hattmatting.training.saving import random_state, restore_random_state
from hattmatting.training.step import NotFiniteError


class TrainingState:
    """Everything that a step changes, the step, and how to save it.

    Parameters
    ----------
    config
        The recipe.
    accelerator
        Says which device and how many processes there are.
    steps, steps_an_epoch
        Length of the training, and of a pass over its data.
    """

    def __init__(
        self, config: TrainConfig, accelerator: Accelerator, steps: int, steps_an_epoch: int
    ) -> None:
        self.config, self.accelerator = config, accelerator
        self.steps, self.steps_an_epoch, self.step = steps, steps_an_epoch, 0
        self.device = accelerator.device
        on_gpu = self.device.type == "cuda"
        if on_gpu and config.precision == "bf16":
            torch.set_float32_matmul_precision("high")

        self.model = build_model(config)
        if config.trained_stages is not None:
            freeze_backbone(self.model, config.trained_stages)
        if on_gpu and accelerator.num_processes > 1 and not config.freeze_batch_norm:
            # Statistics over the whole batch: so many processes do what one alone would.
            self.model = nn.SyncBatchNorm.convert_sync_batchnorm(  # type: ignore[no-untyped-call]
                self.model
            )
        self.model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = copy.deepcopy(self.model).eval() if config.ema else self.model
        self.set_training()
        self.optimiser = _optimiser(config, self.model, fused=on_gpu)
        prepared = accelerator.prepare_model(self.model)
        self.generator = torch.compile(prepared) if config.compile else prepared

        self.discriminator: PatchDiscriminator | None = None
        if config.losses in {"paper", "hybrid"} and config.mse_until < 1:
            self.discriminator = PatchDiscriminator(config.discriminator_width).to(self.device)
            self.judge = accelerator.prepare_model(self.discriminator)
            # The paper does not say which; pix2pix's choice.
            self.discriminator_optimiser = torch.optim.Adam(
                self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999)
            )

    def set_training(self) -> None:
        """Bring the model into training mode, its batch normalisation as the recipe wants it."""
        self.model.train()
        if self.config.trained_stages is not None:
            self.model.backbone.eval()
        if self.config.freeze_batch_norm:
            for module in self.model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    def advance(
        self, image_u8: Tensor | KeptMaps, alpha_u8: Tensor, numbers: list[int]
    ) -> dict[str, float]:
        """Take one step of the generator, then one of the discriminator.

        Parameters
        ----------
        image_u8, alpha_u8
            This process's part of the batch: B×3×S×S and B×1×S×S, uint8; or instead of the images
            what the frozen backbone made of them.
        numbers
            Of its samples.

        Returns
        -------
        dict
            The parts of the loss, the gradient's norm and the learning rate.

        Raises
        ------
        NotFiniteError
            Before any weight has changed.
        """
        alpha_gt = alpha_u8.to(self.device, non_blocking=True).float() / 255
        for group in self.optimiser.param_groups:
            group["lr"] = group.get("share", 1.0) * rate(self.config, self.step, self.steps)
        epoch = self.step // self.steps_an_epoch
        weights = loss_weights(self.config, self.step / self.steps, epoch)
        if isinstance(image_u8, KeptMaps):
            image = alpha_gt  # only an adversary would look at the image
            alpha = self.model.decode(image_u8.to(self.device), alpha_gt)
        else:
            image = self._prepare(image_u8, numbers)
            alpha = self._predict(image)
        parts = self._step_generator(image, alpha, alpha_gt, numbers, weights)
        if weights["adversarial"]:
            parts["discriminator"] = self._step_discriminator(
                image, alpha.detach(), alpha_gt, numbers
            )
        self.step += 1
        self._average()
        return {**parts, "rate": float(self.optimiser.param_groups[0]["lr"])}

    def _prepare(self, image_u8: Tensor, numbers: list[int]) -> Tensor:
        image = image_u8.to(self.device, non_blocking=True).float() / 255
        image = image.contiguous(memory_format=torch.channels_last)
        if self.config.colour:
            image = vary_colour(image, numbers, self.config.seed, self.config.colour)
        return image

    def _predict(self, image: Tensor) -> Tensor:
        bf16 = self.config.precision == "bf16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            alpha: Tensor = self.generator(image)
        return alpha

    def _step_generator(
        self,
        image: Tensor,
        alpha: Tensor,
        alpha_gt: Tensor,
        numbers: list[int],
        weights: dict[str, float],
    ) -> dict[str, float]:
        parts = {"mse": losses.mse_loss(alpha, alpha_gt)}
        if weights["ssim"]:
            parts["ssim"] = losses.ssim_loss(alpha, alpha_gt)
        if weights["l1"]:
            missed = MISSED if self.config.losses == "whole" else 1.0
            parts["l1"] = losses.l1_loss(alpha, alpha_gt, missed)
        if self.discriminator is not None and weights["adversarial"]:
            # Not the wrapped one: this pass leaves no gradients on it to be shared out.
            self.discriminator.requires_grad_(False)
            parts["adversarial"] = losses.generator_adversarial_loss(
                self.discriminator(image, alpha)
            )
            self.discriminator.requires_grad_(True)
        total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        suspects = [
            number
            for number, fine in zip(numbers, alpha.isfinite().flatten(1).all(1), strict=True)
            if not fine
        ]
        self._refuse("loss", total, suspects or numbers)
        self.optimiser.zero_grad(set_to_none=True)
        self.accelerator.backward(total)
        limit = math.inf if self.config.clip_gradient is None else self.config.clip_gradient
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        self._refuse("gradient", norm, numbers)
        self.optimiser.step()
        values = {name: float(part.detach()) for name, part in parts.items()}
        return {**values, "gradient": float(norm)}

    def _step_discriminator(
        self, image: Tensor, alpha: Tensor, alpha_gt: Tensor, numbers: list[int]
    ) -> float:
        # True and predicted mattes in one pass: one backward pass, one exchange of gradients.
        logits = self.judge(torch.cat([image, image]), torch.cat([alpha_gt, alpha]))
        real, fake = logits.chunk(2)
        loss = losses.discriminator_loss(real, fake)
        self._refuse("discriminator's loss", loss, numbers)
        self.discriminator_optimiser.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        self.discriminator_optimiser.step()
        return float(loss.detach())

    def _refuse(self, what: str, value: Tensor, numbers: list[int]) -> None:
        """Stop every process when the value is not finite on one of them."""
        wrong = (~value.detach().isfinite()).float()
        if self.accelerator.num_processes > 1:
            wrong = self.accelerator.reduce(wrong, "sum")
        if wrong.item():
            raise NotFiniteError(what, float(value.detach()), numbers)

    def _average(self) -> None:
        if self.averaged is self.model:
            return
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            targets = self.averaged.state_dict()
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    targets[name].lerp_(value, 1 - decay)
                else:
                    targets[name].copy_(value)

    def parts(self) -> dict[str, Any]:
        """Return what a checkpoint holds of it."""
        parts: dict[str, Any] = {
            "step": self.step,
            "samples": self.step * self.config.batch,  # where the sampler stands
            "random": random_state(),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        if self.averaged is not self.model:
            parts["averaged"] = self.averaged.state_dict()
        if self.discriminator is not None:
            parts["discriminator"] = self.discriminator.state_dict()
            parts["discriminator_optimiser"] = self.discriminator_optimiser.state_dict()
        return parts

    def load(self, parts: dict[str, Any]) -> None:
        """Take :meth:`parts` up again; rates and loss weights follow from the step."""
        self.model.load_state_dict(parts["model"])
        if self.averaged is not self.model:
            self.averaged.load_state_dict(parts["averaged"])
        self.optimiser.load_state_dict(parts["optimiser"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(parts["discriminator"])
            self.discriminator_optimiser.load_state_dict(parts["discriminator_optimiser"])
        restore_random_state(parts["random"])
        self.step = int(parts["step"])


def _optimiser(config: TrainConfig, model: HAttMatting, fused: bool) -> torch.optim.Optimizer:
    parameters: list[Any] = [one for one in model.parameters() if one.requires_grad]
    if config.backbone_rate != 1:
        slow = {id(one) for one in model.backbone.parameters()}
        groups = [[one for one in parameters if (id(one) in slow) == of] for of in (False, True)]
        parameters = [
            {"params": group, "share": share}
            for group, share in zip(groups, (1.0, config.backbone_rate), strict=True)
            if group
        ]
    if config.optimiser == "sgd":
        return torch.optim.SGD(
            parameters, config.rate, momentum=0.9, weight_decay=config.weight_decay, fused=fused
        )
    return torch.optim.AdamW(parameters, config.rate, weight_decay=config.weight_decay, fused=fused)
