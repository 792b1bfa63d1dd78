"""Draw a HAttMatting checkpoint's mattes and attention, for its card.

    python -m perf.checkpoint.pictures --weights hattmatting/checkpoints/hatt-mini --mini mini \
        --photographs DIR --u2netp u2netp.onnx

DIR has astronaut.png and chelsea.png as the wheel scikit-image 0.26.0 carries them (skimage/data).
Writes photographs.webp, ranks.webp and attention.webp into --out and names them between the markers
of the README.md there. Photographs have no true matte. Images of mini are chosen by the rank of the
checkpoint's MSE alone. The same inputs, libraries and kind of processor give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from baselines.policy import one_thread
from benchmark.figures.grid import GridRow, Tile
from benchmark.methods.finding import Method, call, load_method
from benchmark.metrics import evaluate
from distinctions646.images.reading import alpha_to_u8, read_image
from distinctions646.loading.opening import Sample, open_split
from distinctions646.mini.photographs import Photograph, list_photographs, read_photograph
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.process.whole_files import write_bytes
from hattmatting.inference.cutout import estimate_foreground, over_colour, parse_colour
from hattmatting.model.network import HAttMatting
from hattmatting.model.pretrained import find_checkpoint
from perf.checkpoint.layout import attention_sheet, lay_out

ImageU8 = npt.NDArray[np.uint8]

QUALITY = 82  # of WebP: words stay crisp, a sheet stays below 200 KB
COLOUR = "#3f8f7f"
OWN = ("bee.webp", "coffee.webp", "launch_pad.webp", "citrus.webp", "bridge.webp")
WHEEL = "scikit-image 0.26.0 (PyPI wheel)"
GIVEN = (
    Photograph(
        "astronaut.png",
        "",
        "Eileen Collins",
        "NASA",
        "public domain",
        WHEEL,
        "skimage/data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    ),
    Photograph(
        "chelsea.png",
        "",
        "Chelsea the cat",
        "Stefan van der Walt",
        "CC0-1.0",
        WHEEL,
        "skimage/data/chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    ),
)
BEGIN, END = "<!-- pictures: start -->", "<!-- pictures: end -->"
CARD = """Photographs, which have no true matte; file, title, author and licence stand above each:

![Photographs, their mattes and cut-outs](photographs.webp)

`mini` test-small: the best, the median and the two worst of all and of the path-traced images:

![Images of mini with their true mattes, the best first](ranks.webp)

Attention (`python -m hattmatting.inspect_attention`) on a photograph, on the median image of `mini`
and on the worst; every map has its own scale:

![Image, matte, spatial and channel attention of three images](attention.webp)

Drawn with the weights of sha256:{digest}.
"""


@dataclass(frozen=True)
class Inputs:
    """With which weights, of what, and where to."""

    weights: Path
    mini: Path
    photographs: Path
    u2netp: Path | None
    isnet: Path | None
    out: Path | None


@dataclass(frozen=True)
class Scored:
    """A sample of mini, its mattes by method and their errors."""

    sample: Sample
    path_traced: bool
    mattes: dict[str, npt.NDArray[np.float32]]
    errors: dict[str, dict[str, float]]

    @property
    def order(self) -> tuple[float, str]:
        """What it is ranked by: the first method's MSE."""
        return next(iter(self.errors.values()))["mse"], self.sample.id


def given_photographs(folder: Path) -> list[tuple[Photograph, ImageU8]]:
    """Read the photographs that do not ship, and check that they are the ones credited.

    Raises
    ------
    ValueError
        If one is missing or another picture.
    """
    found = []
    for photograph in GIVEN:
        path = folder / photograph.name
        if not path.is_file():
            raise ValueError(f"{path}: no such file; expected {photograph.original} of {WHEEL}")
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest != photograph.sha256:
            raise ValueError(
                f"{path}: its SHA-256 is {digest}; expected {photograph.sha256}, "
                f"{photograph.original} of {WHEEL}"
            )
        found.append((photograph, read_image(path, content)))
    return found


def own_photographs() -> list[tuple[Photograph, ImageU8]]:
    """Read those of mini's photographs that show an object."""
    known = {photograph.name: photograph for photograph in list_photographs()}
    return [(known[name], read_photograph(name)) for name in OWN]


