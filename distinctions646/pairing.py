"""From a user's folders to the shards of a build: check the sources, pair them, hash them."""

from __future__ import annotations

from pathlib import Path

from distinctions646.fingerprint import file_sha256
from distinctions646.folders import list_images
from distinctions646.recipe import plan
from distinctions646.settings import BuildConfig
from distinctions646.shards import Shard
from distinctions646.sources import find_backgrounds, find_foregrounds, read_names


def make_shards(config: BuildConfig) -> tuple[list[Shard], int]:
    """Check the sources of a build and pair them.

    Parameters
    ----------
    config
        With folders of foregrounds and backgrounds.

    Returns
    -------
    shards : list of Shard
        One a foreground, in order.
    surplus : int
        How many backgrounds were left over.

    Raises
    ------
    ValueError
        If a source is missing, damaged in its header or of the wrong size, or there are too few.
    OSError
        If a file cannot be read.
    """
    if config.foregrounds is None or config.backgrounds is None:
        raise ValueError("foregrounds or backgrounds are missing; expected a folder of each")
    n = config.per_foreground
    foreground_names = config.foreground_list and read_names(config.foreground_list)
    background_names = config.background_list and read_names(config.background_list)
    foregrounds = find_foregrounds(config.foregrounds, config.alphas, foreground_names or None)
    available = len(background_names or list_images(config.backgrounds))
    backgrounds = find_backgrounds(
        config.backgrounds, len(foregrounds) * n, background_names or None
    )
    rows = plan(
        foregrounds,
        backgrounds,
        per_foreground=n,
        split=config.split,
        naming=config.names,
        trimap_rule=config.trimap_rule,
        background_source="list" if background_names else "folder",
    )
    hashes: dict[Path, str] = {}
    shards = []
    for index, foreground in enumerate(foregrounds):
        own = backgrounds[index * n : index * n + n]
        alpha = [] if foreground.alpha is None else [foreground.alpha]
        files = [foreground.path, *alpha, *(background.path for background in own)]
        for path in files:
            if path not in hashes:
                hashes[path] = file_sha256(path)
        shards.append(
            Shard(
                foreground=foreground,
                backgrounds=tuple(own),
                rows=tuple(rows[index * n : index * n + n]),
                trimap_seed=config.trimap_seed,
                source_sha256=tuple(hashes[path] for path in files),
            )
        )
    return shards, available - len(rows)
