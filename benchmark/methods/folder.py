"""Ready-made mattes as a method: ``folder:PATH`` scores what somebody else has made.

Such a row is *scored*, not *measured*: nobody here ran the method. What is known of it the user
says; the files are found by `benchmark.methods.matching`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.methods.facts import Facts
from benchmark.methods.matching import match_mattes
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.headers import open_header

if TYPE_CHECKING:
    from distinctions646.forms.samples import Sample

PREFIX = "folder:"


@dataclass(frozen=True)
class Provenance:
    """What a user says of ready-made mattes.

    Attributes
    ----------
    title
        What tables call them.
    reference
        The paper or page they come from.
    uses_trimap
        Whether they were made with trimaps; None leaves it open.
    """

    title: str | None = None
    reference: str | None = None
    uses_trimap: bool | None = None


NOT_STATED = Provenance()


def describe_folder(
    spec: str, samples: Sequence[Sample], provenance: Provenance
) -> tuple[Facts, list[Path]]:
    """Find the matte of every sample and say whose they are.

    Parameters
    ----------
    spec
        ``folder:PATH``.
    samples
        Of the whole split, in order.
    provenance
        What the user says.

    Returns
    -------
    tuple
        What the runner knows of a method, and a path a sample.

    Raises
    ------
    ValueError
        If the folder is missing or holds no pictures, or they match the samples' names in no way
        or in several.
    """
    folder = Path(spec.removeprefix(PREFIX))
    paths = match_mattes(folder, samples)
    card = {
        "paper": provenance.reference or "not stated",
        "implementation": "ready-made mattes",
        "licence": "not stated",
        "weights": "not stated",
        "trained_on": "not stated",
        "kind": "scored",
    }
    if provenance.title:
        card["title"] = provenance.title
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode())
    for sample, path in zip(samples, paths, strict=True):
        digest.update(f"{sample.name}\0{file_sha256(path)}\n".encode())
    name = f"{PREFIX}{folder.resolve().name}"
    facts = Facts(
        spec, name, digest.hexdigest()[:12], False, card, "scored", provenance.uses_trimap
    )
    return facts, paths


def check_size(path: Path, sample: Sample) -> None:
    """Check from its header that a matte is as large as its image.

    Raises
    ------
    ValueError
        Naming the matte.
    """
    with open_header(path) as picture:
        got = (picture.height, picture.width)
    wanted = sample.size()
    if got != wanted:
        raise ValueError(
            f"{path}: matte is {got[0]}×{got[1]} pixels; "
            f"expected {wanted[0]}×{wanted[1]}, as its image"
        )
