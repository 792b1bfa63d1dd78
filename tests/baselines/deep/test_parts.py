"""Parts of networks against the formulas of their papers, worked out another way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.deep.methods.fba import standardise, trimap_channels
from baselines.deep.methods.gca import fold_spectral_norm
from baselines.deep.networks.fba import fuse
from baselines.deep.networks.gca import GuidedAttention
from baselines.deep.networks.indexnet import IndexBlock, InvertedResidual
from baselines.deep.networks.parts.blocks import one_hot_trimap
from baselines.deep.networks.parts.patches import extract_patches, spread_patches
from baselines.deep.networks.parts.sampler import contextual_attention


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_pooling_indices_add_up_to_one_and_unpooling_ones_do_not() -> None:
    pooling, unpooling = IndexBlock(4, 1).eval()(torch.randn(1, 4, 8, 6))
    assert pooling.shape == unpooling.shape == (1, 4, 8, 6)
    assert torch.allclose(4 * F.avg_pool2d(pooling, 2), torch.ones(1, 4, 4, 3))
    assert unpooling.min() > 0
    assert unpooling.max() < 1


def test_index_branches_look_at_one_place_of_each_square() -> None:
    """Branch k weighs pixel (k // 2, k % 2) of every 2×2 square."""
    block = IndexBlock(2, 1).eval()
    for place in range(1, 5):
        branch = block.get_submodule(f"indexnet{place}")
        for each in branch.parameters():
            nn.init.zeros_(each)
        nn.init.constant_(branch[1].bias, 1.0)  # the last convolution sees ones
        nn.init.constant_(branch[3].weight, place / 2)
    _, unpooling = block(torch.zeros(1, 2, 2, 2))
    expected = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).sigmoid()
    assert torch.allclose(unpooling[0, 0], expected)


def test_padding_precedes_the_expansion() -> None:
    """A border of zeros becomes the expansion's shift, as in the released program."""
    block = InvertedResidual(1, 1, 2, residual=False).eval()
    for each in block.parameters():
        nn.init.zeros_(each)
    nn.init.constant_(block.conv[1].bias, 1.0)  # after the expansion everything is 1
    nn.init.constant_(block.conv[3].weight, 1.0)
    nn.init.constant_(block.conv[4].weight, 1.0)
    nn.init.constant_(block.conv[6].weight, 0.5)
    nn.init.constant_(block.conv[7].weight, 1.0)
    out = block.conv(F.pad(torch.zeros(1, 1, 3, 3), (1, 1, 1, 1)))
    assert torch.allclose(out, torch.full_like(out, 6.0), rtol=1e-4)  # 9 clipped to 6, borders too


def test_guided_attention_is_the_papers_formula() -> None:
    """Patch by patch, in plain loops."""
    attention = GuidedAttention(3, 4).eval()
    nn.init.ones_(attention.W[1].weight)
    guidance, features = torch.randn(1, 4, 8, 12), torch.randn(1, 3, 8, 12)
    unknown = torch.zeros(1, 1, 8, 12)
    unknown[..., 2:6, 4:9] = 1
    expected = guided_by_loops(attention, guidance, features, unknown)
    assert torch.allclose(attention(guidance, features, unknown), expected, atol=1e-5)


def guided_by_loops(
    attention: GuidedAttention, guidance: Tensor, features: Tensor, unknown: Tensor
) -> Tensor:
    looks = F.pad(attention.guidance_conv(guidance)[..., ::2, ::2], (1,) * 4, mode="reflect")[0]
    values = F.pad(features, (1,) * 4, mode="reflect")[0]
    small = F.pad(unknown[..., ::2, ::2], (1,) * 4, mode="reflect")[0, 0]
    rows, columns = 4, 6
    places = [(row, column) for row in range(rows) for column in range(columns)]
    share = float(unknown[..., ::2, ::2].mean())
    ratio = (share / (1 - share)) ** 0.5
    patches = [looks[:, row : row + 3, column : column + 3] for row, column in places]
    is_unknown = [bool(small[row : row + 3, column : column + 3].any()) for row, column in places]
    out = torch.zeros(3, 2 * rows + 2, 2 * columns + 2)
    for here, (row, column) in enumerate(places):
        scores = []
        for there in range(len(places)):
            key = patches[there] / patches[there].norm().clamp(min=1e-4)
            score = (patches[here] * key).sum() * (
                min(max(ratio, 0.1), 10) if is_unknown[there] else min(max(1 / ratio, 0.1), 10)
            )
            scores.append(score - 1e4 * (here == there and is_unknown[there]))
        weights = torch.stack(scores).softmax(0)
        for there, (y, x) in enumerate(places):
            patch = values[:, 2 * y : 2 * y + 4, 2 * x : 2 * x + 4]
            out[:, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4] += weights[there] * patch
    spread: Tensor = attention.W(out[None, :, 1:-1, 1:-1] / 4) + features
    return spread


