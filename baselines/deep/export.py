"""Export a learned method's network to ONNX, with the model file that runs it as ``onnx:``.

    python -m baselines.deep.export --method indexnet --weights FILE --out indexnet.onnx
    python -m benchmark.run --method onnx:indexnet.toml --dataset ./mini

Input `image`, float32 1×3×H×W RGB in [0, 1]; of methods that need one `trimap`, 1×1×H×W of 0,
128/255 and 1 (`fba`: its eight channels); output `alpha`, 1×1×H×W. H and W may be any multiples of
the network's stride. Wants the extra distinctions646[onnx].
"""

from __future__ import annotations

import difflib
import json
import math
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from torch import Tensor, nn

from baselines.deep.fitting import Fit
from baselines.deep.methods.fba import Fba
from baselines.deep.network_method import NetworkMethod
from baselines.deep.networks.fba import TRIMAP_CHANNELS
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.export import STRIDE, export_onnx


class AlphaAlone(nn.Module):
    """A network that returns alpha instead of all that it knows."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, trimap: Tensor | None = None) -> Tensor:
        """Return alpha, B×1×H×W, of an image and, where it takes one, a trimap."""
        output = self.network(image) if trimap is None else self.network(image, trimap)
        alpha: Tensor = output["alpha"]
        return alpha.clamp(0, 1)


def export_method(method: NetworkMethod, path: Path) -> Path:
    """Write a method's network as ONNX, and beside it the model file that runs it.

    Parameters
    ----------
    method
        With its weights, on the CPU.
    path
        The ONNX file; the model file has its name with ``.toml``.

    Returns
    -------
    Path
        The model file.

    Raises
    ------
    ValueError
        If the method starts from other methods' mattes, or torch cannot export the network.
    OSError
        If a file cannot be written.
    """
    if hasattr(method, "mattes_of"):
        others = " and ".join(method.mattes_of)
        raise ValueError(
            f"{method.name}: starts from the mattes of {others}; no ONNX file has them"
        )
    inputs = {"image": 3}
    if method.needs_trimap:
        inputs["trimap"] = TRIMAP_CHANNELS if isinstance(method, Fba) else 1
    export_onnx(AlphaAlone(method.network).eval(), path, inputs)
    model_file = path.with_suffix(".toml")
    write_bytes(model_file, "".join(f"{line}\n" for line in _model_file(method, path)).encode())
    return model_file


def _model_file(method: NetworkMethod, path: Path) -> Iterator[str]:
    card = method.card
    yield f"weights = {json.dumps(path.name)}"
    yield from ("", "[card]")
    for name in ("paper", "licence"):
        yield f"{name} = {json.dumps(card[name], ensure_ascii=False)}"
    yield f"year = {card['year']}"
    yield f"trained_on = [{json.dumps(card['trained_on'], ensure_ascii=False)}]"
    if card.get("leak"):
        yield f"leak = {json.dumps(card['leak'].split(', '))}"
    yield f"parameters = {card['parameters'].replace(',', '_')}"
    yield f"implementation = {json.dumps(f'{method.name} of this suite, exported')}"
    yield from ("", "[input]", 'name = "image"', *_input(method.fit, method))
    if method.needs_trimap:
        encode = '["distances", "two"]' if isinstance(method, Fba) else '"raw"'
        yield from ("", "[trimap]", 'name = "trimap"', f"encode = {encode}")
        if not isinstance(method, Fba) and method.fit.how != "pad":
            yield f'resize = "{method.fit.trimap}"'
    if method.fit.how != "pad":
        yield from ("", "[output]", f'resize = "{method.fit.back}"')


def _input(fit: Fit, method: NetworkMethod) -> Iterator[str]:
    """Return how a picture meets the stride; above a size that memory bears, it is reduced."""
    side = method.longest or math.isqrt(method.largest_pixels)
    yield f'size = "{"long" if method.longest else "area"}"'
    yield f"side = {side}  # the method itself sees larger pictures in tiles"
    yield 'when = "larger"'
    yield f"multiple = {STRIDE}"
    if fit.how == "pad":
        yield from ('fit = "pad"', 'pad = "reflect"')
    else:
        yield from (f'round = "{fit.how}"', f'resize = "{fit.image}"', "antialias = false")


def _find_kind(name: str) -> type[NetworkMethod]:
    """Return the class of a registered learned method."""
    registered = {entry.name: entry for entry in entry_points(group="matting.methods")}
    learned = sorted(
        each for each, entry in registered.items() if entry.value.startswith("baselines.deep.")
    )
    if name not in learned:
        near = difflib.get_close_matches(name, learned, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(learned)}"
        raise ValueError(f"--method {name} is no learned method; {hint}")
    kind: type[NetworkMethod] = registered[name].load()
    return kind


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m baselines.deep.export", __doc__)
    parser.add_argument("--method", required=True, help="a learned method")
    parser.add_argument("--weights", required=True, help="as for benchmark.run")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file")
    options = parser.parse_args(arguments)

    def command() -> None:
        if options.out.suffix != ".onnx":
            raise ValueError(f"--out is {options.out}; expected a name that ends in .onnx")
        model_file = export_method(_find_kind(options.method)(options.weights), options.out)
        sys.stdout.write(f"{options.out}\n{model_file}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
