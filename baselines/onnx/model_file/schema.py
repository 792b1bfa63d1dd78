"""The keys of a model file: what each holds, its default, and what it means.

To add a key, add a field here and use it; reading, its errors and the reference in ``docs/onnx.md``
(``python -m baselines.onnx --docs docs/onnx.md``) follow from the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from baselines.onnx.model_file.values import (
    Kind,
    choice,
    either,
    flag,
    integer,
    integers,
    nested_numbers,
    number,
    numbers,
    sha256,
    some_of,
    table,
    text,
    texts,
    word,
)

ENCODINGS = ("scalar", "raw", "onehot", "two", "distances")
FILTERS = choice("bilinear", "lanczos", "bicubic", "area", "nearest")
LAYOUTS = choice("nchw", "nhwc")
LARGEST = 4096 * 4096

Filter = Literal["bilinear", "lanczos", "bicubic", "area", "nearest"]
Encoding = Literal["scalar", "raw", "onehot", "two", "distances"]
Layout = Literal["nchw", "nhwc"]


@dataclass(frozen=True)
class Key:
    """What a field is as a key of the file: the values it may hold, and its meaning."""

    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Card:
    """Table ``[card]``: what tables and the page say of the method."""

    paper: Annotated[str, Key(text(), "author, year and DOI or address")] = "not stated"
    year: Annotated[int | None, Key(integer(1900), "of the paper")] = None
    licence: Annotated[str, Key(text(), "of the weights")] = "not stated"
    trained_on: Annotated[
        tuple[str, ...],
        Key(texts(), "data sets, called as their papers call them, so that leaks can be seen"),
    ] = ("not stated",)
    leak: Annotated[
        tuple[str, ...] | None,
        Key(texts(), "test sets that it was trained on, by the suite's names, such as `p3m-500-p`"),
    ] = None
    implementation: Annotated[str, Key(text(), "whose network, and who exported it")] = "not stated"
    parameters: Annotated[int | None, Key(integer(1), "learned numbers of the network")] = None
    note: Annotated[str | None, Key(text(), "what a reader of its numbers must know")] = None


@dataclass(frozen=True)
class Known:
    """Tables ``[[known]]``: published files of the network, told by their SHA-256.

    Of a file that stands neither here nor in ``weights`` or ``sha256``, the card says that its
    licence and training are not known.
    """

    file: Annotated[str, Key(text(), "its published name")]
    sha256: Annotated[str, Key(sha256(), "of the file")]
    source: Annotated[str, Key(text(), "where it can be had")]
    licence: Annotated[str | None, Key(text(), "if not that of `[card]`")] = None
    trained_on: Annotated[tuple[str, ...] | None, Key(texts(), "if not that of `[card]`")] = None
    leak: Annotated[tuple[str, ...] | None, Key(texts(), "if not that of `[card]`")] = None


@dataclass(frozen=True)
class Input:
    """Table ``[input]``: from the picture to the network's input."""

    name: Annotated[
        str | None, Key(text(), "in the graph; by default the one input that is left")
    ] = None
    size: Annotated[
        int | tuple[int, int] | Literal["native", "long", "short", "area"],
        Key(
            either(integer(1), integers(1, 2), choice("native", "long", "short", "area")),
            "a fixed side, or [height, width]; `native`: the picture's own size; `long`, `short`: "
            "that side of the picture becomes `side`, the other follows in proportion; `area`: its "
            "area becomes that of a square of `side`, in proportion",
        ),
    ] = "native"
    side: Annotated[int | None, Key(integer(1), "in pixels, for `long`, `short` and `area`")] = None
    when: Annotated[
        Literal["always", "larger", "outside"],
        Key(
            choice("always", "larger", "outside"),
            "when `long`, `short` and `area` resize; `larger`: if the picture exceeds `side`; "
            "`outside`: if both sides of the picture are smaller than `side`, or both are larger",
        ),
    ] = "always"
    multiple: Annotated[
        int, Key(integer(1), "both sides are multiples of this, where `size` is not fixed")
    ] = 1
    round: Annotated[
        Literal["up", "down", "nearest"],
        Key(choice("up", "down", "nearest"), 'to which multiple, with `fit = "stretch"`'),
    ] = "up"
    fit: Annotated[
        Literal["stretch", "pad"],
        Key(
            choice("stretch", "pad"),
            "`stretch`: the picture fills the input and its proportions may change; `pad`: its "
            "proportions are kept and padding fills the rest, of a fixed size (letterbox) or up to "
            "the multiple",
        ),
    ] = "stretch"
    place: Annotated[
        Literal["top-left", "centre"],
        Key(choice("top-left", "centre"), "where the picture lies in the padding"),
    ] = "top-left"
    pad: Annotated[
        int | Literal["zero", "reflect", "edge"],
        Key(
            either(choice("zero", "reflect", "edge"), integer(0, 255)),
            "what the padding holds: 0 after normalisation, the picture reflected, its edge "
            "repeated, or a grey before normalisation; a trimap is reflected or repeated likewise, "
            "else its channels are 0 there",
        ),
    ] = "zero"
    resize: Annotated[Filter, Key(FILTERS, "how the 8-bit picture is resized")] = "bilinear"
    antialias: Annotated[
        bool, Key(flag(), "`true`: widened on shrinking, as Pillow does; `false`: as OpenCV")
    ] = True
    divide: Annotated[
        float | Literal["maximum"],
        Key(
            either(number(nonzero=True), word("maximum", "maximum")),
            "pixels are divided by this; `maximum`: by the largest value of the resized picture",
        ),
    ] = 255.0
    mean: Annotated[
        tuple[float, ...], Key(numbers(3), "subtracted after the division; red, green, blue")
    ] = (0.0, 0.0, 0.0)
    std: Annotated[
        tuple[float, ...],
        Key(numbers(3, nonzero=True), "a divisor after the subtraction; red, green, blue"),
    ] = (1.0, 1.0, 1.0)
    order: Annotated[
        Literal["rgb", "bgr"], Key(choice("rgb", "bgr"), "of the network's channels")
    ] = "rgb"
    layout: Annotated[Layout, Key(LAYOUTS, "of the graph's inputs")] = "nchw"
    largest: Annotated[
        int, Key(integer(1), "pixels of the input; a picture that would need more is refused")
    ] = LARGEST


