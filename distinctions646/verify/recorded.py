"""Proof that a recipe is the one that its dataset was built with.

A recipe is a table beside the pictures; each of its columns is held against what says the same
elsewhere: the manifest, the table of sources, the rows of the form, the roots, and the key, the
hash of everything that the split was built from.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from distinctions646.checks import schema
from distinctions646.checks.files import open_regular, parse_json
from distinctions646.checks.names import same_form
from distinctions646.checks.tables import open_parquet, read_parquet
from distinctions646.compose.composite import resized_size
from distinctions646.forms.parquet import TEXT_COLUMNS
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.images.fingerprint import settings_sha256
from distinctions646.plan.embedded import MiniConfig
from distinctions646.plan.identity import roots_of
from distinctions646.plan.recipe import RecipeRow, Rules, output_name
from distinctions646.sources.layouts import GIVEN_RULE

_SOURCE = {
    **dict.fromkeys(("role", "name"), schema.text()),
    **dict.fromkeys(("height", "width"), schema.whole(1, 2**31)),
    "file_sha256": schema.text("[0-9a-f]{64}"),
}
_HASHES = ("image_sha256", "alpha_sha256", "trimap_sha256", "foreground_sha256")
_RULES = tuple(rule.name for rule in fields(Rules))
_LONGEST_TEXTS = 1_000_000  # bytes of a sample's texts in a tar file


class DifferentError(ValueError):
    """A dataset differs from what it should be; the message names the first difference."""


class _File(NamedTuple):
    """A row of the table of sources."""

    height: int
    width: int
    sha256: str


class Sources:
    """The table of a split's sources, by role and name."""

    def __init__(self, folder: Path, split: str) -> None:
        self.path = folder / "sources" / f"{split}.parquet"
        table = read_parquet(self.path)
        missing = _SOURCE.keys() - set(table.column_names)
        if missing:
            raise ValueError(
                f"{self.path}: has no column {min(missing)}; expected those of a build"
            )
        columns = table.select(list(_SOURCE)).to_pydict()
        schema.check_columns(columns, _SOURCE, str(self.path))
        self.files: dict[tuple[str, str], list[_File]] = {}
        for role, name, *rest in zip(*columns.values(), strict=True):
            self.files.setdefault((role, name), []).append(_File(*rest))

    def hashes(self, role: str) -> dict[str, str]:
        """Return the SHA-256 of each file of a role; of two of one name, of the last."""
        return {name: each[-1].sha256 for (of, name), each in self.files.items() if of == role}

    def names(self, role: str, stem: str) -> list[str]:
        """Return the names of the files of a role that have a stem."""
        wanted = same_form(stem)
        return [name for of, name in self.files if of == role and _stem(name) == wanted]

    def the(self, role: str, name: str) -> str | None:
        """Return the SHA-256 of a file; None where there is none of the name, or several."""
        found = self.files.get((role, name), [])
        return found[0].sha256 if len(found) == 1 else None


def check_recipe(
    folder: Path, split: str, manifest: Mapping[str, Any], rows: Sequence[RecipeRow]
) -> None:
    """Compare every column of a recipe with what the rest of the dataset says.

    Parameters
    ----------
    folder, split
        A built dataset and one of its splits.
    manifest
        Of the dataset. Of an older format's it is compared what that recorded.
    rows
        The split's recipe.

    Raises
    ------
    DifferentError
        Naming the first column and row that differ.
    ValueError
        If a table is missing or damaged.
    """
    where = f"{folder / 'recipe' / split}.parquet"
    record = manifest["splits"][split]
    for index, row in enumerate(rows):
        _compare(where, row, {"split": split, "index": index, "id": row.name})
    for form in record["write"]:
        _check_texts(where, rows, folder, split, form)
    if "per_foreground" not in record:  # of an older format
        return
    n = record["per_foreground"]
    for what, counted in (("composites", len(rows)), ("foregrounds", len(rows) / n)):
        if record[what] != counted:
            raise DifferentError(
                f"{where}: has {counted:g} {what}, but its manifest says {record[what]}"
            )
    sources = Sources(folder, split)
    for index, row in enumerate(rows):
        _check_row(where, row, rows[index - index % n], record, sources)
    _check_roots(where, rows, record, sources)
    key = _key(rows, record, split, sources)
    if key not in (None, record["key"]) and manifest["dataset"] != MiniConfig.dataset:
        raise DifferentError(
            f"{where}: with {sources.path.name} of the sources it has the key {key}, but its "
            f"manifest says {record['key']}: the split was built from something else"
        )


def _check_row(
    where: str, row: RecipeRow, first: RecipeRow, record: Mapping[str, Any], sources: Sources
) -> None:
    k = row.index % record["per_foreground"]
    _compare(where, row, {"k": k} | {rule: record.get(rule) for rule in _RULES})
    _compare(where, row, {"foreground": first.foreground})
    files = sources.files.get(("foreground", row.foreground), [])
    sizes = [(file.height, file.width) for file in files]
    _among(where, row, "foreground", (row.height, row.width), sizes)
    if row.background:
        name = output_name(row.foreground, k, row.index, record["names"])
        back = sources.files.get(("background", row.background), [])
        size = row.height, row.width
        sizes = [resized_size(*size, each.height, each.width, row.preset) for each in back]
        _compare(where, row, {"name": name})
        _among(where, row, "background", (row.resized_height, row.resized_width), sizes)
    else:  # a photograph, named by its file and perhaps by its instance
        stem = _stem(row.foreground)
        if same_form(row.name) != stem and not same_form(row.name).startswith(f"{stem}_"):
            _compare(where, row, {"name": stem})
        _compare(where, row, {"resized_width": row.width, "resized_height": row.height})


