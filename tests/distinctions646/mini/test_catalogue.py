import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from distinctions646.mini import CLASSES, UNSEEN_CLASSES, render_foreground
from distinctions646.mini.catalogue import GROUPS


def unknown_share(alpha_u8: NDArray[np.uint8], radius: float) -> float:
    """Return the unknown share of the default trimap rule for a radius at 1500 pixels."""
    reach = max(1, round(radius * max(alpha_u8.shape) / 1500))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    known = [cv2.erode((alpha_u8 == value).astype(np.uint8), kernel) for value in (0, 255)]
    return float(1 - np.maximum(*known).mean())


def test_facts_are_complete() -> None:
    assert len(CLASSES) >= 18
    assert {facts.group for facts in CLASSES.values()} == set(GROUPS)
    assert set(UNSEEN_CLASSES) == {"feather", "net", "dandelion", "vehicle"}
    assert UNSEEN_CLASSES == tuple(name for name, facts in CLASSES.items() if facts.unseen)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("size", [64, 256])
def test_every_class_renders(name: str, size: int) -> None:
    pixels = render_foreground(name, size, seed=1)
    alpha = pixels[..., 3]
    assert pixels.dtype == np.uint8
    assert max(pixels.shape[:2]) == size
    assert min(pixels.shape[:2]) >= size // 4
    assert 0.05 < alpha.mean() / 255 < 0.95
    assert (alpha == 0).mean() > 0.03
    assert np.ptp(pixels[alpha > 128, :3].astype(int)) > 20


@pytest.mark.parametrize("name", CLASSES)
def test_same_seed_same_bytes_whatever_came_before(name: str) -> None:
    first = render_foreground(name, 64, seed=3)
    other = render_foreground(name, 64, seed=4)
    assert first.tobytes() == render_foreground(name, 64, seed=3).tobytes()
    assert first.tobytes() != other.tobytes()


def test_global_random_state_is_left_alone() -> None:
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    render_foreground("creature", 64, seed=1)
    assert np.random.random() == expected  # noqa: NPY002


@pytest.mark.parametrize("name", [n for n, f in CLASSES.items() if f.group == "solid"])
def test_solid_classes_have_certain_zones_and_no_specks(name: str) -> None:
    alpha = render_foreground(name, 128, seed=2)[..., 3]
    assert (alpha == 255).mean() > 0.05
    assert (alpha == 0).mean() > 0.1
    # Inside the core and far outside nothing is nearly, but not quite, 255 or 0.
    kernel = np.ones((7, 7), np.uint8)
    core = cv2.erode((alpha > 200).astype(np.uint8), kernel) == 1
    clear = cv2.erode((alpha < 55).astype(np.uint8), kernel) == 1
    assert np.mean(alpha[core] == 255) > 0.995
    assert np.mean(alpha[clear] == 0) > 0.97


@pytest.mark.parametrize("name", ["solid", "creature", "figure", "flower", "defocus", "motion"])
def test_edges_are_not_premultiplied(name: str) -> None:
    """Along an edge colours do not darken with alpha; premultiplied, the ratio would be 0.35."""
    pixels = render_foreground(name, 256, seed=6)
    alpha, bright = pixels[..., 3], pixels[..., :3].max(axis=2)
    low, high = (alpha > 40) & (alpha < 100), (alpha > 160) & (alpha < 240)
    assert min(low.sum(), high.sum()) > 50
    assert 0.75 < np.median(bright[low]) / np.median(bright[high]) < 1.35


def test_smoke_fades_to_true_zero() -> None:
    alpha = render_foreground("smoke", 128, seed=2)[..., 3]
    assert np.all(alpha[:2] == 0)
    assert np.all(alpha[:64, :1] == 0)
    assert np.all(alpha[:64, -1:] == 0)


def test_unknown_class_and_tiny_size_are_refused() -> None:
    with pytest.raises(ValueError, match="name is 'unicorn'; expected a class: creature"):
        render_foreground("unicorn", 64, seed=1)
    with pytest.raises(ValueError, match="size is 8; expected 32 or more"):
        render_foreground("fur", 8, seed=1)


@pytest.mark.slow
def test_shares_of_unknown_and_alpha_are_those_of_real_sets() -> None:
    unknown, alphas = [], []
    for name in CLASSES:
        for seed in range(6):
            alpha = render_foreground(name, 256, seed)[..., 3]
            unknown.append(unknown_share(alpha, 1 + 4.8 * seed))
            alphas.append(alpha.mean() / 255)
    assert 0.2 < np.mean(unknown) < 0.4
    assert 0.3 < np.mean(alphas) < 0.45


@pytest.mark.slow
def test_opaque_part_is_true_where_every_object_has_one() -> None:
    for name, facts in CLASSES.items():
        shares = [(render_foreground(name, 96, s)[..., 3] == 255).mean() for s in range(100, 130)]
        assert (min(shares) >= 0.005) == facts.opaque_part, name
