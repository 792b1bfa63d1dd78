"""Whether a folder holds a build already: this very one, another, or an incomplete one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distinctions646.build.source_stamps import read_stamps
from distinctions646.build.workspace import remove_leftover
from distinctions646.forms.manifest import FORMAT, read_manifest
from distinctions646.forms.raw_foregrounds import FOREGROUNDS, foreground_file
from distinctions646.forms.virtual import VIRTUAL
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.plan.build_plan import BuildPlan
from distinctions646.plan.embedded import MiniConfig
from distinctions646.plan.recipe import read_recipe
from distinctions646.sources.stamps import KnownFiles


def find_finished(plan: BuildPlan, key: str) -> dict[str, Any] | None:
    """Return the manifest of this very build, where the folder holds it, finished and whole.

    Parameters
    ----------
    plan, key
        The wanted build, and the hash of everything that it depends on.

    Returns
    -------
    dict or None
        The manifest; None where the split is not built there.

    Raises
    ------
    ValueError
        If the folder holds another build, or this one with files missing.
    """
    out = plan.out
    manifest = read_manifest(out)
    if manifest is None:
        return None
    if manifest["dataset"] != plan.dataset:
        raise _holds_something_else(out, f"dataset {manifest['dataset']}, not {plan.dataset}")
    if manifest.get("format") != FORMAT:
        older = f"format {manifest.get('format')}, not {FORMAT}"
        raise _holds_something_else(out, older)
    record = manifest["splits"].get(plan.split)
    if record is None:
        return None
    if record["key"] != key:
        raise _holds_something_else(out, _difference(record, plan))
    missing = _missing_file(plan)
    if missing is not None:
        raise ValueError(f"{out}: {missing} is missing from the build; remove the folder first")
    remove_leftover(out, plan.work_tag)  # of a run that was killed after its last rename
    return manifest


def recall_sources(plan: BuildPlan) -> KnownFiles:
    """Return the stamps of a finished build of the same settings.

    Parameters
    ----------
    plan
        The wanted build.

    Returns
    -------
    mapping
        As of `source_stamps.read_stamps`; empty without such a build, or with `plan.rehash`.

    Raises
    ------
    ValueError
        If the folder is damaged.
    """
    manifest = read_manifest(plan.out)
    record = manifest["splits"].get(plan.split, {}) if manifest else {}
    same = all(record.get(field) == value for field, value in plan.description.items())
    return read_stamps(plan.out / "sources", plan.split) if same and not plan.rehash else {}


def _holds_something_else(out: Path, difference: str) -> ValueError:
    return ValueError(
        f"{out}: holds something else (a build with {difference}); "
        "expected an empty folder or this same build"
    )


def _difference(record: Mapping[str, Any], plan: BuildPlan) -> str:
    for field, value in plan.description.items():
        if record.get(field) != value:
            return f"{field} {record.get(field)}, not {value}"
    if not isinstance(plan.sources, MiniConfig):
        return "other sources"
    wanted = plan.sources.foregrounds
    if wanted is None:
        return "other sources: another version of the generator"
    if record["foregrounds"] != wanted:
        return f"{record['foregrounds']} foregrounds, not {wanted}"
    return "other sources: another seed, or another version of the generator"


def _missing_file(plan: BuildPlan) -> str | None:
    """Return the first file that a finished build should have and has not; None where all are."""
    out, split = plan.out, plan.split
    recipe = out / "recipe" / f"{split}.parquet"
    if not recipe.is_file():
        return f"recipe/{recipe.name}"
    if "parquet" in plan.write and not list((out / "data").glob(f"{split}-*.parquet")):
        return f"data/{split}-*.parquet"
    if WEBDATASET in plan.write and not list((out / WEBDATASET).glob(f"{split}-*.tar")):
        return f"{WEBDATASET}/{split}-*.tar"
    rows = read_recipe(recipe) if {VIRTUAL, "folder"} & set(plan.write) else []
    if VIRTUAL in plan.write:
        names = {foreground_file(row.foreground) for row in rows}
        missing = _missing_in(out, f"{VIRTUAL}/{split}/{FOREGROUNDS}", names)
        if missing is not None:
            return missing
    if "folder" in plan.write:
        for kind in rows[0].kinds:
            missing = _missing_in(out, f"{split}/{kind}", {row.file_name(kind) for row in rows})
            if missing is not None:
                return missing
    return None


def _missing_in(out: Path, folder: str, names: set[str]) -> str | None:
    there = {path.name for path in (out / folder).glob("*")}
    return None if names <= there else f"{folder}/{min(names - there)}"