@dataclass(frozen=True)
class TrimapInput:
    """Table ``[trimap]``: how the trimap is shown; a method without it takes none."""

    encode: Annotated[
        tuple[Encoding, ...],
        Key(
            either(word("none", ()), some_of(*ENCODINGS)),
            "its channels, in this order. `scalar`: 0, 0.5, 1; `raw`: value / 255; `onehot`: "
            "background, unknown, foreground; `two`: background, foreground; `distances`: six "
            "Gaussians of the distance to the background, then to the foreground",
        ),
    ] = ()
    name: Annotated[
        str | None,
        Key(text(), "of an input of its own; by default its channels follow the picture's"),
    ] = None
    resize: Annotated[Filter, Key(FILTERS, 'other than `nearest` only with `encode = "raw"`')] = (
        "nearest"
    )
    mean: Annotated[float, Key(number(), "subtracted from its channels")] = 0.0
    std: Annotated[float, Key(number(nonzero=True), "a divisor after that")] = 1.0


@dataclass(frozen=True)
class Also:
    """Tables ``[[also]]``: further inputs made from the picture or the trimap."""

    name: Annotated[str, Key(text(), "in the graph")]
    holds: Annotated[
        str,
        Key(
            choice("image", "normalised", *ENCODINGS),
            "`image`: the picture divided; `normalised`: as in `[input]`; or the trimap encoded",
        ),
    ]


@dataclass(frozen=True)
class State:
    """Table ``[state]``: recurrent networks, shown one picture from an empty state."""

    inputs: Annotated[tuple[str, ...], Key(texts(), "the state's inputs, zeros at first")] = ()
    outputs: Annotated[tuple[str, ...], Key(texts(), "the state's outputs, in that order")] = ()
    shape: Annotated[tuple[int, ...], Key(integers(1), "of the zeros")] = (1, 1, 1, 1)
    passes: Annotated[int, Key(integer(1), "how often the picture is shown")] = 1


@dataclass(frozen=True)
class Output:
    """Table ``[output]``: from the network's output to alpha."""

    name: Annotated[str | None, Key(text(), "in the graph; by default the first")] = None
    layout: Annotated[Layout, Key(LAYOUTS, "of this output")] = "nchw"
    channel: Annotated[int, Key(integer(0), "which one is alpha")] = 0
    classes: Annotated[
        tuple[int, ...] | None,
        Key(integers(0), "alpha is 1 where the largest channel is one of these, else 0"),
    ] = None
    activation: Annotated[
        Literal["none", "sigmoid", "softmax", "tanh"],
        Key(choice("none", "sigmoid", "softmax", "tanh"), "what the graph lacks at its end"),
    ] = "none"
    range: Annotated[
        tuple[float, ...] | Literal["stretch"],
        Key(
            either(numbers(2), word("stretch", "stretch")),
            "what stands for alpha 0 and alpha 1; beyond it alpha is clipped. `stretch`: the least "
            "and largest value in this picture, which makes noise where there is no foreground",
        ),
    ] = (0.0, 1.0)
    resize: Annotated[
        Filter | None, Key(FILTERS, "back to the picture's size; by default that of `[input]`")
    ] = None
    antialias: Annotated[bool | None, Key(flag(), "by default that of `[input]`")] = None
    truncate: Annotated[
        bool, Key(flag(), "cut to 8 bits, rounding down, before resizing, as rembg does")
    ] = False
    paste: Annotated[
        bool | None,
        Key(flag(), "alpha is 0 and 1 where the trimap says so; by default true with a trimap"),
    ] = None


@dataclass(frozen=True)
class ModelFile:
    """Keys before any table."""

    base: Annotated[
        str | None,
        Key(text(), "a model file to start from: a name that ships, or a path beside this file"),
    ] = None
    name: Annotated[str, Key(text(), "what tables call the method; by default the file's name")] = (
        ""
    )
    weights: Annotated[
        Path | None, Key(text(), "the ONNX file, beside this file; `--weights` comes first")
    ] = None
    sha256: Annotated[str | None, Key(sha256(), "of the ONNX file; another file is refused")] = None
    card: Card = field(default_factory=Card)
    known: tuple[Known, ...] = ()
    input: Input = field(default_factory=Input)
    trimap: TrimapInput = field(default_factory=TrimapInput)
    also: tuple[Also, ...] = ()
    constant: Mapping[str, Any] = field(default_factory=dict)
    state: State = field(default_factory=State)
    output: Output = field(default_factory=Output)

    @property
    def needs_trimap(self) -> bool:
        """Whether any input shows the trimap."""
        return bool(self.trimap.encode) or any(one.holds in ENCODINGS for one in self.also)


# Table [constant]: inputs by name that show neither picture nor trimap. `long_side` stands for the
# scale, at most 1, that brings the network's picture to that long side.
CONSTANT = either(nested_numbers(), table("long_side", integer(1)))
SECTIONS: Mapping[str, type] = MappingProxyType(
    {"card": Card, "input": Input, "trimap": TrimapInput, "state": State, "output": Output}
)
LISTS: Mapping[str, type] = MappingProxyType({"known": Known, "also": Also})
