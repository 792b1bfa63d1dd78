"""Draw the attention: which channels the network keeps, and where it looks for edges.

    python -m hattmatting.inspect_attention photo.jpg --out maps

writes maps/photo.png: the image, its matte, the spatial attention map over block 1's cues, and the
channel attention as bars, sorted.
"""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.inference.photographs import Photographs, note_files
from hattmatting.inference.predicting import predict, scaled_size, working_side
from hattmatting.inference.targets import expand, refuse_collisions

if TYPE_CHECKING:
    from torch import Tensor, nn

    from hattmatting.model.network import HAttMatting


@dataclass(frozen=True)
class AttentionMaps:
    """One image's matte and attention.

    `alpha` is float32 H×W; `spatial` float32 maps×h×w at block 1's stride; `channel` float32, one
    weight a channel: all in [0, 1]. A network without one of the two attentions has None there.
    """

    alpha: npt.NDArray[np.float32]
    spatial: npt.NDArray[np.float32] | None
    channel: npt.NDArray[np.float32] | None


def attention_maps(model: HAttMatting, image: npt.NDArray[np.uint8]) -> AttentionMaps:
    """Return the matte of one image and the attention that made it.

    Parameters
    ----------
    model
        In evaluation mode.
    image
        uint8 H×W×3 RGB.
    """
    seen: dict[str, npt.NDArray[np.float32]] = {}
    padded: list[int] = []  # the padded image's height, which gives a map's stride
    size = (image.shape[0], image.shape[1])
    height, width = scaled_size(size, working_side(model, size, "trained"))

    def keep_height(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        padded.append(int(inputs[0].shape[-2]))

    def keep_channel(module: Any, inputs: tuple[Tensor, ...], _: Tensor) -> None:
        seen["channel"] = module.weights(inputs[0])[0].flatten().float().cpu().numpy()

    def keep_spatial(_module: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        stride = padded[0] // output.shape[-2]
        inside = output[0, :, : -(-height // stride), : -(-width // stride)]
        seen["spatial"] = inside.float().cpu().numpy()

    hooks: list[Any] = [model.register_forward_pre_hook(keep_height)]
    if model.config.channel_attention:
        hooks.append(model.find_attention("channel").register_forward_hook(keep_channel))
    if model.config.spatial_attention:
        hooks.append(model.find_attention("spatial").register_forward_hook(keep_spatial))
    try:  # at one size, whose attention it is
        alpha = predict(model, image, long_side=working_side(model, size, "trained"))
    finally:
        for hook in hooks:
            hook.remove()
    return AttentionMaps(alpha, seen.get("spatial"), seen.get("channel"))


def draw(path: Path, image: npt.NDArray[np.uint8], maps: AttentionMaps) -> None:
    """Write a PNG of image, matte, the mean of the spatial maps and the sorted channel weights."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subplots(1, 4)
    for place, picture, title in (
        (places[0], image, "image"),
        (places[1], maps.alpha, "alpha"),
    ):
        place.imshow(picture, cmap="gray", vmin=0, vmax=1 if picture.ndim == 2 else None)
        place.set_title(title)
        place.axis("off")
    places[2].set_title("spatial attention")
    places[2].axis("off")
    if maps.spatial is not None:
        shown = places[2].imshow(maps.spatial.mean(axis=0), cmap="viridis")
        figure.colorbar(shown, ax=places[2], shrink=0.8)
    places[3].set_title("channel attention, sorted")
    places[3].set_ylim(0, 1)
    if maps.channel is not None:
        weights = np.sort(maps.channel)[::-1]
        places[3].bar(np.arange(len(weights)), weights, width=1.0)
        places[3].set_xlabel(f"{len(weights)} channels of the pyramidal features")
    for place, there in ((places[2], maps.spatial), (places[3], maps.channel)):
        if there is None:
            place.text(0.5, 0.5, "none in this network", ha="center", transform=place.transAxes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    write_bytes(path, buffer.getvalue())


def inspect_files(images: tuple[Path, ...], out: Path, weights: str, device: str) -> None:
    """Draw the attention of files and folders, of photographs turned upright.

    Raises
    ------
    ValueError
        If a picture, the checkpoint or the device cannot be used.
    """
    paths, left_out = expand(images)
    refuse_collisions(paths, [out])
    pictures = Photographs(paths)

    from hattmatting.inference.device import find_device
    from hattmatting.model.network import HAttMatting

    model = HAttMatting.from_pretrained(weights).to(find_device(device))
    out.mkdir(parents=True, exist_ok=True)
    for path in paths:
        target, image = out / f"{path.stem}.png", pictures.read(path).pixels
        draw(target, image, attention_maps(model, image))
        sys.stdout.write(f"{target}\n")
    note_files(left_out)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m hattmatting.inspect_attention", __doc__)
    parser.add_argument("images", type=Path, nargs="+", help="photographs, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="folder for the drawings")
    parser.add_argument("--weights", default="hatt-lite", help="checkpoint")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1")
    options = parser.parse_args(arguments)
    return run_command(
        lambda: inspect_files(tuple(options.images), options.out, options.weights, options.device)
    )


if __name__ == "__main__":
    sys.exit(main())
