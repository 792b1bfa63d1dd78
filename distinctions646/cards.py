"""The card of a built dataset: a README whose head tells ``datasets`` what to load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Write the README of a built dataset.

    Parameters
    ----------
    manifest
        The content of its ``build.json``.

    Returns
    -------
    str
        Markdown with a YAML head; the same manifest gives the same text.
    """
    name = manifest["dataset"]
    splits = manifest["splits"]
    embedded = "parquet" in manifest["write"]
    pattern = "data/{split}-*.parquet" if embedded else "{split}/**"
    configs = [_config(name, pattern, list(splits), default=True)]
    if embedded:
        # One loader serves all configs of a folder, so plain pictures leave no room for tables.
        configs.append(_config("recipe", "recipe/{split}.parquet", list(splits)))
        configs.append(_config("sources", "sources/{split}.parquet", list(splits)))
    head = ["---", "configs:", *configs, "---"]
    return "\n".join([*head, "", *_text(manifest, embedded)]) + "\n"


def _config(name: str, pattern: str, splits: Sequence[str], *, default: bool = False) -> str:
    lines = [f"- config_name: {name}"]
    if default:
        lines.append("  default: true")
    lines.append("  data_files:")
    for split in splits:
        lines += [f"  - split: {split}", f"    path: {pattern.format(split=split)}"]
    return "\n".join(lines)


def _text(manifest: Mapping[str, Any], embedded: bool) -> list[str]:
    name = manifest["dataset"]
    first = next(iter(manifest["splits"]))
    rule = manifest["trimap_rule"]
    trimaps = f"`{rule}`, seed {manifest['trimap_seed']}" if rule else "none"
    lines = [
        f"# {name}",
        "",
        "Composites for image matting, built from foregrounds, their alphas and backgrounds.",
        "",
        "| split | foregrounds | composites | root |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {split} | {facts['foregrounds']} | {facts['composites']} | `{facts['root']}` |"
        for split, facts in manifest["splits"].items()
    ]
    lines += [
        "",
        f"- Preset `{manifest['preset']}`, names `{manifest['names']}`, "
        f"{manifest['per_foreground']} backgrounds for each foreground.",
        f"- Trimaps: {trimaps}.",
        "- A root is the SHA-256 of the split's names and decoded pixels, in order.",
        "",
        "```python",
        "import datasets",
        "",
        f'rows = datasets.load_dataset("PATH/OF/THIS/FOLDER", "{name}", split="{first}")',
        "```",
        "",
        "Columns: `id`, `foreground`, `background` (strings), `image` (RGB), `alpha` and `trimap` "
        "(grey; a dataset without trimaps has none there).",
        "`recipe/` says which foreground lies over which background, with the hash of every "
        "composite; `sources/` has the hashes of the files it was built from.",
    ]
    if not embedded:
        lines.append(
            'Read these two with `distinctions646.loading.load(folder, "recipe")` or any '
            "Parquet reader."
        )
    lines += ["", "The pictures stay under the licences of their sources."]
    return lines
