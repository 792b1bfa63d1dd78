"""Finding the foregrounds, alphas and backgrounds of a build, and checking their headers.

Everything that can be known without decoding a pixel is checked here, before anything is written:
the lists, the files, their kinds and sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from distinctions646.checks.files import read_text
from distinctions646.checks.names import check_name, is_plain_name, near_hint, same_form
from distinctions646.images.folders import find_images, list_images
from distinctions646.images.headers import (
    Exif,
    check_grey_mode,
    check_image_mode,
    check_own_alpha,
    picture_size,
    turn_hint,
)
from distinctions646.images.mattes import MatteChannel
from distinctions646.images.opening import open_header
from distinctions646.sources.index import FolderIndex
from distinctions646.sources.stamps import KnownFiles, stamp_of


@dataclass(frozen=True)
class Foreground:
    """A foreground file and its matte; `alpha` is None where the file has an alpha channel."""

    path: Path
    alpha: Path | None
    height: int
    width: int
    matte_channel: MatteChannel | None = None


@dataclass(frozen=True)
class Background:
    """A background file, and its name in the list where that differs from the file's."""

    path: Path
    height: int
    width: int
    listed: str | None = None

    @property
    def name(self) -> str:
        """Name in a recipe."""
        return self.listed or self.path.name


def read_names(path: Path | str) -> list[str]:
    """Read a list of file names, one per line.

    Lines may end in LF or CRLF and the last may be unended; blanks around a name do not count,
    and blank lines may stand at the end only.

    Parameters
    ----------
    path
        A UTF-8 text file.

    Returns
    -------
    list of str
        The names, in order.

    Raises
    ------
    ValueError
        If the list is empty, is no UTF-8 text, has a blank line between names, or a name that is
        more than a base name and could leave the folder.
    OSError
        If the file is missing.
    """
    text = read_text(path, "one file name per line")
    names = [line.strip() for line in text.rstrip().split("\n")]
    if names == [""]:
        raise ValueError(f"{path}: has no names; expected one file name per line")
    for number, name in enumerate(names, 1):
        if not name:
            raise ValueError(f"{path}: line {number} is blank; expected a file name")
        if not is_plain_name(name):
            raise ValueError(
                f"{path}: line {number} is {name!r}; expected the name of a file in the folder, "
                "without a path"
            )
    return names


def find_foregrounds(
    folder: Path,
    alphas: Path | None = None,
    names: list[str] | None = None,
    *,
    exif: Exif = "ignore",
    matte_channel: MatteChannel | None = None,
) -> list[Foreground]:
    """Find the foregrounds and the alpha of each.

    Parameters
    ----------
    folder
        Holds the foregrounds.
    alphas
        Holds an alpha for each, under the same name or at least the same stem; None where the
        foregrounds have an alpha channel.
    names
        File names in order; None means all, sorted by name.
    exif
        As for `headers.picture_size`.
    matte_channel
        As for `images.mattes.read_grey`; kept for when the alphas are decoded.

    Returns
    -------
    list of Foreground
        In order.

    Raises
    ------
    ValueError
        If a folder or file is missing or no picture, two foregrounds share a stem, or an alpha
        differs in size.
    """
    if names is None:
        paths = list(find_images(folder).values())
    else:
        index = FolderIndex([folder])
        paths = [index.require(name, "foreground") for name in names]
        refuse_shared_stems(folder, paths)
    if alphas is None:
        return [check_foreground(path, None, exif=exif) for path in paths]
    candidates = list_images(alphas)
    partners = match_alphas(alphas, paths, candidates)
    if names is None:
        used = set(partners)
        for path in candidates:
            if path not in used:
                raise ValueError(f"{path}: alpha has no foreground of the same name in {folder}")
    pairs = zip(paths, partners, strict=True)
    return [
        check_foreground(path, alpha, exif=exif, matte_channel=matte_channel)
        for path, alpha in pairs
    ]


def find_backgrounds(
    folder: Path,
    count: int,
    names: list[str] | None = None,
    *,
    exif: Exif = "ignore",
    known: KnownFiles | None = None,
) -> list[Background]:
    """Find the first `count` backgrounds.

    Parameters
    ----------
    folder
        Holds the backgrounds.
    count
        Number of backgrounds needed.
    names
        File names in order; None means all, sorted by name.
    exif
        As for `headers.picture_size`.
    known
        Files whose size is known already.

    Returns
    -------
    list of Background
        At most `count`; fewer where the folder or list has fewer.

    Raises
    ------
    ValueError
        If the folder or a file is missing or no picture.
    """
    if names is None:
        paths = list_images(folder)[:count]
    else:
        index = FolderIndex([folder])
        paths = [index.require(name, "background") for name in names[:count]]
    return check_backgrounds([(path, path.name) for path in paths], exif=exif, known=known)


