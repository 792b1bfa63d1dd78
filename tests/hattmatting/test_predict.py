"""Predicting a user's picture: its size, its padding, its working size, its errors."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from distinctions646.images.png import write_png
from distinctions646.images.reading import read_alpha
from hattmatting.method import Hatt
from hattmatting.model.ablations import ROWS
from hattmatting.model.config import HAttConfig
from hattmatting.model.network import HAttMatting
from hattmatting.predict import main, predict

SMALL = HAttConfig(backbone="resnet-4", aspp_channels=8, decoder_channels=8)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    HAttMatting(SMALL).save_pretrained(tmp_path / "weights")
    return tmp_path / "weights"


def picture(height: int, width: int) -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("size", [(64, 32), (50, 71), (7, 200), (1, 1), (30, 4000)])
def test_matte_has_the_pictures_size(size: tuple[int, int]) -> None:
    alpha = predict(HAttMatting(SMALL).eval(), picture(*size))
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1


def test_nothing_is_resized_unasked() -> None:
    model = HAttMatting(SMALL).eval()
    seen: list[tuple[int, ...]] = []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    predict(model, picture(50, 71))
    predict(HAttMatting(SMALL).eval(), picture(50, 71))
    assert seen == [(1, 3, 64, 96)]


def test_working_size_is_used_and_told(checkpoint: Path) -> None:
    config = dataclasses.replace(SMALL, inference_long_side=64)
    (checkpoint / "config.json").write_text(config.to_json())
    method = Hatt(str(checkpoint))
    seen: list[tuple[int, ...]] = []
    method.model.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))
    alpha, notes = method(picture(100, 200))
    assert alpha.shape == (100, 200)
    assert seen == [(1, 3, 32, 64)]
    assert notes == {"resized_long_side": 64}
    assert "sha256:" in method.card["weights"]


def test_one_tile_is_the_whole() -> None:
    model = HAttMatting(SMALL).eval()
    image = picture(50, 71)
    assert np.allclose(predict(model, image, tile=96), predict(model, image), atol=1e-6)


def test_tiles_cover_and_blend() -> None:
    """A network that answers with its input's red channel has the same answer in tiles."""

    class Red(torch.nn.Module):
        config = SMALL

        def __init__(self) -> None:
            super().__init__()
            self.unused = torch.nn.Parameter(torch.zeros(1))

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            sides.append(tuple(image.shape[-2:]))
            return image[:, :1]

    sides: list[tuple[int, ...]] = []
    image = picture(150, 201)
    alpha = predict(Red(), image, tile=64)  # type: ignore[arg-type]
    assert np.allclose(alpha, image[..., 0] / 255, atol=1e-6)
    assert set(sides) == {(64, 64)}
    assert len(sides) == 3 * 4


def test_long_side_asked_for() -> None:
    model = HAttMatting(dataclasses.replace(SMALL, inference_long_side=64)).eval()
    seen: list[tuple[int, ...]] = []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape[-2:])))
    for side in ("trained", None, 96):
        assert predict(model, picture(64, 128), long_side=side).shape == (64, 128)  # type: ignore[arg-type]
    assert seen == [(32, 64), (64, 128), (64, 96)]


def test_mirrored_image_gives_the_mirrored_matte() -> None:
    """With the mean of both, the direction of an image does not matter; without it does."""
    image = picture(64, 96)
    mirrored = np.ascontiguousarray(image[:, ::-1])
    torch.manual_seed(0)
    one_sided = HAttMatting(SMALL).eval()
    torch.nn.init.normal_(one_sided.head.weight, std=1.0)
    assert np.abs(predict(one_sided, image) - predict(one_sided, mirrored)[:, ::-1]).max() > 1e-3
    both = HAttMatting(dataclasses.replace(SMALL, inference_mirrored=True)).eval()
    both.load_state_dict(one_sided.state_dict())
    assert np.allclose(predict(both, image), predict(both, mirrored)[:, ::-1], atol=1e-6)
    mean = (predict(one_sided, image) + predict(one_sided, mirrored)[:, ::-1]) / 2
    assert np.allclose(predict(both, image), mean, atol=1e-6)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="image is 4×5 float32; expected H×W×3 uint8"):
        predict(HAttMatting(SMALL).eval(), np.zeros((4, 5), np.float32))  # type: ignore[arg-type]


