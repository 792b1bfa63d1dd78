"""Ready-made mattes as a method: ``folder:PATH`` scores what somebody else has made.

Such a row is *scored*, not *measured*: the suite did not run the method. Its title, reference and
track come from the user; the files are matched with the images by `benchmark.methods.matching`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.methods.description import MethodDescription
from benchmark.methods.leaks import check_leaks
from benchmark.methods.matching import match_mattes
from distinctions646.images.fingerprint import file_sha256
from distinctions646.images.headers import Exif, picture_size, turn_hint
from distinctions646.images.mattes import MatteChannel
from distinctions646.images.opening import open_header

if TYPE_CHECKING:
    from distinctions646.forms.samples import Sample

PREFIX = "folder:"


def find_folders(spec: str, samples: Sequence[Sample]) -> list[str]:
    """Return one spec for each method whose mattes a folder holds.

    Parameters
    ----------
    spec
        ``folder:PATH``. Where PATH has no picture itself, and two or more subfolders that each
        hold all mattes, these are the methods.
    samples
        The whole split, in order.

    Returns
    -------
    list of str
        ``folder:PATH``, or ``folder:PATH/NAME`` for each method.

    Raises
    ------
    ValueError
        If some subfolders are whole sets of mattes and others lack some; the first is named.
    """
    folder = Path(spec.removeprefix(PREFIX))
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    shown = [path for path in inside if not path.name.startswith(".")]
    if len(shown) < 2 or not all(path.is_dir() for path in shown) or len(samples) < 2:
        return [spec]
    errors = []
    for path in shown:
        try:
            match_mattes(path, samples)
        except ValueError as error:
            errors.append(error)
    if len(errors) == len(shown):  # one folder of mattes that has subfolders
        return [spec]
    if errors:
        raise errors[0]
    return [f"{PREFIX}{path}" for path in shown]


def describe_folder(
    spec: str,
    samples: Sequence[Sample],
    *,
    title: str | None = None,
    reference: str | None = None,
    uses_trimap: bool | None = None,
    matte_channel: MatteChannel | None = None,
    leak: Sequence[str] = (),
) -> tuple[MethodDescription, list[Path]]:
    """Find the matte of every sample and describe the folder as a method.

    Parameters
    ----------
    spec
        ``folder:PATH``.
    samples
        The whole split, in order.
    title
        What tables call the mattes; the folder's name if left out.
    reference
        The paper or page that they come from.
    uses_trimap
        Whether they were made with trimaps; None leaves it open.
    matte_channel
        Which channel is the matte in files that read in two ways: it makes other mattes.
    leak
        Known datasets whose test images their method was trained on.

    Returns
    -------
    description : MethodDescription
        What the runner knows of a method.
    paths : list of Path
        The mattes, one per sample.

    Raises
    ------
    ValueError
        If the folder is missing or holds no pictures, their names match the samples' in no way or
        in several, or there is no such dataset as `leak` names.
    """
    folder = Path(spec.removeprefix(PREFIX))
    paths = match_mattes(folder, samples)
    card = {
        "paper": reference or "not stated",
        "implementation": "ready-made mattes",
        "licence": "not stated",
        "weights": "not stated",
        "trained_on": "not stated",
        "kind": "scored",
    }
    if title:
        card["title"] = title
    if matte_channel is not None:
        card["matte_channel"] = matte_channel
    if leak:
        card["leak"] = ", ".join(leak)
        check_leaks(spec, card)
    digest = hashlib.sha256(json.dumps(card, sort_keys=True).encode())
    for sample, path in zip(samples, paths, strict=True):
        digest.update(f"{sample.name}\0{file_sha256(path)}\n".encode())
    description = MethodDescription(
        spec,
        f"{PREFIX}{folder.resolve().name}",
        digest.hexdigest()[:12],
        needs_trimap=False,
        card=card,
        kind="scored",
        uses_trimap=uses_trimap,
    )
    return description, paths


def check_size(path: Path, sample: Sample, exif: Exif = "ignore") -> None:
    """Check from its header that a matte is as large as its image, as turned or not by `exif`.

    Raises
    ------
    ValueError
        Naming the matte.
    """
    with open_header(path) as picture:
        got = picture_size(picture, exif)
    wanted = sample.size()
    if got != wanted:
        raise ValueError(
            f"{path}: matte is {got[0]}×{got[1]} pixels; "
            f"expected {wanted[0]}×{wanted[1]}, as its image"
            f"{turn_hint([path, *_image_files(sample)], exif)}"
        )


def _image_files(sample: Sample) -> list[Path]:
    """Return the file of a sample's image, where it is a file of its own."""
    path, content = sample.contents.get("image", (Path(), b""))
    return [path] if content is None else []
