"""Cut out photographs: full-size alpha mattes from a checkpoint.

    python -m hattmatting.predict photo.jpg --out mattes

writes mattes/photo.png, 8-bit grey of the photograph's size as it is stored: an EXIF orientation is
ignored.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from distinctions646.commandline import make_parser, run_command
from distinctions646.images import alpha_to_u8, read_image, write_png

if TYPE_CHECKING:
    from hattmatting.network import HAttMatting

MULTIPLE = 32  # the backbone's deepest stride, with room for the dilated block


def predict(model: HAttMatting, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the matte of one image.

    Parameters
    ----------
    model
        In evaluation mode. Where its configuration has `inference_long_side`, the image is
        brought to that size and the matte back; otherwise nothing is resized.
    image
        uint8 H×W×3 RGB.

    Returns
    -------
    numpy.ndarray
        float32 H×W in [0, 1].
    """
    import cv2
    import torch
    from torch.nn import functional as F  # noqa: N812

    height, width = image.shape[:2]
    side = model.config.inference_long_side
    if side is not None and max(height, width) != side:
        scale = side / max(height, width)
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(image, size, interpolation=method).astype(np.uint8)
    device = next(model.parameters()).device
    x = (
        torch.from_numpy(np.ascontiguousarray(image)).to(device).permute(2, 0, 1)[None].float()
        / 255
    )
    bottom, right = (-x.shape[-2]) % MULTIPLE, (-x.shape[-1]) % MULTIPLE
    reflects = bottom < x.shape[-2] and right < x.shape[-1]
    padded = F.pad(x, (0, right, 0, bottom), mode="reflect" if reflects else "replicate")
    with torch.inference_mode():
        alpha = model(padded)[..., : x.shape[-2], : x.shape[-1]]
        if alpha.shape[-2:] != (height, width):
            alpha = F.interpolate(alpha, (height, width), mode="bilinear", align_corners=False)
    matte: npt.NDArray[np.float32] = alpha[0, 0].clamp(0, 1).cpu().numpy()
    return matte


def _refuse_collisions(images: list[Path], targets: list[Path]) -> None:
    """Refuse to write two mattes under one name, or one over a photograph."""
    sources: dict[Path, Path] = {}
    for image, target in zip(images, targets, strict=True):
        if target in sources:
            raise ValueError(f"{sources[target]} and {image}: both mattes would be {target}")
        sources[target] = image
    originals = {image.resolve() for image in images}
    for target in targets:
        if target.resolve() in originals:
            raise ValueError(f"{target}: is one of the images; give another --out")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m hattmatting.predict", __doc__)
    parser.add_argument("images", type=Path, nargs="+", help="photographs")
    parser.add_argument("--out", type=Path, required=True, help="folder for the mattes")
    parser.add_argument("--weights", default="tiny", help="checkpoint folder, or a shipped name")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1")
    options = parser.parse_args(arguments)

    def command() -> None:
        targets = [options.out / f"{path.stem}.png" for path in options.images]
        _refuse_collisions(options.images, targets)
        for path in options.images:  # all must be readable before any matte is written
            read_image(path)

        from hattmatting.device import find_device
        from hattmatting.network import HAttMatting

        model = HAttMatting.from_pretrained(options.weights).to(find_device(options.device))
        options.out.mkdir(parents=True, exist_ok=True)
        for path, target in zip(options.images, targets, strict=True):
            write_png(target, alpha_to_u8(predict(model, read_image(path))))
            sys.stdout.write(f"{target}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
