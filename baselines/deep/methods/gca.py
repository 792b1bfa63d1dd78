"""GCA matting as a method; loaded only, no checkpoint of this suite's.

References
----------
Li, Lu, "Natural image matting via guided contextual attention", AAAI 2020.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from baselines.deep.checkpoints import Source
from baselines.deep.layouts import ADOBE, ADOBE_LEAKS, Layout, Tensors
from baselines.deep.network_method import NetworkMethod, network_card
from baselines.deep.networks import gca

_MMAGIC_FILES = {
    "65595f39": "gca_r34_4x10_200k_comp1k_SAD-33.38",
    "96f85d56": "baseline_r34_4x10_200k_comp1k_SAD-34.61",
}
_RENAMES = (
    (r"^backbone\.", ""),
    (r"^encoder\.layer4\.", "encoder.layer_bottleneck."),
    (r"^encoder\.guidance_head\.0\.conv\.", "encoder.guidance_head.1."),
    (r"^encoder\.guidance_head\.0\.bn\.", "encoder.guidance_head.3."),
    (r"^encoder\.guidance_head\.1\.conv\.", "encoder.guidance_head.5."),
    (r"^encoder\.guidance_head\.1\.bn\.", "encoder.guidance_head.7."),
    (r"^encoder\.guidance_head\.2\.conv\.", "encoder.guidance_head.9."),
    (r"^encoder\.guidance_head\.2\.bn\.", "encoder.guidance_head.11."),
    (r"^(encoder\.shortcut\.\d)\.0\.conv\.", r"\1.0."),
    (r"^(encoder\.shortcut\.\d)\.0\.bn\.", r"\1.2."),
    (r"^(encoder\.shortcut\.\d)\.1\.conv\.", r"\1.3."),
    (r"^(encoder\.shortcut\.\d)\.1\.bn\.", r"\1.5."),
    (r"\.gca\.out_conv\.conv\.", ".gca.W.0."),
    (r"\.gca\.out_conv\.bn\.", ".gca.W.1."),
    (r"^(encoder\..*)\.interpolation\.1\.conv\.", r"\1.downsample.1."),
    (r"^(encoder\..*)\.interpolation\.1\.bn\.", r"\1.downsample.2."),
    (r"^(decoder\..*)\.interpolation\.1\.conv\.", r"\1.upsample.1."),
    (r"^(decoder\..*)\.interpolation\.1\.bn\.", r"\1.upsample.2."),
    (r"\.conv(\d)\.conv\.", r".conv\1."),
    (r"\.conv(\d)\.bn\.", r".bn\1."),
)


def fold_spectral_norm(
    tensors: Tensors, weight: str, vectors: tuple[str, str], transposed_axis: int
) -> Tensors:
    """Return tensors with each normalised weight divided by σ = uᵀWv, and without u and v.

    Parameters
    ----------
    tensors
        Of a file.
    weight, vectors
        How it ends the names of a weight W, of u and of v.
    transposed_axis
        Which axis of a transposed convolution is W's rows; the first one is, of all others.

    Raises
    ------
    ValueError
        If a weight lacks its u or v, or their lengths do not fit.
    """
    folded = {}
    for name, tensor in tensors.items():
        if name.endswith(weight):
            stem = name.removesuffix(weight)
            missing = [stem + end for end in vectors if stem + end not in tensors]
            if missing:
                raise ValueError(f"{name}: lacks {', '.join(missing)} of its normalisation")
            u, v = (tensors[stem + end].float().flatten() for end in vectors)
            transposed = tensor.shape[-1] == 4  # no other kernel of the network is 4×4
            axis = transposed_axis if transposed else 0
            folded[f"{stem}.weight"] = tensor.float() / _sigma(name, tensor.float(), u, v, axis)
        elif not name.endswith(vectors):
            folded[name] = tensor
    return folded


def _sigma(name: str, weight: Tensor, u: Tensor, v: Tensor, axis: int) -> Tensor:
    matrix = weight.transpose(0, axis).flatten(1)
    if matrix.shape != (len(u), len(v)):
        rows, columns = matrix.shape
        raise ValueError(f"{name}: u and v have {len(u)} and {len(v)}; expected {rows}, {columns}")
    return u @ matrix @ v


def _fold_official(tensors: Tensors) -> Tensors:
    vectors = (".module.weight_u", ".module.weight_v")
    return fold_spectral_norm(tensors, ".module.weight_bar", vectors, transposed_axis=0)


def _fold_mmagic(tensors: Tensors) -> Tensors:
    vectors = (".weight_u", ".weight_v")
    return fold_spectral_norm(tensors, ".weight_orig", vectors, transposed_axis=1)


def _attention(tensors: Tensors) -> gca.GcaConfig:
    return gca.GcaConfig(attention=any(".gca." in name for name in tensors))


LAYOUTS = (
    Layout(
        "Yaoyi-Li/GCA-Matting",
        marker="encoder.conv1.module.weight_bar",
        configure=_attention,
        convert=_fold_official,
        licence="program MIT; weights non-commercial (Adobe's data)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
    ),
    Layout(
        "open-mmlab/mmagic",
        marker="backbone.encoder.conv1.conv.weight_orig",
        configure=_attention,
        renames=_RENAMES,
        convert=_fold_mmagic,
        licence="Apache-2.0, trained on Adobe's data (non-commercial)",
        trained_on=ADOBE,
        leak=ADOBE_LEAKS,
        files=_MMAGIC_FILES,
    ),
)


class Gca(NetworkMethod):
    """Guided contextual attention matting; without attention it is the paper's baseline."""

    name = "gca"
    card = network_card(
        paper="Li, Lu 2020, doi:10.1609/aaai.v34i07.6809",
        year=2020,
        fidelity="faithful",
        implementation="ours: faithful to the released program, spectral normalisation folded into "
        "the weights, padded at the bottom and on the right as its tester does",
        weights="gca-dist.pth of Yaoyi-Li/GCA-Matting or "
        "gca_r34_4x10_200k_comp1k_SAD-33.38….pth of open-mmlab/mmagic",
        parameters=25_164_529,
        gmac_512=47.6,
        layouts=LAYOUTS,
    )
    memory_gb_per_megapixel = 1.3
    network_name = "gca"
    build = gca.Gca
    config_kind = gca.GcaConfig
    layouts = LAYOUTS

    def training(self, source: Source) -> Mapping[str, str]:
        """Flag the released file that saw Composition-1k's test set, which only its name tells."""
        if "all-data" not in source.state.path.name:
            return {}
        return {
            "trained_on": f"{ADOBE} and Composition-1k's test set",
            "leak": ", ".join(("composition1k", *ADOBE_LEAKS)),
        }
