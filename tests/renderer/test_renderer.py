import sys
from pathlib import Path

import numpy as np
import pytest

from distinctions646.mini.catalogue import GROUPS
from distinctions646.mini.drawing.draws import Draws
from renderer.__main__ import main
from renderer.develop import develop, encode_webp, pack
from renderer.engine import Render
from renderer.gallery import SCENES
from renderer.lighting import MOODS, aim, directions, panorama
from renderer.produce import plan
from renderer.shapes import box, ellipsoid, grid, lathe, leaves, merged, rotation, smooth_path, tube


def test_gallery_is_as_large_as_promised() -> None:
    assert len(SCENES) >= 14
    assert len(plan()) >= 60
    assert {scene.group for scene in SCENES.values()} == set(GROUPS)


def test_plan_picks_scenes_and_seeds() -> None:
    (shot,) = plan("teapot", 2)
    assert shot.name == "teapot_02.webp"
    assert len({shot.name for shot in plan()}) == len(plan())
    with pytest.raises(ValueError, match="scene is 'kettle'; expected one of teapot, "):
        plan("kettle")
    with pytest.raises(ValueError, match="seed is 99; no picture of teapot has it"):
        plan("teapot", 99)


def test_a_missing_blender_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "bpy", None)
    assert main(["--out", str(tmp_path / "out"), "--only", "teapot"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: the path-traced scenes need Blender's Python module")
    assert "pip install bpy==4.2.0" in error
    assert not (tmp_path / "out").exists()


def test_lathe_turns_a_profile_about_z() -> None:
    mesh = lathe([(1, 0), (2, 3)], segments=4)
    expected = [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0), (2, 0, 3), (0, 2, 3), (-2, 0, 3)]
    assert np.allclose(mesh.vertices[:7], expected)
    assert mesh.faces.tolist() == [[0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]


def test_tube_keeps_its_radius() -> None:
    mesh = tube([(0, 0, 0), (0, 0, 1), (0, 0, 2)], 0.5, sides=8)
    far = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 1])
    middle = np.abs(mesh.vertices[:, 2] - 1) < 1.001
    assert np.allclose(far[middle], 0.5)
    assert mesh.vertices[:, 2].max() == pytest.approx(2.5)


def test_path_passes_through_its_points() -> None:
    points = np.array([(0.0, 0.0, 0.0), (1.0, 2.0, 0.0), (3.0, 1.0, 1.0)])
    path = smooth_path(points, 9)
    assert np.allclose(path[[0, 4, 8]], points)


def test_rotation_turns_x_into_y_about_z() -> None:
    assert np.allclose(rotation((0, 0, 2), np.pi / 2) @ [1, 0, 0], [0, 1, 0])


def test_merged_meshes_keep_their_faces() -> None:
    first, second = box((0, 0, 0), (1, 1, 1)), ellipsoid((3, 0, 0), (1, 1, 1), segments=8)
    both = merged([first, second])
    assert np.array_equal(both.faces[:6], first.faces)
    assert np.allclose(both.vertices[both.faces[6:]], second.vertices[second.faces])
    assert len(both.uv) == len(both.vertices)


def test_box_faces_look_outward() -> None:
    mesh = box((0, 0, 0), (2, 2, 2))
    corner = mesh.vertices[mesh.faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    assert (np.einsum("ij,ij->i", normal, corner.mean(axis=1)) > 0).all()


def test_closed_grid_joins_its_ends() -> None:
    points = np.zeros((3, 4, 3))
    assert len(grid(points).faces) == 2 * 3
    assert len(grid(points, closed_u=True).faces) == 2 * 4
    assert len(grid(points, closed_u=True, closed_v=True).faces) == 3 * 4


def test_leaves_begin_at_their_base_and_are_as_wide_as_asked() -> None:
    base = np.array([[0.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    along, up = np.tile([1.0, 0.0, 0.0], (2, 1)), np.tile([0.0, 0.0, 1.0], (2, 1))
    net = leaves(base, along, up, 2.0, 0.5, droop=0.0, fold=0.0, steps=20).vertices
    net = net.reshape(2, 21, 3, 3)
    assert np.allclose(net[:, 0, 1], base)
    assert np.allclose(net[:, -1, 1], base + np.array([2, 0, 0]))
    wide = np.abs(net[..., 1]).max()
    assert wide == pytest.approx(0.5, abs=0.01)


def test_panorama_is_lit_from_the_direction_it_says() -> None:
    view = directions(64, 128)
    assert np.allclose(np.linalg.norm(view, axis=2), 1)
    assert np.allclose(aim(0, 0), [0, -1, 0])
    assert np.allclose(aim(90, 0), [1, 0, 0])
    for mood in MOODS:
        light = panorama(Draws("light", 1), mood, 64)
        assert light.shape == (64, 128, 3)
        assert light.dtype == np.float32
        assert light.min() > 0
        brightest = view[np.unravel_index(light.sum(axis=2).argmax(), (64, 128))]
        assert brightest[2] > 0.2
        assert np.array_equal(light, panorama(Draws("light", 1), mood, 64))


def disc(alpha_scale: float = 1.0) -> Render:
    """A grey disc with a soft rim, premultiplied; black where nothing is."""
    y, x = np.mgrid[:64, :64] - 31.5
    alpha = np.clip((20.5 - np.hypot(x, y)) / 4, 0, 1).astype(np.float32) * alpha_scale
    raw = np.dstack([alpha * 0.4, alpha * 0.2, alpha * 0.1, alpha]).astype(np.float32)
    return Render(raw, raw.copy(), alpha)


@pytest.mark.parametrize("smooth", [False, True])
def test_developing_leaves_no_dark_fringe(smooth: bool) -> None:
    rgba = develop(disc(), smooth=smooth).astype(int)
    middle = rgba[32, 32, :3]
    visible = rgba[..., 3] > 0
    assert rgba[32, 32, 3] == 255
    assert np.abs(rgba[visible][:, :3] - middle).max() <= 2
    # Hidden colours go on beyond the rim.
    assert np.abs(rgba[..., :3] - middle).max() <= 2


def test_finer_alpha_may_reach_beyond_the_coarse_colour() -> None:
    render = disc()
    finer = np.clip(render.alpha * 1.5 + 0.1, 0, 1).astype(np.float32)
    rgba = develop(Render(render.raw, render.denoised, finer)).astype(int)
    visible = rgba[..., 3] > 0
    assert visible.all()
    assert np.abs(rgba[..., :3] - rgba[32, 32, :3]).max() <= 2


def test_far_hidden_colours_become_one() -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[..., :3] = np.arange(40)[:, None, None] * 6
    rgba[:4, :4, 3] = 255
    packed = pack(rgba)
    visible = rgba[..., 3] > 0
    assert np.array_equal(packed[visible], rgba[visible])
    assert np.array_equal(packed[..., 3], rgba[..., 3])
    assert len(np.unique(packed[20:, 20:, :3].reshape(-1, 3), axis=0)) == 1


def test_webp_is_lossless_under_alpha_zero() -> None:
    import cv2

    rgba = (Draws("webp").unit((16, 16, 4)) * 256).astype(np.uint8)
    rgba[:8, :, 3] = 0
    decoded = cv2.imdecode(np.frombuffer(encode_webp(rgba), np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None
    assert np.array_equal(decoded[..., [2, 1, 0, 3]], rgba)
