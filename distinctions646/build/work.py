"""Rendering the shards that are missing, by worker processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from distinctions646.build.render import Hashes, render_shard
from distinctions646.build.shards import Shard
from distinctions646.checks import schema
from distinctions646.checks.files import read_json
from distinctions646.compose.composite import load_loops
from distinctions646.plan.build_plan import BuildPlan
from distinctions646.plan.recipe import RecipeRow
from distinctions646.process.engine import Unit, current_engine
from distinctions646.process.pool import map_unordered, paying_workers

# Processor seconds for each shard, composite and pixel.
_A_SHARD, _A_COMPOSITE, _A_PIXEL = 0.005, 0.002, 25e-9
_HASH = schema.optional(schema.text("[0-9a-f]{64}"))
_MARKER = schema.fields(
    {
        "key": schema.text(),
        "sha256": schema.list_of(
            schema.fields(
                dict.fromkeys(
                    ("foreground_sha256", "alpha_sha256", "image_sha256", "trimap_sha256"), _HASH
                )
            )
        ),
    }
)


def render_shards(
    shards: Sequence[Shard], folder: Path, markers: Path, *, workers: int = 1
) -> list[RecipeRow]:
    """Write the pictures of all shards that are not finished yet.

    Parameters
    ----------
    shards
        All of the build, finished or not.
    folder
        Gets a folder for each of the shards' `outputs`.
    markers
        Folder of the files that say which shards are finished.
    workers
        Processes; 1 works in this one.

    Returns
    -------
    list of RecipeRow
        The rows of all shards, in order, with their hashes.

    Raises
    ------
    ValueError
        If a source cannot be decoded.
    OSError
        If a file cannot be read or written.
    """
    kinds = _make_folders(shards[0], folder, markers)
    hashes = {index: _finished(shard, markers, index) for index, shard in enumerate(shards)}
    # Markers first: none may outlive the pictures that it vouches for.
    kept = {f"{index}.json" for index in hashes if hashes[index] is not None}
    _remove_others(markers, kept)
    names = {kind: {name for shard in shards for name in shard.outputs[kind]} for kind in kinds}
    for kind in kinds:
        _remove_others(folder / kind, names[kind])
    _render_missing(dict(enumerate(shards)), hashes, folder, markers, workers)
    if current_engine() is not None:  # a worker that was killed may have left half a file
        for kind in kinds:
            _remove_others(folder / kind, names[kind])
    return [
        replace(row, **made)
        for index, shard in enumerate(shards)
        for row, made in zip(shard.rows, hashes[index] or (), strict=True)
    ]


@contextmanager
def loading_meanwhile(plan: BuildPlan) -> Iterator[None]:
    """Load and compile what composing needs, while other processes do the work of this one."""
    if plan.workers == 1 or plan.virtual_only or current_engine() is not None:
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_load)
        yield


def _load() -> None:
    import pyarrow.parquet  # noqa: F401

    load_loops()


def render_some(
    shards: Mapping[int, Shard], folder: Path, markers: Path, *, workers: int = 1
) -> None:
    """Write the pictures of some shards, while other processes may write those of the others.

    Parameters
    ----------
    shards
        By their position in the build, finished or not.
    folder, markers, workers
        As for `render_shards`.

    Raises
    ------
    ValueError
        If a source cannot be decoded.
    OSError
        If a file cannot be read or written.
    """
    if not shards:
        return
    _make_folders(next(iter(shards.values())), folder, markers)
    hashes = {index: _finished(shard, markers, index) for index, shard in shards.items()}
    for index in shards:
        if hashes[index] is None:  # a marker of other settings must not outlive its pictures
            (markers / f"{index}.json").unlink(missing_ok=True)
    _render_missing(shards, hashes, folder, markers, workers)


def _make_folders(shard: Shard, folder: Path, markers: Path) -> list[str]:
    markers.mkdir(parents=True, exist_ok=True)
    for kind in shard.outputs:
        (folder / kind).mkdir(parents=True, exist_ok=True)
    return list(shard.outputs)


def _render_missing(
    shards: Mapping[int, Shard],
    hashes: dict[int, list[Hashes] | None],
    folder: Path,
    markers: Path,
    workers: int,
) -> None:
    """Render the shards without hashes, and fill the hashes in."""
    from tqdm import tqdm

    missing = [index for index in hashes if hashes[index] is None]
    total = sum(len(shard.rows) for shard in shards.values())
    done = total - sum(len(shards[index].rows) for index in missing)
    # Without a terminal there is no bar: logs stay short.
    with tqdm(total=total, initial=done, unit="composite", disable=None) as progress:
        for index, made in _run([(i, shards[i]) for i in missing], folder, markers, workers):
            hashes[index] = made
            progress.update(len(shards[index].rows))


def _finished(shard: Shard, markers: Path, index: int) -> list[Hashes] | None:
    marker = markers / f"{index}.json"
    if not marker.is_file():
        return None
    try:
        content = read_json(marker)
        _MARKER(content, str(marker))
    except ValueError:  # damaged: its pictures are made again
        return None
    if content["key"] != shard.key or len(content["sha256"]) != len(shard.rows):
        return None
    hashes: list[Hashes] = content["sha256"]
    return hashes


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove what a killed run or one with other settings left behind."""
    for path in folder.iterdir():
        if path.name not in kept:
            path.unlink(missing_ok=True)


def processes_for(shards: Iterable[Shard], wanted: int) -> int:
    """Return how many processes, at most `wanted`, have enough to render to pay for their start."""
    seconds = 0.0
    for shard in shards:
        pixels = shard.foreground.height * shard.foreground.width
        seconds += _A_SHARD + len(shard.rows) * (_A_COMPOSITE + pixels * _A_PIXEL)
        if paying_workers(seconds, wanted) == wanted:
            break
    return paying_workers(seconds, wanted)


def _run(
    tasks: Sequence[tuple[int, Shard]], folder: Path, markers: Path, workers: int
) -> Iterator[tuple[int, list[Hashes]]]:
    render = partial(_render, folder, markers)
    # No copies of slow ones: a late copy would write into the finished dataset.
    unit = Unit(repeatable=False, name=lambda task: str(task[1].foreground.path))
    if current_engine() is None:
        workers = processes_for((shard for _, shard in tasks), workers)
    for number, made in map_unordered([render] * workers, tasks, unit=unit):
        yield tasks[number][0], made


def _render(folder: Path, markers: Path, task: tuple[int, Shard]) -> list[Hashes]:
    index, shard = task
    return render_shard(shard, folder, markers / f"{index}.json")
