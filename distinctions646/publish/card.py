"""The card of a built dataset: a README whose head lists the files that ``datasets`` loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from distinctions646.checks.escapes import markdown
from distinctions646.checks.escapes import markdown_code as code
from distinctions646.images.formats import PNG
from distinctions646.sources.datasets import find_dataset, terms_of

# Files of each form, in the order in which a card prefers them.
_PATTERNS = {
    "parquet": "data/{split}-*.parquet",
    "folder": "{split}/**",
    "webdataset": "webdataset/{split}-*.tar",
}
TABLES = ("recipe", "sources")


def dataset_card(manifest: Mapping[str, Any], *, pixels: bool = True) -> str:
    """Return the README of a built dataset.

    Parameters
    ----------
    manifest
        The content of its ``build.json``.
    pixels
        False where the card goes with the tables alone.

    Returns
    -------
    str
        Markdown with a YAML head; the same manifest gives the same text.
    """
    name, splits = manifest["dataset"], manifest["splits"]
    form, loadable = _form(splits) if pixels else (None, [])
    configs = []
    if form is not None:
        configs.append(_config(name, _PATTERNS[form], loadable, default=True))
    if form in (None, "parquet"):
        # One loader serves all configs of a folder, so other forms leave no room for tables.
        for table in TABLES:
            pattern = table + "/{split}.parquet"
            configs.append(_config(table, pattern, list(splits), default=not configs))
    head = ["---", f"license: {terms_of(name).license}", "configs:", *configs, "---"]
    text = [
        *_summary(manifest),
        *_reading(manifest, loadable, pixels),
        *_about(name),
        *_terms(name),
    ]
    return "\n".join([*head, "", *text]) + "\n"


def _form(splits: Mapping[str, Any]) -> tuple[str | None, list[str]]:
    for form in _PATTERNS:
        loadable = [split for split, record in splits.items() if form in record["write"]]
        if loadable:
            return form, loadable
    return None, []


def _config(name: str, pattern: str, splits: Sequence[str], *, default: bool) -> str:
    lines = [f"- config_name: {name}"]
    if default:
        lines.append("  default: true")
    lines.append("  data_files:")
    for split in splits:
        lines += [f"  - split: {split}", f"    path: {pattern.format(split=split)}"]
    return "\n".join(lines)


def _summary(manifest: Mapping[str, Any]) -> list[str]:
    lines = [
        f"# {manifest['dataset']}",
        "",
        "Composites for image matting, built from foregrounds, their alphas and backgrounds.",
        "",
        "| split | foregrounds | composites | root |",
        "|---|---|---|---|",
    ]
    for split, record in manifest["splits"].items():
        root = f"`{record['root']}`" if record["root"] else "composed on reading"
        if record.get("source_root") and not record["root"]:
            root += f"; source root `{record['source_root']}`"
        lines.append(f"| {split} | {record['foregrounds']} | {record['composites']} | {root} |")
    lines.append("")
    for split, record in manifest["splits"].items():
        lines += _split_text(split, record)
    return [
        *lines,
        "- A root is the SHA-256 of the split's names and decoded pixels, in order; a source root "
        "that of the rules, foregrounds, alphas and background files they follow from.",
    ]


def _split_text(split: str, record: Mapping[str, Any]) -> list[str]:
    rule = record["trimap_rule"]
    trimaps = f"{code(rule)}, seed {record['trimap_seed']}" if rule else "none"
    lines = [
        f"- {split}: preset {code(record['preset'])}, names {code(record['names'])}, "
        f"backgrounds for each foreground: {record['per_foreground']}; trimaps: {trimaps}.",
    ]
    if record.get("image_format", PNG) != PNG:
        lines.append(
            f"- {split}: **images are {markdown(record['image_format'])} and not exact**; results "
            "on them are not comparable with those on the exact pixels."
        )
    if record.get("exif", "ignore") != "ignore":
        lines.append(f"- {split}: EXIF orientations of the sources are applied, as by OpenCV.")
    if record.get("matte_channel"):
        channel = code(record["matte_channel"])
        lines.append(
            f"- {split}: of alphas that read in two ways, the channel {channel} was taken."
        )
    if record.get("alpha_cleanup"):
        lines.append(f"- {split}: alphas cleaned by {code(record['alpha_cleanup'])}.")
    if record.get("trimap_root"):
        lines.append(f"- {split}: root of the trimaps `{record['trimap_root']}`.")
    lists = record.get("lists", {})
    return lines + [
        f"- {split}, {markdown(kind)} list: {markdown(verdict)}." for kind, verdict in lists.items()
    ]


def _reading(manifest: Mapping[str, Any], loadable: Sequence[str], pixels: bool) -> list[str]:
    name, splits = manifest["dataset"], manifest["splits"]
    calls = []
    if loadable:
        calls = [
            "import datasets",
            "",
            f'rows = datasets.load_dataset("PATH/OF/THIS/FOLDER", "{name}", split="{loadable[0]}")',
        ]
    virtual = [split for split, record in splits.items() if "virtual" in record["write"]]
    if virtual and pixels:
        calls += [
            *([""] if calls else []),
            "from distinctions646.loading import load",
            "",
            f'rows = load("PATH/OF/THIS/FOLDER", split="{virtual[0]}", mode="virtual",',
            '            backgrounds="FOLDER/OF/THE/BACKGROUNDS")',
        ]
    lines = ["", "```python", *calls, "```"] if calls else []
    if pixels:
        lines += [
            "",
            "Columns: `id`, `foreground`, `background` (strings), `image` (RGB), `alpha` and "
            "`trimap` (grey; a dataset without trimaps has none there).",
        ]
    return [
        *lines,
        "",
        "`recipe/` says which foreground lies over which background, with the hash of every "
        "composite; `sources/` has the hashes of the files it was built from. Read these two with "
        '`distinctions646.loading.load(folder, "recipe")` or any Parquet reader.',
    ]


def _about(dataset: str) -> list[str]:
    known = find_dataset(dataset)
    return ["", known.card_note] if known is not None and known.card_note else []


def _terms(dataset: str) -> list[str]:
    terms = terms_of(dataset)
    return [
        "",
        "## Terms",
        "",
        f"- Foregrounds and alphas: {terms.foregrounds}.",
        f"- Backgrounds: {terms.backgrounds}.",
        "- The pictures stay under the licences of their sources; recipe and hashes hold no "
        "pixels and may be passed on.",
    ]
