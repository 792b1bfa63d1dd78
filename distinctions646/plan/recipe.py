"""The recipe of a split: which foreground over which background, in what order and under what name.

Foreground i is laid over lines ``i * N`` to ``i * N + N - 1`` of the background list, as in the
scripts of Composition-1k and Distinctions-646. A recipe has no pixels and no absolute paths, so
it can be published where the pixels cannot.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.checks import schema
from distinctions646.checks.names import check_name, same_form
from distinctions646.checks.tables import read_parquet
from distinctions646.compose.composite import PRESETS, resized_size
from distinctions646.images.formats import PNG, suffix_of
from distinctions646.images.headers import EXIF_CHOICES, Exif
from distinctions646.images.reading import ALPHA_CLEANUPS
from distinctions646.sources.files import Background, Foreground
from distinctions646.sources.layouts import NAMINGS, Naming

if TYPE_CHECKING:
    import pyarrow as pa

_WORD = schema.text(r"[^\x00-\x1f\x7f]*", most=200)
_HASH = schema.optional(schema.text("[0-9a-f]{64}"))
_LARGEST = 2**31  # pixels of a side
_SIDE = schema.whole(1, _LARGEST)
_SCHEMAS: dict[str, schema.Schema] = {
    **dict.fromkeys(("id", "split", "foreground", "name"), schema.plain_name),
    **dict.fromkeys(("index", "k"), schema.whole(0)),
    **dict.fromkeys(("width", "height", "resized_width", "resized_height"), _SIDE),
    **dict.fromkeys(("image_sha256", "alpha_sha256", "trimap_sha256", "foreground_sha256"), _HASH),
    "background": schema.plain_name_or_none,
    "trimap_rule": schema.optional(_WORD),
    "trimap_seed": schema.whole(-(2**63), 2**63),
    "preset": schema.one_of(*PRESETS),
    "exif": schema.one_of(*EXIF_CHOICES),
    "alpha_cleanup": schema.optional(schema.one_of(*ALPHA_CLEANUPS)),
    "image_format": schema.text("png|jpeg-([1-9][0-9]?|100)"),
}
PICTURE_KINDS = ("image", "alpha", "trimap")  # files of a composite, the last where it has one
_FIRST_VERSION = 14  # columns


@dataclass(frozen=True)
class Rules:
    """The rules that, with the sources, determine the pixels of a split.

    Attributes
    ----------
    preset
        Arithmetic of resizing and blending, a key of `composite.PRESETS`.
    exif
        Whether the EXIF orientation of a source is ignored or applied.
    alpha_cleanup
        A key of `images.reading.ALPHA_CLEANUPS`; None for alphas as they are.
    image_format
        How composites are stored, as `images.formats.jpeg_quality` reads it.
    trimap_rule, trimap_seed
        Rule that makes trimaps, and the seed of its draws; a rule of None makes none.
    """

    preset: str = "adobe"
    exif: Exif = "ignore"
    alpha_cleanup: str | None = None
    image_format: str = PNG
    trimap_rule: str | None = None
    trimap_seed: int = 0


@dataclass(frozen=True)
class RecipeRow:
    """One composite of a recipe.

    Attributes
    ----------
    id
        Name of the composite in results; the same as `name`.
    split, index
        Split, and position in it from 0.
    foreground, background
        Base names of the source files.
    k
        Position among the foreground's backgrounds, from 0.
    width, height
        Size of the foreground and of the composite in pixels.
    resized_width, resized_height
        Size of the background before the crop in pixels.
    trimap_rule
        Id of the rule its trimap is made by; None where it has no trimap.
    name
        Name of the output files, without suffix.
    image_sha256, alpha_sha256, trimap_sha256, foreground_sha256
        SHA-256 of the decoded pixels; None until built, and where a picture is made on reading.
    trimap_seed, preset, exif, alpha_cleanup, image_format
        As in `Rules`. With the hashes of the sources, a recipe defines a split completely.
    """

    id: str
    split: str
    index: int
    foreground: str
    background: str
    k: int
    width: int
    height: int
    resized_width: int
    resized_height: int
    trimap_rule: str | None
    name: str
    image_sha256: str | None = None
    alpha_sha256: str | None = None
    trimap_sha256: str | None = None
    foreground_sha256: str | None = None
    trimap_seed: int = 0
    preset: str = "adobe"
    exif: Exif = "ignore"
    alpha_cleanup: str | None = None
    image_format: str = PNG

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of files it has: `PICTURE_KINDS`, without a trimap where no rule makes one."""
        return PICTURE_KINDS if self.trimap_rule is not None else PICTURE_KINDS[:2]

    def file_name(self, kind: str) -> str:
        """Return the name of the file of its image, alpha or trimap."""
        return self.name + suffix_of(kind, self.image_format)


