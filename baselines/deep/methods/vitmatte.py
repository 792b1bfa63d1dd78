"""ViTMatte as three methods: the same weights under its three public preprocessings.

References
----------
Yao, Wang, Yang, Wang, "ViTMatte: boosting image matting with pre-trained plain vision
transformers", Information Fusion 2024. The authors' program (hustvl/ViTMatte) trains and tests with
ImageNet's statistics; transformers' processor has mean and deviation 0.5; rembg's ONNX files take
[0, 1].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from baselines.deep.checkpoints import Source
from baselines.deep.fitting import Fit
from baselines.deep.layouts import ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import vitmatte

_EMBEDDING = "embeddings.projection.weight"
_TO_TRANSFORMERS = (
    (r"^backbone\.patch_embed\.proj\.", "backbone.embeddings.projection."),
    (r"^backbone\.pos_embed$", "backbone.embeddings.position_embeddings"),
    (r"^backbone\.blocks\.(\d+)\.attn\.", r"backbone.encoder.layer.\1.attention."),
    (r"^backbone\.blocks\.", "backbone.encoder.layer."),
    (r"^decoder\.fusion_blks\.", "decoder.fusion_blocks."),
    (r"^(decoder\.(?:convstream|fusion_blocks)\..*)\.bn\.", r"\1.batch_norm."),
)
_INSIDE = ((r"^", "model."),)  # the library's network is a part of ours
_FAMILIES = {  # training set, and how released files are called
    "Composition-1k": ("composition-1k", "-s-com", "-b-com"),
    "Distinctions-646": ("distinctions-646", "-s-dis", "-b-dis"),
}


def _configure(renames: Sequence[tuple[str, str]]) -> Callable[[Tensors], vitmatte.VitMatteConfig]:
    layout = Layout("", "", lambda _: None, renames)

    def configure(tensors: Tensors) -> vitmatte.VitMatteConfig:
        """Read every size from the tensors; what is absent is for the strict load to name."""
        shapes = {layout.rename(name): tuple(each.shape) for name, each in tensors.items()}
        try:
            return _read_shapes(shapes)
        except (KeyError, IndexError, ValueError, ZeroDivisionError):
            return vitmatte.VitMatteConfig()

    return configure


def _read_shapes(shapes: Mapping[str, tuple[int, ...]]) -> vitmatte.VitMatteConfig:
    hidden = shapes[f"backbone.{_EMBEDDING}"][0]
    patches = round((shapes["backbone.embeddings.position_embeddings"][1] - 1) ** 0.5)
    tables = {
        int(name.split(".")[3]): shape
        for name, shape in shapes.items()
        if name.endswith("attention.rel_pos_h")
    }
    whole = {int(name.split(".")[3]) for name in shapes if ".residual.conv1." in name}
    windowed = next(block for block in sorted(tables) if block not in whole)
    details = [shapes[f"decoder.convstream.convs.{place}.conv.weight"][0] for place in range(3)]
    fusion = [shapes[f"decoder.fusion_blocks.{place}.conv.conv.weight"][0] for place in range(4)]
    return vitmatte.VitMatteConfig(
        hidden=hidden,
        heads=hidden // tables[windowed][1],
        layers=len(tables),
        window=(tables[windowed][0] + 1) // 2,
        whole=tuple(sorted(whole)),
        image_side=(tables[min(whole)][0] + 1) // 2 * 16,
        pretrained_side=patches * 16,
        details=tuple(details),
        fusion=tuple(fusion),
    )


LAYOUTS = (
    Layout(
        "transformers",
        marker="backbone.embeddings.projection.weight",
        configure=_configure(()),
        renames=_INSIDE,
        licence="Apache-2.0 or MIT, trained on non-commercial data",
        trained_on="see the file's name",
        leak=ADOBE_LEAKS,  # those of Distinctions-646, too
    ),
    Layout(
        "hustvl/ViTMatte",
        marker="backbone.patch_embed.proj.weight",
        configure=_configure(_TO_TRANSFORMERS),
        renames=(*_TO_TRANSFORMERS, *_INSIDE),
        licence="MIT, trained on non-commercial data",
        trained_on="see the file's name",
        leak=ADOBE_LEAKS,  # those of Distinctions-646, too
    ),
)


class VitMatte(NetworkMethod):
    """ViTMatte, normalised as it was trained; sizes S and B are read from the file."""

    name = "vitmatte"
    card = network_card(
        paper="Yao et al. 2024, doi:10.1016/j.inffus.2023.102091",
        year=2024,
        fidelity="faithful",
        implementation="transformers' network; normalised and padded as the authors' program does",
        weights="hustvl/vitmatte-small-composition-1k (or -base-, -distinctions-646) of the "
        "Hugging Face Hub, its folder, or ViTMatte_S_Com.pth of hustvl/ViTMatte",
        parameters=25_814_753,
        gmac_512=59.7,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 2.0  # of size B; 1.5 of S
    network_name = "vitmatte"
    build = vitmatte.VitMatte
    config_kind = vitmatte.VitMatteConfig
    layouts = LAYOUTS
    fits: ClassVar[Mapping[str, Fit]] = {"pad": Fit("pad", 1)}
    largest_pixels = 3 << 19  # attention to the whole image grows with the square
    preprocessing: ClassVar[vitmatte.Preprocessing] = "imagenet"

    def choose(self, source: Source, config: vitmatte.VitMatteConfig) -> vitmatte.VitMatteConfig:
        """Return the configuration with the method's preprocessing."""
        return dataclasses.replace(config, preprocessing=self.preprocessing)

    def training(self, source: Source) -> Mapping[str, str]:
        """Read the training set from the names of file and folders; nothing inside tells it."""
        title = source.state.title.lower().replace("_", "-")
        for family, names in _FAMILIES.items():
            if any(name in title for name in names):
                return {"trained_on": f"{family}'s training set, by the file's name"}
        return {"trained_on": "not known; the file's name tells none"}


class VitMatteHalf(VitMatte):
    """ViTMatte as transformers' processor prepares images: mean and deviation 0.5."""

    name = "vitmatte-half"
    card = VitMatte.card | {
        "implementation": "transformers' network and its processor's statistics, which are not "
        "those of the training"
    }
    preprocessing = "half"


class VitMatteRaw(VitMatte):
    """ViTMatte as rembg prepares images, in [0, 1], but at the image's own size."""

    name = "vitmatte-raw"
    card = VitMatte.card | {
        "implementation": "transformers' network without normalisation, as rembg's files are fed; "
        "at the image's own size, not stretched to 1024×1024"
    }
    preprocessing = "none"