def check_backgrounds(
    files: Sequence[tuple[Path, str]], *, exif: Exif = "ignore", known: KnownFiles | None = None
) -> list[Background]:
    """Check backgrounds by their headers.

    Parameters
    ----------
    files
        Pairs of a path and its name in a recipe.
    exif
        As for `headers.picture_size`.
    known
        Files whose size is known already, and that they are pictures.

    Returns
    -------
    list of Background
        In order.

    Raises
    ------
    ValueError
        If one is no picture, or one that cannot become 8-bit RGB, or has a name that no recipe can
        hold.
    """
    sizes: dict[Path, tuple[int, int]] = {}
    for path, name in files:
        check_name(name, f"{path.parent}: the name of a background")
        file = known.get(stamp_of(path)) if known and path not in sizes else None
        if file is not None:
            sizes[path] = file.height, file.width
        elif path not in sizes:
            with open_header(path) as picture:
                check_image_mode(picture, path)
                sizes[path] = picture_size(picture, exif)
    return [Background(path, *sizes[path], listed=name) for path, name in files]


def check_foreground(
    path: Path,
    alpha: Path | None,
    *,
    exif: Exif = "ignore",
    matte_channel: MatteChannel | None = None,
) -> Foreground:
    """Check a foreground and its alpha by their headers.

    Parameters
    ----------
    path, alpha
        The files; an alpha of None means the foreground's own alpha channel.
    exif
        As for `headers.picture_size`.
    matte_channel
        As for `find_foregrounds`.

    Returns
    -------
    Foreground
        With its size.

    Raises
    ------
    ValueError
        If one is no picture of the right kind, the sizes differ, or it has a name that no recipe
        can hold.
    """
    check_name(path.name, f"{path.parent}: the name of a foreground")
    if alpha is not None:
        check_name(alpha.name, f"{alpha.parent}: the name of an alpha")
    with open_header(path) as picture:
        check_image_mode(picture, path)
        if alpha is None:
            check_own_alpha(picture, path)
        height, width = picture_size(picture, exif)
    if alpha is not None:
        with open_header(alpha) as picture:
            check_grey_mode(picture, alpha, "alpha")
            alpha_height, alpha_width = picture_size(picture, exif)
            if (alpha_height, alpha_width) != (height, width):
                raise ValueError(
                    f"{alpha}: alpha is {alpha_height}×{alpha_width} pixels; "
                    f"expected {height}×{width}, as {path}{turn_hint((path, alpha), exif)}"
                )
    return Foreground(path, alpha, height, width, matte_channel)


def match_alphas(
    folder: Path, foregrounds: Sequence[Path], candidates: Sequence[Path] | None = None
) -> list[Path]:
    """Find the alpha of each foreground: of the same name, or at least the same stem.

    Parameters
    ----------
    folder
        Holds the alphas.
    foregrounds
        Files.
    candidates
        The pictures in `folder`, where they are known already.

    Returns
    -------
    list of Path
        One for each foreground.

    Raises
    ------
    ValueError
        If a foreground has none, or more than one of another suffix.
    """
    if candidates is None:
        candidates = list_images(folder)
    names = {same_form(path.name): path for path in candidates}
    by_stem: dict[str, list[Path]] = {}
    for path in candidates:
        by_stem.setdefault(same_form(path.stem), []).append(path)
    partners = []
    for foreground in foregrounds:
        if same_form(foreground.name) in names:
            partners.append(names[same_form(foreground.name)])
            continue
        matches = by_stem.get(same_form(foreground.stem), [])
        if len(matches) != 1:
            listed = ", ".join(path.name for path in matches) or "none"
            near = "" if matches else near_hint(foreground.name, names)
            raise ValueError(
                f"{foreground}: foreground needs one alpha named {foreground.stem} in {folder}; "
                f"found {listed}{near}"
            )
        partners.append(matches[0])
    return partners


def refuse_shared_stems(folder: Path, paths: Sequence[Path]) -> None:
    """Refuse foregrounds whose composites would have the same names.

    Parameters
    ----------
    folder
        Folder that the message names.
    paths
        The foregrounds.

    Raises
    ------
    ValueError
        Naming the first two that share a stem.
    """
    seen: dict[str, str] = {}
    for path in paths:
        stem = same_form(path.stem)
        if stem in seen:
            raise ValueError(
                f"{folder}: {seen[stem]} and {path.name} share the name {stem}, and "
                "their composites would too; expected one foreground per name"
            )
        seen[stem] = path.name