def output_name(foreground: str, k: int, index: int, naming: Naming) -> str:
    """Return the name of a composite by its dataset's own convention.

    Parameters
    ----------
    foreground
        File name of the foreground.
    k
        Position among the foreground's backgrounds, from 0.
    index
        Position in the split, from 0.
    naming
        ``"adobe"``: the foreground's stem and k. ``"d646"``: what stands before the first
        underscore of the *file* name, and the index; a name without underscore keeps its suffix,
        as in the official Distinctions-646 generator.

    Returns
    -------
    str
        Without the suffix ``.png``.

    Raises
    ------
    ValueError
        If there is no such convention.

    Examples
    --------
    >>> output_name("solid.edge(2).png", 1, 9, "adobe")
    'solid.edge(2)_1'
    >>> output_name("test_4.png", 1, 81, "d646"), output_name("dog.png", 1, 81, "d646")
    ('test_81', 'dog.png_81')
    """
    if naming == "adobe":
        return f"{Path(foreground).stem}_{k}"
    if naming == "d646":
        return f"{foreground.split('_')[0]}_{index}"
    raise ValueError(f"naming is {naming!r}; expected one of {', '.join(NAMINGS)}")


def make_recipe(
    foregrounds: Sequence[Foreground],
    backgrounds: Sequence[Background],
    *,
    per_foreground: int,
    split: str = "test",
    naming: Naming = "adobe",
    rules: Rules | None = None,
    background_source: str = "list",
) -> list[RecipeRow]:
    """Pair foregrounds with backgrounds.

    Parameters
    ----------
    foregrounds, backgrounds
        Sources in the order of the lists.
    per_foreground
        Backgrounds for each foreground; surplus backgrounds are ignored.
    split
        Name of the split.
    naming
        As for `output_name`.
    rules
        How the pixels are made; None means as the official script makes them, without trimaps.
    background_source
        Origin of `backgrounds` in the error message: ``"list"`` or ``"folder"``.

    Returns
    -------
    list of RecipeRow
        One per composite, without hashes.

    Raises
    ------
    ValueError
        If there are too few backgrounds, or two composites would have the same name, or one a name
        that no file can have.
    """
    if per_foreground < 1:
        raise ValueError(f"per_foreground is {per_foreground}; expected 1 or more")
    needed = len(foregrounds) * per_foreground
    if len(backgrounds) < needed:
        most = len(backgrounds) // len(foregrounds)
        hint = f"; give --per-foreground {most}" if most and background_source == "folder" else ""
        raise ValueError(
            f"{len(foregrounds)} foregrounds x {per_foreground} need {needed} backgrounds; "
            f"the {background_source} has {len(backgrounds)}{hint}"
        )
    rules = rules or Rules()
    settings = dataclasses.asdict(rules)
    rows = []
    for index in range(needed):
        foreground = foregrounds[index // per_foreground]
        background = backgrounds[index]
        k = index % per_foreground
        name = output_name(foreground.path.name, k, index, naming)
        check_name(name + suffix_of("image", rules.image_format), "the name of a composite")
        resized_height, resized_width = resized_size(
            foreground.height, foreground.width, background.height, background.width, rules.preset
        )
        rows.append(
            RecipeRow(
                id=name,
                split=split,
                index=index,
                foreground=foreground.path.name,
                background=background.name,
                k=k,
                width=foreground.width,
                height=foreground.height,
                resized_width=resized_width,
                resized_height=resized_height,
                name=name,
                **settings,
            )
        )
    _refuse_shared_names(rows)
    return rows


def to_table(rows: Sequence[RecipeRow]) -> pa.Table:
    """Return rows as an Arrow table.

    Parameters
    ----------
    rows
        Rows of one or more splits.

    Returns
    -------
    pyarrow.Table
        One column for each field of `RecipeRow`, in that order.
    """
    import pyarrow as pa

    numbers = {field.name for field in dataclasses.fields(RecipeRow) if field.type == "int"}
    schema = pa.schema(
        [
            (field.name, pa.int64() if field.name in numbers else pa.string())
            for field in dataclasses.fields(RecipeRow)
        ]
    )
    return pa.Table.from_pylist([vars(row) for row in rows], schema=schema)


def read_recipe(path: Path | str) -> list[RecipeRow]:
    """Read a recipe.

    Parameters
    ----------
    path
        Parquet file written from `to_table`.

    Returns
    -------
    list of RecipeRow
        In the order of the file.

    Raises
    ------
    ValueError
        If the file is no Parquet, its columns are not those of a recipe, it has no rows, two of
        one name, or a value of another type or range, such as a name with a path in it.
    """
    table = read_parquet(path)
    expected = [field.name for field in dataclasses.fields(RecipeRow)]
    # Recipes of the first version lack the last columns.
    if table.column_names not in (expected, expected[:_FIRST_VERSION]):
        raise ValueError(
            f"{path}: has columns {', '.join(table.column_names)}; expected {', '.join(expected)}"
        )
    if not table.num_rows:
        raise ValueError(f"{path}: has no rows; expected one for each composite")
    columns = {name: table[name].to_pylist() for name in table.column_names}
    schema.check_columns(columns, {name: _SCHEMAS[name] for name in columns}, str(path))
    rows = [
        RecipeRow(**dict(zip(columns, values, strict=True)))
        for values in zip(*columns.values(), strict=True)
    ]
    seen: set[str] = set()
    for row in rows:
        if same_form(row.name) in seen:
            raise ValueError(f"{path}: two rows are named {row.name}; expected one for each")
        seen.add(same_form(row.name))
    return rows


def _refuse_shared_names(rows: Sequence[RecipeRow]) -> None:
    seen: dict[str, RecipeRow] = {}
    for row in rows:
        other = seen.setdefault(row.name, row)
        if other is not row:
            raise ValueError(
                f"{other.foreground} and {row.foreground} both give a composite named {row.name}; "
                "expected one foreground per name"
            )