def credit(photograph: Photograph) -> str:
    """Word whose photograph it is.

    Examples
    --------
    >>> credit(GIVEN[0])
    'astronaut.png: Eileen Collins (NASA, public domain)'
    """
    return f"{photograph.name}: {photograph.title} ({photograph.author}, {photograph.licence})"


def load_methods(weights: Path, u2netp: Path | None, isnet: Path | None) -> dict[str, Method]:
    """Return the checkpoint's method, and those whose weights are given, by name to show."""
    methods = {find_checkpoint(weights).name: load_method("hatt", str(weights))}
    if u2netp is not None:
        methods["U2-Net-p"] = load_method("u2netp", str(u2netp))
    if isnet is not None:
        methods["IS-Net"] = load_method("onnx:isnet-imgly", str(isnet))
    return methods


def photograph_rows(
    photographs: Sequence[tuple[str, ImageU8]], methods: dict[str, Method]
) -> list[GridRow]:
    """Return photograph, the first method's matte and cut-out, and the others' mattes."""
    rows = []
    for words, image in photographs:
        first, *others = (call(method, image, None)[0] for method in methods.values())
        foreground = estimate_foreground(image, first)
        cutout = over_colour(foreground, first, parse_colour(COLOUR))
        pictures = (image, alpha_to_u8(first), cutout, *map(alpha_to_u8, others))
        rows.append(GridRow(words, list(map(Tile, pictures))))
    return rows


def photograph_titles(methods: dict[str, Method]) -> list[str]:
    """Return the titles of the columns of `photograph_rows`."""
    first, *others = methods
    return ["photograph", f"{first}'s matte", f"{first}'s cut-out", *(f"{one}'s" for one in others)]


def score(mini: Path, methods: dict[str, Method]) -> list[Scored]:
    """Run the methods on mini's test split and rank its samples, the best of the first ahead.

    Raises
    ------
    ValueError
        If the folder is no built mini.
    """
    table = mini / "foregrounds.csv"
    if not table.is_file():
        raise ValueError(f"{table}: no such file; expected a built mini")
    sources = pd.read_csv(table).set_index("name")["source"].to_dict()
    scored = []
    for sample in open_split(mini, "test").samples:
        if sample.foreground not in sources:
            raise ValueError(f"{table}: has no row of {sample.foreground}; build mini again")
        image, alpha_gt = sample.image(), sample.alpha_u8()
        mattes = {name: call(method, image, None)[0] for name, method in methods.items()}
        errors = {
            name: evaluate(alpha, alpha_gt, metrics=("sad", "mse"))
            for name, alpha in mattes.items()
        }
        path_traced = sources[sample.foreground] == "path-traced"
        scored.append(Scored(sample, path_traced, mattes, errors))
    return sorted(scored, key=lambda one: one.order)