def _compare(where: str, row: RecipeRow, expected: Mapping[str, object]) -> None:
    for column, value in expected.items():
        found = getattr(row, column)
        if found != value:
            raise DifferentError(
                f"{where}: {column} of {row.name} is {found!r}; the rest of the dataset says "
                f"{value!r}"
            )


def _among(
    where: str, row: RecipeRow, role: str, size: tuple[int, int], sizes: Sequence[tuple[int, int]]
) -> None:
    name = getattr(row, role)
    if not sizes:
        raise DifferentError(f"{where}: {role} of {row.name} is {name}; no source has that name")
    if size not in sizes:
        got, wanted = ("×".join(map(str, each)) for each in (size, sizes[0]))
        resized = "resized " if role == "background" else ""
        raise DifferentError(
            f"{where}: the {resized}{role} of {row.name} has {got} pixels; by the size of the "
            f"source {name} they are {wanted}"
        )


def _check_roots(
    where: str, rows: Sequence[RecipeRow], record: Mapping[str, Any], sources: Sources
) -> None:
    for name, root in roots_of(rows, sources.hashes("background")).items():
        if name in record and record[name] != root:
            raise DifferentError(
                f"{where}: has the {name.replace('_', ' ')} {root}, but its manifest says "
                f"{record[name]}"
            )


def _check_texts(
    where: str, rows: Sequence[RecipeRow], folder: Path, split: str, form: str
) -> None:
    """Compare the texts that a form has beside its pictures."""
    read = {"parquet": _of_parquet, "folder": _of_folder, WEBDATASET: _of_tars}.get(form)
    if read is None:
        return
    for row, texts in zip(rows, read(folder, split), strict=False):
        _compare(where, row, texts)


def _of_parquet(folder: Path, split: str) -> Iterator[dict[str, object]]:
    import pyarrow as pa

    for path in sorted((folder / "data").glob(f"{split}-*.parquet")):
        with open_parquet(path) as file:
            there = [name for name in TEXT_COLUMNS if name in file.schema_arrow.names]
            try:
                yield from file.read(columns=there).to_pylist()
            except (pa.ArrowException, OSError, ValueError) as error:
                reason = " ".join(str(error).split())
                raise ValueError(f"{path}: cannot be read as Parquet: {reason}") from error


def _of_folder(folder: Path, split: str) -> Iterator[dict[str, object]]:
    path = folder / split / "metadata.parquet"
    if path.is_file():  # where the pictures are in Parquet too, it is not written
        table = read_parquet(path)
        yield from table.select(
            [name for name in TEXT_COLUMNS if name in table.column_names]
        ).to_pylist()


def _of_tars(folder: Path, split: str) -> Iterator[dict[str, object]]:
    for path in sorted((folder / WEBDATASET).glob(f"{split}-*.tar")):
        try:
            with open_regular(path) as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
                for member in tar:
                    file = tar.extractfile(member) if member.name.endswith(".json") else None
                    if file is not None:
                        texts = file.read(_LONGEST_TEXTS).decode("utf-8", "replace")
                        yield _texts(texts, f"{path}:{member.name}")
        except (tarfile.TarError, EOFError, KeyError) as error:
            raise ValueError(f"{path}: cannot be read as a tar file: {error}") from error


def _texts(content: str, where: str) -> dict[str, object]:
    texts = parse_json(content, where)
    schema.mapping_of(schema.text())(texts, where)
    return {name: texts[name] for name in (*TEXT_COLUMNS, "name") if name in texts}


def _key(
    rows: Sequence[RecipeRow], record: Mapping[str, Any], split: str, sources: Sources
) -> str | None:
    """Compute the key as the build did; None where the table does not tell who read which file."""
    n = record["per_foreground"]
    shards = []
    for start in range(0, len(rows), n):
        key = _shard_key(rows[start : start + n], record, sources)
        if key is None:
            return None
        shards.append(key)
    described = (*_RULES, "names", "per_foreground", "write", "matte_channel")
    description = {name: record[name] for name in described if name in record}
    return settings_sha256([description, split, shards])


def _shard_key(
    rows: Sequence[RecipeRow], record: Mapping[str, Any], sources: Sources
) -> str | None:
    files = [("foreground", rows[0].foreground)]
    alphas = any(role == "alpha" for role, _ in sources.files)
    if alphas:
        same = sources.names("alpha", _stem(rows[0].foreground))
        own = [name for name in same if same_form(name) == same_form(rows[0].foreground)] or same
        if len(own) != 1:
            return None
        files.append(("alpha", own[0]))
    files += [("background", row.background) for row in rows if row.background]
    if any(role == "trimap" for role, _ in sources.files):
        for row in rows:
            stem = _stem(row.foreground)
            given = f"{stem}_{row.k}" if row.trimap_rule == GIVEN_RULE else stem
            own = sources.names("trimap", given)
            if len(own) != 1:
                return None
            files.append(("trimap", own[0]))
    hashes = [sources.the(*file) for file in files]
    if None in hashes:
        return None
    planned = [vars(row) | dict.fromkeys(_HASHES) for row in rows]
    channel = record.get("matte_channel") if alphas else None
    return settings_sha256([planned, hashes, *([] if channel is None else [channel])])


def _stem(name: str) -> str:
    return same_form(Path(name).stem)
