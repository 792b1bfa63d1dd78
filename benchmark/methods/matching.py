"""Ready-made mattes matched with images by name: exactly, or by one convention that fits all.

A convention is a key for each image, such as Adobe's ``<foreground>_<k>``, with one and the same
text before and after it in all paths: ``<key>_alpha.png``, ``<key>/alpha.png``,
``mattes/<key>.png``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from distinctions646.checks.names import near_hint, same_form
from distinctions646.images.folders import note_left_out
from distinctions646.images.opening import IMAGE_SUFFIXES, is_picture
from distinctions646.plan.recipe import output_name

if TYPE_CHECKING:
    from distinctions646.forms.samples import Sample

_SEPARATORS = "_-. /"
_EXAMPLES = 3


def match_mattes(folder: Path, samples: Sequence[Sample]) -> list[Path]:
    """Find one matte for every image.

    Parameters
    ----------
    folder
        Folder of mattes, perhaps in subfolders.
    samples
        The whole split, in order.

    Returns
    -------
    list of Path
        One per sample.

    Raises
    ------
    ValueError
        If there is no such folder, or its names fit in no way or in several; with examples.
    """
    files = _index(folder)
    conventions = dict(_conventions(samples))
    exact = [files.get(same_form(sample.name)) for sample in samples]
    if None not in exact:
        return [path for path in exact if path is not None]
    matches: dict[tuple[Path, ...], str] = {}
    for label, keys in conventions.items():
        for before, after in _affixes(keys[0], files):
            paths = tuple(files.get(f"{before}{key}{after}", folder) for key in keys)
            if folder not in paths and len(set(paths)) == len(paths):
                matches.setdefault(paths, f"{before}{label}{after}")
    if len(matches) == 1:
        return list(next(iter(matches)))
    if not matches:
        raise ValueError(_nothing_fits(folder, files, conventions))
    by_label = sorted(matches.items(), key=lambda match: match[1])
    ways = [f"{label} ({paths[0].relative_to(folder)})" for paths, label in by_label]
    raise ValueError(
        f"{folder}: the mattes can be matched in {len(matches)} ways, {' or '.join(ways)} for "
        f"image {samples[0].name}; expected one, so leave only one kind of file in the folder"
    )


def _index(folder: Path) -> dict[str, Path]:
    """Return the pictures by their path below the folder, without suffix."""
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; expected a folder of mattes")
    files: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if any(part.startswith(".") for part in below.parts) or not path.is_file():
            continue
        if path.suffix.lower() not in IMAGE_SUFFIXES and not is_picture(path):
            note_left_out(path.parent, [path.name])
            continue
        key = same_form(below.with_suffix("").as_posix())
        if key in files:
            raise ValueError(
                f"{folder}: {files[key].name} and {path.name} share the name {key}; "
                "expected one file a name"
            )
        files[key] = path
    if not files:
        raise ValueError(f"{folder}: has no images; expected at least one")
    return files


def _conventions(samples: Sequence[Sample]) -> Iterator[tuple[str, list[str]]]:
    """Yield the label of each convention, and its key for each sample."""
    yield "<name>", [same_form(sample.name) for sample in samples]
    if not all(sample.background for sample in samples):
        return
    adobe, official, by_number, by_background, by_name = [], [], [], [], []
    counts: dict[str, int] = {}
    for index, sample in enumerate(samples):
        k = counts.get(sample.foreground, 0)
        counts[sample.foreground] = k + 1
        foreground = same_form(sample.foreground)
        stem = Path(foreground).stem
        adobe.append(output_name(foreground, k, index, "adobe"))
        official.append(output_name(foreground, k, index, "d646"))
        by_number.append(f"{stem}/{k}")
        by_background.append(f"{stem}/{same_form(Path(sample.background).stem)}")
        by_name.append(f"{stem}/{same_form(sample.name)}")
    yield "<foreground>_<k>", adobe
    yield "<official Distinctions-646 name>", official
    yield "<foreground>/<k>", by_number
    yield "<foreground>/<background>", by_background
    yield "<foreground>/<name>", by_name


def _affixes(key: str, files: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield the texts before and after the first key, from the files whose names contain it."""
    for name in files:
        start = name.find(key)
        while start >= 0:
            before, after = name[:start], name[start + len(key) :]
            if before[-1:] in _SEPARATORS and after[:1] in _SEPARATORS:
                yield before, after
            start = name.find(key, start + 1)


def _nothing_fits(
    folder: Path, files: Mapping[str, Path], conventions: Mapping[str, Sequence[str]]
) -> str:
    """Return the message for mattes that match in no way: the nearest convention, what it lacks."""
    label, keys = max(conventions.items(), key=lambda pair: sum(key in files for key in pair[1]))
    missing = [key for key in keys if key not in files]
    others = [name for name in files if name not in set(keys)]
    instead = f", but {_some(others)}" if others else ""
    instead += near_hint(missing[0], others) if missing else ""
    return (
        f"{folder}: no matte for {len(missing)} of {len(keys)} images; it has no {_some(missing)}"
        f"{instead} (expected one file an image, by {label}; also tried: "
        f"{', '.join(other for other in conventions if other != label) or 'nothing else'}, "
        "each with the same text before or after)"
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else ""
    return ", ".join(repr(name) for name in names[:_EXAMPLES]) + more
