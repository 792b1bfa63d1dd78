"""Croissant: a built dataset described for machines, in MLCommons' format 1.0.

The description names every table and Parquet file with its hash, the columns in them, and the
terms of the pictures. Plain files and tar files are described by the tables that list them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from distinctions646.checks.tables import open_parquet
from distinctions646.forms.parquet import PICTURE_COLUMNS
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.formats import PNG
from distinctions646.publish.card import TABLES
from distinctions646.sources.datasets import terms_of

CROISSANT = "croissant.json"
_SPECIFICATION = "http://mlcommons.org/croissant/1.0"
_LICENSES = {
    "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "mit": "https://opensource.org/license/mit",
}
_TYPES = {"string": "sc:Text", "large_string": "sc:Text", "int64": "sc:Integer"}
# The context that the specification prescribes, as compact as it may be.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(
    manifest: Mapping[str, Any], folders: Sequence[Path], *, pixels: bool = True
) -> bytes:
    """Return the description of a built dataset.

    Parameters
    ----------
    manifest
        The content of its ``build.json``.
    folders
        Folders searched for its files, in order.
    pixels
        False where the description goes with the tables alone.

    Returns
    -------
    bytes
        JSON-LD.

    Raises
    ------
    ValueError
        If a table is in none of the folders.
    """
    name, splits = manifest["dataset"], manifest["splits"]
    files, records = [], []
    for path, relative in _files(splits, folders, pixels):
        identity = relative.removesuffix(".parquet").replace("/", "-")
        files.append(_file_object(path, relative, identity))
        records.append(_record_set(path, identity))
    terms = terms_of(name)
    roots = [f"{split} {record['root']}" for split, record in splits.items() if record["root"]]
    sources = [
        f"{split} {record['source_root']}"
        for split, record in splits.items()
        if record.get("source_root")
    ]
    lossy = [
        f"{split} {record['image_format']}"
        for split, record in splits.items()
        if record.get("image_format", PNG) != PNG
    ]
    description = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": "Composites for image matting. "
        f"Foregrounds and alphas: {terms.foregrounds}. Backgrounds: {terms.backgrounds}."
        + (f" Roots of decoded pixels: {', '.join(roots)}." if roots else "")
        + (f" Source roots: {', '.join(sources)}." if sources else "")
        + (f" Stored with loss: {', '.join(lossy)}." if lossy else ""),
        "conformsTo": _SPECIFICATION,
        "license": _LICENSES.get(terms.license, f"{terms.foregrounds}; {terms.backgrounds}"),
        "distribution": files,
        "recordSet": records,
    }
    return (json.dumps(description, indent=1, ensure_ascii=False) + "\n").encode()


def _files(
    splits: Mapping[str, Any], folders: Sequence[Path], pixels: bool
) -> Iterator[tuple[Path, str]]:
    for split, record in splits.items():
        wanted = [f"{table}/{split}.parquet" for table in TABLES]
        if pixels and "parquet" in record["write"]:
            wanted.append(f"data/{split}-*.parquet")
        for pattern in wanted:
            yield from _matching(folders, pattern)


def _matching(folders: Sequence[Path], pattern: str) -> list[tuple[Path, str]]:
    for folder in folders:
        paths = sorted(folder.glob(pattern))
        if paths:
            return [(path, path.relative_to(folder).as_posix()) for path in paths]
    raise ValueError(f"{folders[-1]}: {pattern} is missing; build again")


def _file_object(path: Path, relative: str, identity: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": identity,
        "name": identity,
        "contentUrl": relative,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file_sha256(path),
    }


def _record_set(path: Path, identity: str) -> dict[str, Any]:
    identity_of_set = f"{identity}-rows"
    fields = []
    with open_parquet(path) as file:
        columns = list(file.schema_arrow)
    for column in columns:
        source: dict[str, Any] = {
            "fileObject": {"@id": identity},
            "extract": {"column": column.name},
        }
        kind = _TYPES.get(str(column.type), "sc:Text")
        if column.name in PICTURE_COLUMNS:
            kind, source["transform"] = "sc:ImageObject", {"jsonPath": "bytes"}
        fields.append(
            {
                "@type": "cr:Field",
                "@id": f"{identity_of_set}/{column.name}",
                "name": f"{identity_of_set}/{column.name}",
                "dataType": kind,
                "source": source,
            }
        )
    return {
        "@type": "cr:RecordSet",
        "@id": identity_of_set,
        "name": identity_of_set,
        "field": fields,
    }
