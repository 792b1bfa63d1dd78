"""Pairs of files: which matte is compared with which truth, and under which trimap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from distinctions646.checks.names import near_hint
from distinctions646.images.folders import find_images
from distinctions646.images.headers import Exif, picture_size, turn_hint
from distinctions646.images.opening import open_header

SHARED_TRUTH = re.compile(r"(.+)_(\d+)")
"""How the composites of one foreground are named: ``<foreground>_<k>``."""


@dataclass(frozen=True)
class FilePair:
    """The files of one image: predicted matte, true matte, and perhaps a trimap."""

    name: str
    alpha: Path
    alpha_gt: Path
    trimap: Path | None


def pair_files(
    alpha: Path,
    alpha_gt: Path,
    trimap: Path | None = None,
    *,
    shared_alpha_gt: bool = False,
    exif: Exif = "ignore",
) -> list[FilePair]:
    """Pair the mattes of two folders, or two files, and check that their sizes agree.

    Parameters
    ----------
    alpha, alpha_gt, trimap
        All folders, whose files are matched by name without suffix, or all files.
    shared_alpha_gt
        A truth serves every matte named ``<its name>_<k>``, as the 50 foregrounds of
        Composition-1k do with their 1000 composites. Trimaps still go by the matte's own name.
    exif
        Whether sizes are those of the pictures turned by their EXIF orientation.

    Returns
    -------
    list of FilePair
        Sorted so that mattes of one truth follow each other.

    Raises
    ------
    ValueError
        If a file is missing, left over, unreadable or of another size. Nothing is ever resized.
    """
    given = {"--alpha": alpha, "--alpha-gt": alpha_gt}
    if trimap is not None:
        given["--trimap"] = trimap
    for flag, path in given.items():
        if not path.exists():
            raise ValueError(f"{flag} {path}: no such file or folder")
        if path.is_dir() != alpha.is_dir():
            kind = "folder" if alpha.is_dir() else "file"
            raise ValueError(f"{flag} {path}: expected a {kind}, as --alpha is one")
    if not alpha.is_dir():
        pairs = [FilePair(alpha.stem, alpha, alpha_gt, trimap)]
    else:
        pairs = _match_folders(alpha, alpha_gt, trimap, shared_alpha_gt)
    for pair in pairs:
        _check_sizes(pair, exif)
    return pairs


def _match_folders(
    alpha: Path, alpha_gt: Path, trimap: Path | None, shared_alpha_gt: bool
) -> list[FilePair]:
    mattes, truths = find_images(alpha), find_images(alpha_gt)
    truth_of = {name: _truth_name(name, alpha) if shared_alpha_gt else name for name in mattes}
    _check_partners(mattes, truth_of, truths, alpha_gt, "ground truth")
    unused = [path for name, path in truths.items() if name not in set(truth_of.values())]
    _refuse(unused, f"no matte of this name in {alpha}")
    trimaps = {} if trimap is None else find_images(trimap)
    if trimap is not None:
        _check_partners(mattes, {name: name for name in mattes}, trimaps, trimap, "trimap")
        _refuse(
            [path for name, path in trimaps.items() if name not in mattes],
            f"no matte of this name in {alpha}",
        )
    names = sorted(mattes, key=lambda name: (truth_of[name], name))
    return [
        FilePair(name, mattes[name], truths[truth_of[name]], trimaps.get(name)) for name in names
    ]


def _truth_name(name: str, folder: Path) -> str:
    match = SHARED_TRUTH.fullmatch(name)
    if match is None:
        raise ValueError(
            f"{folder}: {name} is not named <ground truth>_<number>, as --shared-alpha-gt wants"
        )
    return match.group(1)


def _check_partners(
    mattes: dict[str, Path],
    partner_of: dict[str, str],
    partners: dict[str, Path],
    folder: Path,
    kind: str,
) -> None:
    unpaired = [name for name in mattes if partner_of[name] not in partners]
    if unpaired:
        wanted = partner_of[unpaired[0]]
        free = set(partners) - set(partner_of.values())
        near = near_hint(wanted, sorted(free))
        _refuse([mattes[name] for name in unpaired], f"no {kind} named {wanted} in {folder}{near}")


def _refuse(paths: list[Path], reason: str) -> None:
    if paths:
        more = f" (and {len(paths) - 1} more files like it)" if len(paths) > 1 else ""
        raise ValueError(f"{paths[0]}: {reason}{more}")


def _check_sizes(pair: FilePair, exif: Exif) -> None:
    sizes = {}
    for path in (pair.alpha, pair.alpha_gt, pair.trimap):
        if path is not None:
            with open_header(path) as picture:
                sizes[path] = picture_size(picture, exif)
    height, width = sizes[pair.alpha]
    for path, (other_height, other_width) in sizes.items():
        if (other_width, other_height) != (width, height):
            raise ValueError(
                f"{path} is {other_height} x {other_width} (height x width), but {pair.alpha} is "
                f"{height} x {width}; expected one size, nothing is resized"
                f"{turn_hint(sizes, exif)}"
            )
