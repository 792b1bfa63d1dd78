"""Export a checkpoint to ONNX, for programs without PyTorch.

    python -m hattmatting.export --weights hatt-lite --out hatt-lite.onnx

Input `image`, float32 B×3×H×W RGB in [0, 1]; output `alpha`, float32 B×1×H×W. H and W may be any
multiples of 32 (pad by reflection, as hattmatting.inference does). Where config.json has
inference_mirrored, that also takes the mean with the matte of the mirrored image, mirrored back.
Wants the extra distinctions646[onnx].
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    from torch import nn

OPSET = 18  # version of ONNX's operators
STRIDE = 32  # of the networks
_TRACED = (2, 96, 128)  # batch, height, width: unequal, so that the exporter tells them apart


def export_onnx(
    model: nn.Module, path: Path, inputs: Mapping[str, int] = MappingProxyType({"image": 3})
) -> None:
    """Write a network as one ONNX file with free batch, height and width.

    Both sides are multiples of `STRIDE`.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU; returns alpha, N×1×H×W.
    path
        The file.
    inputs
        Channels of each input by its name, in order.

    Raises
    ------
    ValueError
        If the packages of the extra ``onnx`` are missing, or torch cannot export the network.
    OSError
        If the file cannot be written.
    """
    import torch

    for name in ("onnx", "onnxscript"):  # torch's exporter imports both
        if importlib.util.find_spec(name) is None:
            raise ValueError(f"{name} is missing; pip install 'distinctions646[onnx]'")
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = (torch.export.Dim(name, min=2, max=512) for name in ("height", "width"))
    batch = torch.export.Dim("batch", min=1, max=1 << 16)
    first, *sides = _TRACED
    free = {0: batch, 2: STRIDE * height, 3: STRIDE * width}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model,
            tuple(torch.zeros(first, channels, *sides) for channels in inputs.values()),
            input_names=list(inputs),
            output_names=["alpha"],
            dynamic_shapes=dict.fromkeys(inputs, free),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ValueError(f"{path}: torch's exporter gave no program")
    write_bytes(path, program.model_proto.SerializeToString())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m hattmatting.export", __doc__)
    parser.add_argument("--weights", default="hatt-lite", help="checkpoint")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file")
    options = parser.parse_args(arguments)

    def command() -> None:
        from hattmatting.model.network import HAttMatting

        sys.stderr.write("exporting; this takes minutes\n")
        export_onnx(HAttMatting.from_pretrained(options.weights), options.out)
        sys.stdout.write(f"{options.out}\n")
        tell_next(f"python -m baselines.onnx {options.out} > {options.out.with_suffix('.toml')}")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
