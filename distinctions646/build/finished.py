"""Say whether a folder holds a build already: this very one, another, or half of one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from distinctions646.build.remembered import recall
from distinctions646.build.shards import KINDS
from distinctions646.build.workspace import remove_leftover
from distinctions646.forms.manifest import read_manifest
from distinctions646.forms.raw import FOREGROUNDS, foreground_file
from distinctions646.forms.virtual import VIRTUAL
from distinctions646.forms.webdataset import FOLDER as WEBDATASET
from distinctions646.plan.embedded import mini_config
from distinctions646.plan.recipe import read_recipe
from distinctions646.plan.settings import BuildConfig, description
from distinctions646.sources.stamps import Seen

FORMAT = 3  # of the manifest


def work_tag(config: BuildConfig) -> str:
    """Say which builds may take up each other's unfinished work: those with the same tag."""
    kinds = ["folder" in config.write, config.virtual_only]
    return json.dumps([config.split, *kinds, config.trimap_rule])


def find_finished(config: BuildConfig, key: str) -> dict[str, Any] | None:
    """Say whether a folder holds this very build, finished and whole.

    Parameters
    ----------
    config, key
        Of the build wanted.

    Returns
    -------
    dict or None
        The manifest; None where nothing is built there.

    Raises
    ------
    ValueError
        If the folder holds another build, or this one with files missing.
    """
    out = config.out
    manifest = read_manifest(out)
    if manifest is None:
        return None
    if manifest["dataset"] != config.dataset:
        raise _holds_something_else(out, f"dataset {manifest['dataset']}, not {config.dataset}")
    facts = manifest["splits"].get(config.split)
    if facts is None:
        return None
    if manifest.get("format") != FORMAT:
        older = f"format {manifest.get('format')}, not {FORMAT}"
        raise _holds_something_else(out, older)
    if facts["key"] != key:
        raise _holds_something_else(out, _difference(facts, config))
    missing = _missing_file(config)
    if missing is not None:
        raise ValueError(f"{out}: {missing} is missing from the build; remove the folder first")
    remove_leftover(out, work_tag(config))  # of a run that was killed after its last rename
    return manifest


def recall_sources(config: BuildConfig) -> Seen:
    """Say what a finished build of the same settings knew of its sources; nothing without one.

    Parameters
    ----------
    config
        Of the build wanted.

    Returns
    -------
    mapping
        As of `seen.recall`.

    Raises
    ------
    ValueError
        If the folder is damaged.
    """
    manifest = read_manifest(config.out)
    facts = manifest["splits"].get(config.split, {}) if manifest else {}
    same = all(facts.get(field) == value for field, value in description(config).items())
    return recall(config.out / "sources", config.split) if same and not config.rehash else {}


def _holds_something_else(out: Path, difference: str) -> ValueError:
    return ValueError(
        f"{out}: holds something else (a build with {difference}); "
        "expected an empty folder or this same build"
    )


def _difference(facts: Mapping[str, Any], config: BuildConfig) -> str:
    for field, value in description(config).items():
        if facts.get(field) != value:
            return f"{field} {facts.get(field)}, not {value}"
    if config.mini is None:
        return "other sources"
    asked = mini_config(config.mini, config.mini_foregrounds, config.mini_seed).foregrounds
    if asked is None:
        return "other sources: another version of the generator"
    if facts["foregrounds"] != asked:
        return f"{facts['foregrounds']} foregrounds, not {asked}"
    return "other sources: another seed, or another version of the generator"


def _missing_file(config: BuildConfig) -> str | None:
    out = config.out
    recipe = out / "recipe" / f"{config.split}.parquet"
    if not recipe.is_file():
        return f"recipe/{recipe.name}"
    if "parquet" in config.write and not list((out / "data").glob(f"{config.split}-*.parquet")):
        return f"data/{config.split}-*.parquet"
    if WEBDATASET in config.write and not list((out / WEBDATASET).glob(f"{config.split}-*.tar")):
        return f"{WEBDATASET}/{config.split}-*.tar"
    if VIRTUAL in config.write:
        folder = out / VIRTUAL / config.split / FOREGROUNDS
        for name in sorted({foreground_file(row.foreground) for row in read_recipe(recipe)}):
            if not (folder / name).is_file():
                return f"{VIRTUAL}/{config.split}/{FOREGROUNDS}/{name}"
    if "folder" in config.write:
        rows = read_recipe(recipe)
        for kind in KINDS[: 3 if config.trimap_rule else 2]:
            names = {row.file_name(kind) for row in rows}
            folder = out / config.split / kind
            there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
            if not names <= there:
                return f"{config.split}/{kind}/{min(names - there)}"
    return None