def chosen_ranks(count: int) -> dict[int, str]:
    """Name the ranks that are shown: the best, the median and the two worst.

    Examples
    --------
    >>> chosen_ranks(20)
    {0: 'best', 9: 'median', 18: 'second worst', 19: 'worst'}
    >>> chosen_ranks(1)
    {0: 'best'}
    """
    names = {count - 1: "worst", count - 2: "second worst", (count - 1) // 2: "median", 0: "best"}
    return {rank: names[rank] for rank in sorted(names) if 0 <= rank < count}


def choose(scored: Sequence[Scored]) -> dict[int, list[str]]:
    """Say which places of a ranking are shown, and as what: of all, and of the path-traced.

    Parameters
    ----------
    scored
        In order.

    Returns
    -------
    dict
        By place from 0 on, in order.
    """
    traced = [place for place, one in enumerate(scored) if one.path_traced]
    sets = {"all": list(range(len(scored))), f"the {len(traced)} path-traced": traced}
    shown: dict[int, list[str]] = {}
    for words, places in sets.items():
        for rank, name in chosen_ranks(len(places)).items():
            shown.setdefault(places[rank], []).append(f"{name} of {words}")
    return dict(sorted(shown.items()))


def rank_rows(scored: Sequence[Scored]) -> list[GridRow]:
    """Return image, truth and mattes with their errors, of the chosen samples, best first."""
    rows = []
    for place, reasons in choose(scored).items():
        one = scored[place]
        tiles = [Tile(one.sample.image()), Tile(one.sample.alpha_u8())]
        for method, alpha in one.mattes.items():
            errors = one.errors[method]
            below = f"SAD {errors['sad']:.1f}, MSE {errors['mse']:.3f}"
            tiles.append(Tile(alpha_to_u8(alpha), below))
        name = f"{_rank(scored, place)}: {', '.join(reasons)}"
        rows.append(GridRow(name, tiles))
    return rows


def _rank(scored: Sequence[Scored], place: int) -> str:
    return f"{scored[place].sample.name}, rank {place + 1} of {len(scored)}"


def attention_pictures(
    photograph: tuple[Photograph, ImageU8], scored: Sequence[Scored]
) -> dict[str, ImageU8]:
    """Return a photograph, the image of median rank and the worst, by what to write above."""
    pictures = {credit(photograph[0]): photograph[1]}
    for place in ((len(scored) - 1) // 2, len(scored) - 1):
        pictures[f"mini, {_rank(scored, place)}"] = scored[place].sample.image()
    return pictures


def make_sheets(inputs: Inputs) -> dict[str, bytes]:
    """Draw the three sheets; return WebP files by name.

    Raises
    ------
    ValueError
        If the checkpoint, a photograph, mini or U2-Net-p's weights are not there or wrong.
    """
    photographs = [*given_photographs(inputs.photographs), *own_photographs()]
    methods = load_methods(inputs.weights, inputs.u2netp, inputs.isnet)
    first = next(iter(methods))
    used = [method.card["weights"] for method in methods.values()]
    foot = ", ".join(used)
    with one_thread_of_torch():
        scored = score(inputs.mini, methods)
        mattes = [f"{name}'s matte" for name in methods]
        named = [(credit(photograph), image) for photograph, image in photographs]
        attended = attention_pictures(photographs[1], scored)
        sheets = {
            "photographs": lay_out(
                photograph_titles(methods), photograph_rows(named, methods), foot
            ),
            "ranks": lay_out(
                ["image", "true matte", *mattes],
                rank_rows(scored),
                f"Ranked by {first}'s MSE. SAD (in thousands) and MSE over the whole image. {foot}",
            ),
            "attention": attention_sheet(
                HAttMatting.from_pretrained(inputs.weights), attended, used[0]
            ),
        }
    return {f"{name}.webp": encode(sheet) for name, sheet in sheets.items()}


@contextmanager
def one_thread_of_torch() -> Iterator[None]:
    """Hold torch to one thread, too: the order of its sums is then always the same."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with one_thread():
            yield
    finally:
        torch.set_num_threads(before)


def encode(sheet: Image.Image) -> bytes:
    """Return a sheet as a WebP file."""
    buffer = io.BytesIO()
    sheet.save(buffer, format="WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def with_pictures(card: Path, weights: Path) -> bytes:
    """Return a card that names the sheets, and the weights they are of, between its markers.

    Raises
    ------
    ValueError
        If the card has no markers.
    """
    before, begin, rest = card.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{card}: expected the markers {BEGIN} and {END}, to write between them")
    digest = hashlib.sha256((weights / "model.safetensors").read_bytes()).hexdigest()
    text = CARD.format(digest=digest[:16])
    return f"{before}{BEGIN}\n{text}{END}{after}".encode()


def make(inputs: Inputs) -> None:
    """Write the sheets, and the card where there is one."""
    if not inputs.weights.is_dir():
        raise ValueError(f"{inputs.weights}: no such folder; expected a checkpoint's")
    out = inputs.out or inputs.weights
    card, weights = out / "README.md", find_checkpoint(inputs.weights)
    if card.exists():
        with_pictures(card, weights)
    files = make_sheets(inputs)
    if card.exists():  # read again, since drawing takes minutes in which it may have been edited
        files[card.name] = with_pictures(card, weights)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_bytes(out / name, content)
        sys.stdout.write(f"{out / name}: {len(content)} bytes\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.checkpoint.pictures", __doc__)
    add = parser.add_argument
    add("--weights", type=Path, required=True, help="folder of the checkpoint")
    add("--mini", type=Path, required=True, help="a built mini")
    add("--photographs", type=Path, required=True, help="folder of astronaut.png and chelsea.png")
    add("--u2netp", type=Path, help="u2netp.onnx, to show its mattes beside")
    add("--isnet", type=Path, help="IS-Net for general use as ONNX, to show its mattes beside")
    add("--out", type=Path, help="folder to write to; the checkpoint's if left out")
    inputs = Inputs(**vars(parser.parse_args(arguments)))
    return run_command(lambda: make(inputs))


if __name__ == "__main__":
    sys.exit(main())