def test_patches_come_back_where_all_overlap() -> None:
    features = torch.randn(1, 2, 8, 8)
    back = spread_patches(extract_patches(features, 4, 2), 8, 8)
    assert torch.allclose(back[..., 1:-1, 1:-1], features[..., 1:-1, 1:-1], atol=1e-6)


def test_contextual_attention_takes_nothing_from_the_hole() -> None:
    features = torch.randn(1, 3, 16, 16)
    hole = torch.zeros(1, 1, 16, 16)
    hole[..., 4:10, 4:10] = 1
    changed = features.clone()
    changed[..., 5:9, 5:9] += 100
    one, two = (contextual_attention(each, hole) for each in (features, changed))
    assert torch.isfinite(one).all()
    assert two.abs().max() < 50  # the hole's own values are nowhere
    everything = contextual_attention(features, torch.ones_like(hole))
    assert torch.isfinite(everything).all()


@pytest.mark.parametrize(
    ("module", "axis"), [(nn.Conv2d(3, 5, 3), 0), (nn.ConvTranspose2d(3, 5, 4), 1)]
)
def test_spectral_normalisation_is_folded_as_torch_computes_it(
    module: nn.Module, axis: int
) -> None:
    """Torch takes the second axis of a transposed convolution, and so does mmagic."""
    normalised = nn.utils.spectral_norm(module, n_power_iterations=5)
    for _ in range(5):
        normalised(torch.randn(1, 3, 8, 8))
    normalised.eval()
    state = normalised.state_dict()
    folded = fold_spectral_norm(state, "weight_orig", ("weight_u", "weight_v"), axis)
    assert sorted(folded) == [".weight", "bias"]
    given = torch.randn(1, 3, 8, 8)
    call = F.conv2d if axis == 0 else F.conv_transpose2d
    assert torch.allclose(
        call(given, folded[".weight"], state["bias"]), normalised(given), atol=1e-5
    )


def test_spectral_normalisation_without_its_vectors_is_refused() -> None:
    tensors = {"a.weight_orig": torch.zeros(2, 2, 3, 3), "a.weight_u": torch.zeros(2)}
    with pytest.raises(ValueError, match=r"a\.weight_orig: lacks a\.weight_v"):
        fold_spectral_norm(tensors, ".weight_orig", (".weight_u", ".weight_v"), 0)
    tensors["a.weight_v"] = torch.zeros(17)
    with pytest.raises(ValueError, match="u and v have 2 and 17; expected 2, 18"):
        fold_spectral_norm(tensors, ".weight_orig", (".weight_u", ".weight_v"), 0)


def test_standardised_filters_have_mean_0_and_deviation_1() -> None:
    given = {
        "encoder.conv1.weight": 3 + 2 * torch.randn(4, 3, 5, 5),
        "decoder.conv_up4.0.weight": torch.randn(2, 2, 3, 3),
        "encoder.bn1.weight": torch.randn(4),
    }
    out = standardise(given)
    filters = out["encoder.conv1.weight"].flatten(1)
    assert torch.allclose(filters.mean(1), torch.zeros(4), atol=1e-5)
    assert torch.allclose(filters.std(1, correction=0), torch.ones(4), atol=1e-4)
    for name in ("decoder.conv_up4.0.weight", "encoder.bn1.weight"):
        assert torch.equal(out[name], given[name])


def test_a_true_decomposition_is_a_fixed_point_of_the_fusion() -> None:
    alpha, foreground, background = (
        torch.rand(1, 1, 4, 5),
        torch.rand(1, 3, 4, 5),
        torch.rand(1, 3, 4, 5),
    )
    image = alpha * foreground + (1 - alpha) * background
    for fused, true in zip(
        fuse(alpha, foreground, background, image), (alpha, foreground, background), strict=True
    ):
        assert torch.allclose(fused, true, atol=1e-5)


def test_distance_maps_fall_off_from_the_known_pixels() -> None:
    """One background pixel; s = 0.02, 0.08, 0.16 of 320 pixels, squared twice."""
    two = np.zeros((1, 9, 2), np.float32)
    two[0, 2, 0] = 1
    maps = trimap_channels(two)[0]
    assert maps.shape == (9, 8)
    for channel, sigma in enumerate((6.4, 25.6, 51.2)):
        assert maps[7, channel] == pytest.approx(np.exp(-25 / (2 * sigma**2)), rel=1e-3)
        assert maps[2, channel] == 1
    assert (maps[:, 3:6] == 0).all()  # nobody is foreground
    assert (maps[:, 6:] == two[0]).all()


def test_one_hot_trimaps() -> None:
    values = torch.tensor([0, 84, 85, 128, 169, 170, 255]).view(1, 1, 1, 7) / 255
    background, unknown, foreground = one_hot_trimap(values)[0, :, 0]
    assert background.tolist() == [1, 1, 0, 0, 0, 0, 0]
    assert unknown.tolist() == [0, 0, 1, 1, 1, 0, 0]
    assert foreground.tolist() == [0, 0, 0, 0, 0, 1, 1]
