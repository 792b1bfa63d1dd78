"""Proof that a split is what its recipe says, and comparison of two recipes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from distinctions646.forms.manifest import read_manifest
from distinctions646.forms.samples import Sample, Split
from distinctions646.forms.virtual import VirtualSample
from distinctions646.images.fingerprint import (
    file_sha256,
    pixel_sha256,
    short_fingerprint,
    split_root,
)
from distinctions646.loading.opening import open_split
from distinctions646.plan.identity import source_root
from distinctions646.plan.recipe import PICTURE_KINDS, RecipeRow, Rules, read_recipe
from distinctions646.process.pool import map_ordered
from distinctions646.verify.recorded import DifferentError as DifferentError
from distinctions646.verify.recorded import Sources, check_recipe

Backgrounds: TypeAlias = Path | str | Sequence[Path | str] | None
PixelHashes: TypeAlias = dict[str, str | None]  # kind of picture to the SHA-256 of its pixels
_COMPARED = (
    *("name", "foreground", "background"),
    *(field.name for field in fields(Rules) if not field.name.startswith("trimap")),
    *("image_sha256", "foreground_sha256", "alpha_sha256", "trimap_sha256"),
)


@dataclass(frozen=True)
class Verified:
    """A split whose pictures are what its recipe says.

    Attributes
    ----------
    split, composites
        Name of the split, and number of composites verified.
    root, trimap_root, source_root
        As in `plan.identity`; None where not known, as the root where nothing was composed.
    """

    split: str
    composites: int
    root: str | None = None
    trimap_root: str | None = None
    source_root: str | None = None

    @property
    def roots(self) -> list[str]:
        """The roots by which two people can check that their composites are equal."""
        return [root for root in (self.root, self.source_root) if root is not None]


def verify_split(
    folder: Path | str,
    split: str = "test",
    *,
    backgrounds: Backgrounds = None,
    workers: int = 1,
) -> Verified:
    """Decode one split, in every form it was written in.

    Parameters
    ----------
    folder
        What `distinctions646.build` made.
    split
        Name of the split.
    backgrounds
        For a split that is composed on reading: the folders of its backgrounds. None leaves that
        form out where there is another.
    workers
        Processes.

    Returns
    -------
    Verified
        Its size and its roots.

    Raises
    ------
    DifferentError
        Naming the first picture that differs from the recipe.
    ValueError
        If the folder has no such split, or a picture is missing or damaged.
    """
    folder, record = Path(folder), _split_record(folder, split)
    forms = [form for form in record["write"] if form != "virtual"]
    if "virtual" in record["write"] and (backgrounds is not None or not forms):
        forms.append("virtual")
    rows = _read_recipe(folder, split)
    root = ""
    for form in forms:
        own = backgrounds if form == "virtual" else None
        samples = open_split(folder, split, mode=form, backgrounds=own).samples
        root = _compare(rows, _hash_all(samples, workers), f"{folder}: {split} ({form})")
    if record["root"] not in (None, root):
        raise DifferentError(
            f"{folder}: {split} has the root {root}, but its manifest says {record['root']}"
        )
    return Verified(split, len(rows), root, record.get("trimap_root"), record.get("source_root"))


def verify_sources(
    folder: Path | str, split: str, *, backgrounds: Backgrounds = None, workers: int = 1
) -> Verified:
    """Compare what a virtual split is composed of with its recipe, without composing.

    Foregrounds, alphas and trimaps are compared by their pixels, backgrounds by their files.

    Parameters
    ----------
    folder, split, backgrounds
        As for `verify_split`; None takes the backgrounds that `open_split` finds.
    workers
        Files read at the same time.

    Returns
    -------
    Verified
        Without the root of the composites' pixels.

    Raises
    ------
    DifferentError
        Naming the first file that differs.
    ValueError
        If the folder has no such split, or a file is missing or damaged.
    """
    folder, record = Path(folder), _split_record(folder, split)
    if record.get("source_root") is None:
        raise ValueError(f"{folder}: {split} has no source root; it is of an older version")
    rows = _read_recipe(folder, split)
    opened = open_split(folder, split, mode="virtual", backgrounds=backgrounds)
    seen: set[str] = set()
    for row, sample in zip(rows, _virtual(opened), strict=True):
        _compare_kept(row, sample, f"{folder}: {split}", new=row.foreground not in seen)
        seen.add(row.foreground)
    hashes = _hash_backgrounds(folder, opened, workers)
    root = source_root(rows, hashes)
    if root != record["source_root"]:
        raise DifferentError(
            f"{folder}: {split} has the source root {root}, but its manifest says "
            f"{record['source_root']}"
        )
    return Verified(split, len(rows), None, record["trimap_root"], root)


def compare_with(verified: Verified, folder: Path | str, other: str) -> None:
    """Compare a split with another copy of it.

    Parameters
    ----------
    verified
        From `verify_split` or `verify_sources`.
    folder
        The dataset it is of.
    other
        A root or a source root, or its first 12 digits or more, as tables show; the short
        fingerprint of one; another dataset's folder, or a recipe file.

    Raises
    ------
    DifferentError
        Naming the first composite that differs, where `other` has a recipe.
    ValueError
        If `other` is nothing of the kind.
    """
    path = Path(other)
    if path.exists():
        theirs = read_recipe(
            path / "recipe" / f"{verified.split}.parquet" if path.is_dir() else path
        )
        ours = read_recipe(Path(folder) / "recipe" / f"{verified.split}.parquet")
        _compare_recipes(ours, theirs, other)
    elif re.fullmatch(r"[0-9a-f]{12,64}", other):
        if not any(root.startswith(other) for root in verified.roots):
            raise DifferentError(
                f"{folder}: {verified.split} has the root {verified.roots[0]}; expected {other}"
            )
    elif re.fullmatch(r"\d{3}(-\d{3}){3}", other):
        fingerprints = [short_fingerprint(root) for root in verified.roots]
        if other not in fingerprints:
            raise DifferentError(
                f"{folder}: {verified.split} has the fingerprint {fingerprints[0]}; "
                f"expected {other}"
            )
    else:
        raise ValueError(
            f"against is {other!r}; expected a root (12 to 64 hexadecimal digits), a fingerprint "
            "such as 012-345-678-901, a dataset's folder or a recipe"
        )


def compare_split(opened: Split, other: str) -> None:
    """Compare an opened split with another copy of it, before anything is measured on it.

    Parameters
    ----------
    opened
        A build, or a folder of pictures, which is decoded.
    other
        As for `compare_with`.

    Raises
    ------
    DifferentError
        Naming the first composite that differs, where `other` has a recipe.
    ValueError
        If `other` is nothing of the kind.
    """
    path = Path(other)
    if path.exists() and read_manifest(opened.folder) is None:
        recipe = path / "recipe" / f"{opened.split}.parquet" if path.is_dir() else path
        _compare_pictures(opened, read_recipe(recipe), other)
        return
    root = opened.built_root if opened.source_root else opened.root
    found = Verified(opened.split, len(opened.samples), root, source_root=opened.source_root)
    compare_with(found, opened.folder, other)


def _compare_pictures(opened: Split, theirs: Sequence[RecipeRow], other: str) -> None:
    where = f"{opened.folder}: {opened.split}"
    if len(opened.samples) != len(theirs):
        raise DifferentError(f"{where} has {len(opened.samples)} images, {other} has {len(theirs)}")
    for sample, row in zip(opened.samples, theirs, strict=True):
        if sample.name != row.name:
            raise DifferentError(f"{where} has {sample.name} where {other} has {row.name}")
    for sample, row in zip(opened.samples, theirs, strict=True):
        for kind, pixels in (("image", sample.image()), ("alpha", sample.alpha_u8())):
            if getattr(row, f"{kind}_sha256") not in (None, pixel_sha256(pixels)):
                raise DifferentError(f"{where}: {sample.name} has another {kind} than {other}")


def _split_record(folder: Path | str, split: str) -> dict[str, Any]:
    manifest = read_manifest(Path(folder))
    if manifest is None or split not in manifest["splits"]:
        raise ValueError(f"{folder}: no built dataset with a split {split!r}")
    record: dict[str, Any] = manifest["splits"][split]
    return record


def _read_recipe(folder: Path, split: str) -> list[RecipeRow]:
    """Read the recipe of a split and prove that it is the one that the build wrote."""
    rows = read_recipe(folder / "recipe" / f"{split}.parquet")
    manifest = read_manifest(folder)
    if manifest is not None:
        check_recipe(folder, split, manifest, rows)
    return rows


def _hash_all(samples: Sequence[Sample], workers: int) -> Iterator[PixelHashes]:
    from tqdm import tqdm

    with tqdm(total=len(samples), unit="composite", disable=None) as progress:
        # In runs, so that a process reads a Parquet row group once.
        for hashes in map_ordered(_hash, samples, workers=workers, chunk=8):
            progress.update()
            yield hashes


def _hash(sample: Sample) -> PixelHashes:
    trimap = sample.trimap()
    return {
        "image": pixel_sha256(sample.image()),
        "alpha": pixel_sha256(sample.alpha_u8()),
        "trimap": None if trimap is None else pixel_sha256(trimap),
    }


def _compare(rows: Sequence[RecipeRow], hashes: Iterable[PixelHashes], where: str) -> str:
    lines = []
    for row, decoded in zip(rows, hashes, strict=True):
        for kind in PICTURE_KINDS:
            wanted = getattr(row, f"{kind}_sha256")
            if wanted is not None and decoded[kind] is None:
                raise DifferentError(f"{where}: {row.name} has no {kind}, but the recipe has one")
            if wanted not in (None, decoded[kind]):
                raise DifferentError(f"{where}: {row.name} has another {kind} than the recipe says")
        lines.append((row.name, decoded["image"] or "", decoded["alpha"] or ""))
    return split_root(lines)


def _virtual(split: Split) -> Iterator[VirtualSample]:
    for sample in split.samples:
        if isinstance(sample, VirtualSample):
            yield sample


def _compare_kept(row: RecipeRow, sample: VirtualSample, where: str, *, new: bool) -> None:
    """Compare a foreground with its alpha, where it is a new one, and the row's own trimap."""
    if new:
        foreground, alpha_u8 = sample.kept()
        for kind, pixels in (("foreground", foreground), ("alpha", alpha_u8)):
            if pixel_sha256(pixels) != getattr(row, f"{kind}_sha256"):
                raise DifferentError(
                    f"{where}: {sample.foreground_path.name} has another {kind} than the recipe "
                    "says"
                )
    if row.trimap_sha256 is not None:
        trimap = sample.trimap()
        if trimap is None or pixel_sha256(trimap) != row.trimap_sha256:
            raise DifferentError(f"{where}: {row.name} has another trimap than the recipe says")


