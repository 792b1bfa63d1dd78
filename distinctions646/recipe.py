"""Which foreground over which background, in what order, under what name: a table.

Foreground i is laid over lines ``i * N`` to ``i * N + N - 1`` of the background list, as in the
scripts of Composition-1k and Distinctions-646. A recipe has no pixels and no absolute paths, so
it can be published where the pixels cannot.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from distinctions646.composite import resized_size
from distinctions646.sources import Background, Foreground

if TYPE_CHECKING:
    import pyarrow as pa

Naming = Literal["adobe", "d646"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)


@dataclass(frozen=True)
class Row:
    """One composite of a recipe.

    Attributes
    ----------
    id
        What results call the composite; the same as `name`.
    split, index
        Where it stands.
    foreground, background
        Base names of the source files.
    k
        Which of the foreground's backgrounds it is, from 0.
    width, height
        Of the foreground and the composite.
    resized_width, resized_height
        Of the background before the crop.
    trimap_rule
        Id of the rule its trimap is made by; None where it has no trimap.
    name
        Of the output file, without suffix.
    image_sha256, alpha_sha256
        Of the decoded pixels; None until built.
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


def output_name(foreground: str, k: int, index: int, naming: Naming) -> str:
    """Name a composite by its dataset's own convention.

    Parameters
    ----------
    foreground
        File name of the foreground.
    k
        Which of the foreground's backgrounds it is, from 0.
    index
        Which composite of the split it is, from 0.
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


def plan(
    foregrounds: Sequence[Foreground],
    backgrounds: Sequence[Background],
    *,
    per_foreground: int,
    split: str = "test",
    naming: Naming = "adobe",
    trimap_rule: str | None = None,
    background_source: str = "list",
    preset: str = "adobe",
) -> list[Row]:
    """Pair foregrounds with backgrounds.

    Parameters
    ----------
    foregrounds, backgrounds
        In order.
    per_foreground
        Backgrounds for each foreground; more backgrounds than needed are left over.
    split
        Name of the split.
    naming
        As for `output_name`.
    trimap_rule
        Id of the rule trimaps are made by, or None.
    background_source
        What the message calls the origin of `backgrounds`.
    preset
        Arithmetic of the fit, a key of `composite.PRESETS`.

    Returns
    -------
    list of Row
        One a composite, without hashes.

    Raises
    ------
    ValueError
        If there are too few backgrounds or two composites would have the same name.
    """
    if per_foreground < 1:
        raise ValueError(f"per_foreground is {per_foreground}; expected 1 or more")
    needed = len(foregrounds) * per_foreground
    if len(backgrounds) < needed:
        raise ValueError(
            f"{len(foregrounds)} foregrounds x {per_foreground} need {needed} backgrounds; "
            f"the {background_source} has {len(backgrounds)}"
        )
    rows = []
    for index in range(needed):
        foreground = foregrounds[index // per_foreground]
        background = backgrounds[index]
        k = index % per_foreground
        name = output_name(foreground.path.name, k, index, naming)
        resized_height, resized_width = resized_size(
            foreground.height, foreground.width, background.height, background.width, preset
        )
        rows.append(
            Row(
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
                trimap_rule=trimap_rule,
                name=name,
            )
        )
    _refuse_shared_names(rows)
    return rows


def to_table(rows: Sequence[Row]) -> pa.Table:
    """Turn rows into an Arrow table.

    Parameters
    ----------
    rows
        Of one or more splits.

    Returns
    -------
    pyarrow.Table
        One column for each field of `Row`, in that order.
    """
    import pyarrow as pa

    numbers = {field.name for field in dataclasses.fields(Row) if field.type == "int"}
    schema = pa.schema(
        [
            (field.name, pa.int64() if field.name in numbers else pa.string())
            for field in dataclasses.fields(Row)
        ]
    )
    return pa.Table.from_pylist([dataclasses.asdict(row) for row in rows], schema=schema)


def read_recipe(path: Path | str) -> list[Row]:
    """Read a recipe back.

    Parameters
    ----------
    path
        A Parquet file of `to_table`.

    Returns
    -------
    list of Row
        In order.

    Raises
    ------
    ValueError
        If the file is no Parquet, or its columns are not those of a recipe.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path}: cannot be read as Parquet: {error}") from error
    expected = [field.name for field in dataclasses.fields(Row)]
    if table.column_names != expected:
        raise ValueError(
            f"{path}: has columns {', '.join(table.column_names)}; expected {', '.join(expected)}"
        )
    return [Row(**row) for row in table.to_pylist()]


def _refuse_shared_names(rows: Sequence[Row]) -> None:
    seen: dict[str, Row] = {}
    for row in rows:
        other = seen.setdefault(row.name, row)
        if other is not row:
            raise ValueError(
                f"{other.foreground} and {row.foreground} both give a composite named {row.name}; "
                "expected one foreground a name"
            )