def test_command(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    Image.fromarray(picture(30, 30)).save(tmp_path / "grey.jpg")
    out = tmp_path / "mattes"
    images = [str(tmp_path / name) for name in ("photo.png", "grey.jpg")]
    assert main([*images, "--out", str(out), "--weights", str(checkpoint)]) == 0
    assert read_alpha(out / "photo.png").shape == (40, 60)
    assert sorted(path.name for path in out.iterdir()) == ["cutout", "grey.png", "photo.png"]
    with Image.open(out / "cutout" / "photo.png") as cutout:
        pixels = np.asarray(cutout)
    assert pixels.shape == (40, 60, 4)
    assert np.array_equal(pixels[..., 3], read_alpha(out / "photo.png"))
    names = ("photo.png", "cutout/photo.png", "grey.png", "cutout/grey.png")
    assert capsys.readouterr().out == "".join(f"{out / name}\n" for name in names)


def test_folder_and_background(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a.png", "b.png"):
        write_png(tmp_path / "photos" / name, picture(24, 33))
    out = tmp_path / "mattes"
    options = ["--out", str(out), "--weights", str(checkpoint), "--background", "#ff8000"]
    assert main([str(tmp_path / "photos"), *options, "--alpha-only"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.png", "b.png", "composite"]
    names = ("a.png", "composite/a.png", "b.png", "composite/b.png")
    assert capsys.readouterr().out == "".join(f"{out / name}\n" for name in names)
    with Image.open(out / "composite" / "b.png") as composite:
        assert composite.size == (33, 24)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_pictures_of_other_kinds(checkpoint: Path, tmp_path: Path, mode: str) -> None:
    """Grey, palette and RGBA are read as RGB, whatever an own alpha says."""
    Image.fromarray(picture(20, 30)).convert(mode).save(tmp_path / "photo.png")
    options = ["--out", str(tmp_path / "out"), "--weights", str(checkpoint), "--alpha-only"]
    assert main([str(tmp_path / "photo.png"), *options]) == 0
    assert read_alpha(tmp_path / "out" / "photo.png").shape == (20, 30)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tile", "70"], "tile is 70; expected a multiple of 32 from 64 on"),
        (["--long-side", "big"], "--long-side is 'big'; expected pixels, full or trained"),
        (["--device", "tpu"], "device 'tpu' cannot be used here"),
    ],
)
def test_wrong_options_exit_2(
    checkpoint: Path,
    tmp_path: Path,
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    common = [str(tmp_path / "photo.png"), "--out", str(tmp_path / "out")]
    assert main([*common, "--weights", str(checkpoint), *options]) == 2
    assert message in capsys.readouterr().err


def test_sixteen_bits_are_refused(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(np.full((20, 30), 40000, np.uint16)).save(tmp_path / "deep.png")
    options = ["--out", str(tmp_path / "out"), "--weights", str(checkpoint)]
    assert main([str(tmp_path / "deep.png"), *options]) == 2
    assert "deep.png: image has mode I;16; expected 8 bits" in capsys.readouterr().err


def test_errors_leave_nothing(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    (tmp_path / "broken.png").write_bytes((tmp_path / "photo.png").read_bytes()[:200])
    out = tmp_path / "mattes"
    options = ["--out", str(out), "--weights", str(checkpoint)]
    (tmp_path / "photo.jpg").touch()
    for bad, message in (
        ("broken.png", "cannot be read as an image"),
        ("missing.png", "does not exist; expected a picture or a folder of pictures"),
    ):
        assert main([str(tmp_path / "photo.png"), str(tmp_path / bad), *options]) == 2
        assert f"{tmp_path / bad}: {message}" in capsys.readouterr().err
    assert main([str(tmp_path / "photo.png"), str(tmp_path / "photo.jpg"), *options]) == 2
    assert "both would be written to" in capsys.readouterr().err
    assert not out.exists()


def test_a_photograph_is_never_overwritten(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    before = (tmp_path / "photo.png").read_bytes()
    options = ["--out", str(tmp_path), "--weights", str(checkpoint)]
    assert main([str(tmp_path / "photo.png"), *options]) == 2
    assert "is one of the images; give another --out" in capsys.readouterr().err
    assert (tmp_path / "photo.png").read_bytes() == before


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_missing_device(checkpoint: Path, device: str) -> None:
    with pytest.raises(ValueError, match=f"device '{device}' cannot be used here"):
        Hatt(str(checkpoint), device=device)


@pytest.mark.parametrize("name", [name for name in ROWS if name != "hatt"])
def test_ablations_are_methods_of_their_own(name: str, tmp_path: Path) -> None:
    method = next(m for m in Hatt.__subclasses__() if m.name == name)
    with pytest.raises(ValueError, match=f"{name}: no checkpoint of it ships; expected weights"):
        method()
    HAttMatting(ROWS[name].apply(SMALL)).save_pretrained(tmp_path / "right")
    alpha, _ = method(str(tmp_path / "right"))(picture(20, 30))
    assert alpha.shape == (20, 30)
    other = "hatt-basic" if ROWS[name].low_level else "hatt-basic-low"
    HAttMatting(ROWS[other].apply(SMALL)).save_pretrained(tmp_path / "other")
    with pytest.raises(ValueError, match=f"other: is another network than {name}"):
        method(str(tmp_path / "other"))


def test_missing_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        Hatt(str(tmp_path / "nothing"))


def test_a_file_is_no_folder_to_write_to(checkpoint: Path, tmp_path: Path) -> None:
    write_png(tmp_path / "photo.png", picture(40, 60))
    (tmp_path / "file").write_text("kept")
    out = str(tmp_path / "file")
    assert main([str(tmp_path / "photo.png"), "--out", out, "--weights", str(checkpoint)]) != 0
    assert (tmp_path / "file").read_text() == "kept"


def test_mean_of_several_sizes() -> None:
    """The logits' mean, at the largest size, of what single sizes give."""
    torch.manual_seed(0)
    one = HAttMatting(dataclasses.replace(SMALL, inference_long_side=96)).eval()
    torch.nn.init.normal_(one.head.weight, std=0.3)
    several = HAttMatting(
        dataclasses.replace(SMALL, inference_long_side=96, inference_more_sides=(64,))
    ).eval()
    several.load_state_dict(one.state_dict())
    image = picture(64, 96)
    seen: list[tuple[int, ...]] = []
    several.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape[-2:])))
    joined = predict(several, image)
    assert seen == [(64, 96), (64, 64)]  # the second is padded from 43 rows
    singles = np.stack([predict(one, image, long_side=side) for side in (96, 64)])
    low, high = singles.min(0), singles.max(0)
    inside = (joined >= low - 0.01) & (joined <= high + 0.01)
    assert inside.mean() > 0.97  # sizes are joined before the last rounding, not after
    assert np.array_equal(predict(several, image, long_side=96), singles[0])


def test_sizes_that_agree_are_exact() -> None:
    class Half(torch.nn.Module):
        config = dataclasses.replace(SMALL, inference_long_side=64, inference_more_sides=(32,))

        def __init__(self) -> None:
            super().__init__()
            self.unused = torch.nn.Parameter(torch.zeros(1))

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return (
                (torch.arange(image.shape[-1]) >= image.shape[-1] // 2)
                .float()
                .expand(1, 1, *image.shape[-2:])
            )

    alpha = predict(Half(), picture(64, 64))  # type: ignore[arg-type]
    assert (alpha[:, :28] == 0).all()
    assert (alpha[:, 36:] == 1).all()