def _hash_backgrounds(folder: Path, split: Split, workers: int) -> dict[str, str]:
    from tqdm import tqdm

    wanted = Sources(folder, split.split).hashes("background")
    paths = {sample.row.background: sample.background_path for sample in _virtual(split)}
    with ThreadPoolExecutor(workers) as pool:
        hashed = pool.map(file_sha256, paths.values())
        progress = tqdm(hashed, total=len(paths), unit="background", disable=None)
        hashes = dict(zip(paths, progress, strict=True))
    for name, sha256 in hashes.items():
        if sha256 != wanted.get(name):
            raise DifferentError(
                f"{paths[name]}: is another file than the one the dataset was built with"
            )
    return hashes


def _compare_recipes(ours: Sequence[RecipeRow], theirs: Sequence[RecipeRow], other: str) -> None:
    for own, their in zip(ours, theirs, strict=False):
        for field in _COMPARED:
            values = getattr(own, field), getattr(their, field)
            if None not in values and values[0] != values[1]:
                raise DifferentError(
                    f"composite {own.index} ({own.name}) differs from that of {other}: {field} is "
                    f"{values[0]}, there {values[1]}"
                )
    if len(ours) != len(theirs):
        raise DifferentError(f"{len(ours)} composites, {other} has {len(theirs)}")
