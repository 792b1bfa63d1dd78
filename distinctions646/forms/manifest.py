"""The manifest of a built dataset, `build.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from distinctions646.checks import schema
from distinctions646.checks.files import read_json
from distinctions646.plan.settings import WRITERS

MANIFEST = "build.json"
CARD = "README.md"
FORMAT = 3

_WORD = schema.text(r"[^\x00-\x1f\x7f]*", most=200)
_ROOT = schema.optional(schema.text("[0-9a-f]{64}"))
_ALWAYS = {
    "write": schema.list_of(schema.one_of(*WRITERS), least=1),
    "root": _ROOT,
    "trimap_rule": schema.optional(_WORD),
    "trimap_seed": schema.optional(schema.whole(-(2**63))),
}
_OF_THIS_FORMAT = {
    "foregrounds": schema.whole(1),
    "composites": schema.whole(1),
    "per_foreground": schema.whole(0),
    "preset": _WORD,
    "names": _WORD,
    "exif": _WORD,
    "image_format": _WORD,
    "lists": schema.mapping_of(_WORD, _WORD),
    "key": _WORD,
}
_PERHAPS = {
    "source_root": _ROOT,
    "trimap_root": _ROOT,
    "alpha_cleanup": schema.optional(_WORD),
    "matte_channel": schema.optional(_WORD),
    "versions": schema.mapping_of(_WORD, _WORD),
}
# As `plan.settings.check_config` wants them: they stand in paths, YAML and code.
_DATASET, _SPLIT = schema.text(r"[A-Za-z0-9][\w.-]*", 200), schema.text(r"[A-Za-z]\w*", 200)
_HEAD = schema.fields(
    {"dataset": _DATASET, "splits": schema.mapping_of(schema.anything)},
    {"format": schema.whole(1)},  # the first ones have none
)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a finished build.

    Parameters
    ----------
    folder
        A built dataset, or any other folder.

    Returns
    -------
    dict or None
        None where the folder has no manifest.

    Raises
    ------
    ValueError
        If the file is not the manifest of a build; naming the first field that is wrong.
    """
    path = folder / MANIFEST
    if not path.is_file():
        return None
    manifest = read_json(path)
    if not isinstance(manifest, dict) or not {"dataset", "splits"} <= manifest.keys():
        raise ValueError(f"{path}: not the manifest of a build; expected dataset and splits")
    _HEAD(manifest, str(path))
    current = manifest.get("format") == FORMAT
    record = schema.fields({**_ALWAYS, **_OF_THIS_FORMAT} if current else _ALWAYS, _PERHAPS)
    schema.mapping_of(record, _SPLIT)(manifest["splits"], f"{path}: splits")
    return manifest
