"""Run methods on a dataset and print their table.

    python -m benchmark.run --method closed-form knn hatt --dataset ./mini

Mattes, per-image results and a run card go under --out; a second start skips what is done.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.splits import known_hashes, slug, split_folder
from distinctions646.commandline import make_parser, run_command

if TYPE_CHECKING:
    import pandas as pd

    from benchmark.infer import Task
    from benchmark.splits import Hashes
    from distinctions646.loading import Sample, Split


_PROCESS_GB = 0.4  # a worker with its libraries, before it has an image


@dataclass(frozen=True)
class RunConfig:
    """Which methods, on what, and where the results go."""

    method: tuple[str, ...]
    dataset: Path
    split: str
    out: Path
    weights: str | None
    device: str | None
    workers: int
    limit: int | None


@dataclass(frozen=True)
class MethodRun:
    """A finished method: where its files lie, and its per-image results."""

    folder: Path
    table: pd.DataFrame


def run(config: RunConfig) -> list[MethodRun]:
    """Run every method of a configuration on its dataset.

    Raises
    ------
    ValueError
        If a method or dataset is unknown, a file is bad, or a method needs trimaps that the
        dataset does not have. Everything finished before stays and is used by the next start.
    """
    from benchmark.infer import load
    from distinctions646.loading import open_split

    for name in config.method:  # a typing error in the last should not cost the first one's hours
        load(name, config.weights, config.device)
    split = open_split(config.dataset, config.split)
    return [_run_method(config, name, split) for name in config.method]


def _run_method(config: RunConfig, name: str, split: Split) -> MethodRun:
    from benchmark import results
    from benchmark.infer import Task, load

    method, identity = load(name, config.weights, config.device)
    samples = split.samples[: config.limit]
    _check_beforehand(method, samples, split)
    folder = config.out / split_folder(split) / f"{slug(method.name)}-{identity[:8]}"
    mattes = folder / "alpha"
    mattes.mkdir(parents=True, exist_ok=True)
    task = Task(
        name, config.weights, config.device, split.name, split.root, split.trimap_rule, mattes
    )
    wanted = {sample.id for sample in samples}
    rows, other = _finished(folder / "results.parquet", wanted)
    done = {row["image_id"] for row in rows}
    todo = [sample for sample in samples if sample.id not in done]
    workers = affordable_workers(config.workers, method, todo)
    work = _work(task, todo, known_hashes(split), workers)
    for fresh in _progress(work, len(todo), len(done), name):
        rows += fresh
    table = results.write(folder / "results.parquet", rows + other)
    card = results.run_card(method.name, method.card, _plain(config))
    if todo or not (folder / "run.json").exists():
        results.write_card(folder / "run.json", card)
    return MethodRun(folder, table[table["image_id"].isin(wanted)])


def _check_beforehand(method: Any, samples: Sequence[Sample], split: Split) -> None:
    """Find at once what would otherwise stop the run after hours."""
    from benchmark.folder_method import FolderMattes

    if method.needs_trimap and split.trimap_rule is None:
        raise ValueError(
            f"method {method.name} needs trimaps and the dataset has none; "
            "build it with --trimap-rule dilate-25/v1"
        )
    if isinstance(method, FolderMattes):
        for sample in samples:
            method.check(sample.name, sample.size())


def affordable_workers(
    wanted: int, method: object, samples: Sequence[Sample], available: int | None = None
) -> int:
    """Return how many processes fit into memory, at least 1 and at most `wanted`.

    Parameters
    ----------
    wanted
        What the user asked for.
    method
        Its `memory_gb_per_megapixel`, if it states one, was measured.
    samples
        The largest image counts.
    available
        Bytes; what the machine has free now if left out.
    """
    need = getattr(method, "memory_gb_per_megapixel", None)
    if wanted == 1 or need is None or not samples:
        return wanted
    import psutil

    free = psutil.virtual_memory().available if available is None else available
    largest = max(_megapixels(sample) for sample in samples)
    fitting = max(int(free / 1e9 / (need * largest + _PROCESS_GB)), 1)
    if fitting < wanted:
        sys.stderr.write(
            f"{fitting} workers instead of {wanted}: {need * largest:.1f} GB each for "
            f"{largest:.1f} megapixels\n"
        )
    return min(wanted, fitting)


def _megapixels(sample: Sample) -> float:
    height, width = sample.size()
    return height * width / 1e6


def _finished(path: Path, wanted: set[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of earlier starts: those of the wanted images, and the others.

    The folder's name carries the dataset's and the method's hash, so they are of the same run.
    """
    from benchmark import results

    if not path.is_file():
        return [], []
    rows: list[dict[str, Any]] = results.read(path).to_dict("records")  # type: ignore[assignment]
    return (
        [row for row in rows if row["image_id"] in wanted],
        [row for row in rows if row["image_id"] not in wanted],
    )


def _work(
    task: Task, samples: list[Sample], known: dict[str, Hashes], workers: int
) -> Iterator[list[dict[str, Any]]]:
    from benchmark.infer import run_one

    if workers == 1 or len(samples) < 2:
        for sample in samples:
            yield run_one(task, sample, known.get(sample.id))
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    # Threads of several processes would fight over the same cores.
    threads = str(max((os.cpu_count() or 1) // workers, 1))
    os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", threads)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(samples)), mp_context=context) as pool:
        futures = [pool.submit(run_one, task, sample, known.get(sample.id)) for sample in samples]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _progress(
    work: Iterator[list[dict[str, Any]]], todo: int, done: int, name: str
) -> Iterator[list[dict[str, Any]]]:
    from tqdm import tqdm

    if todo == 0:
        sys.stderr.write(f"{name}: all {done} images done before\n")
        return iter(())
    bar = tqdm(work, desc=name, initial=done, total=done + todo, unit="image")
    return iter(bar)


def _plain(config: RunConfig) -> dict[str, Any]:
    """Return the configuration without absolute paths, for the run card."""
    plain = dataclasses.asdict(config)
    return plain | {
        "method": [name.replace(str(Path.home()), "~") for name in config.method],
        "dataset": config.dataset.name,
        "out": config.out.name,
        "weights": Path(config.weights).name if config.weights else None,
    }


def list_methods() -> str:
    """Return the registered methods, one a line."""
    from benchmark.methods import registered

    lines = [f"{name:16} {entry.value}" for name, entry in registered().items()]
    return "\n".join([*lines, "folder:PATH      ready-made mattes", "module:Name      any class"])


def parse_args(arguments: list[str] | None = None) -> RunConfig | None:
    """Read the command line; None asks for the list of methods."""
    parser = make_parser("python -m benchmark.run", __doc__)
    parser.add_argument("--list", action="store_true", help="print the methods and stop")
    parser.add_argument("--method", nargs="+", help="names, folder:PATH or module:Name")
    parser.add_argument(
        "--dataset", type=Path, default=Path("mini"),
        help="a built dataset, or a folder with image/, alpha/ and perhaps trimap/",
    )  # fmt: skip
    parser.add_argument("--split", default="test", help="which split")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="mattes and results")
    parser.add_argument("--weights", help="checkpoint for the methods that take one")
    parser.add_argument("--device", help="cpu, cuda, cuda:1 for the methods that take one")
    parser.add_argument("--workers", type=int, default=1, help="processes, one image each")
    parser.add_argument("--limit", type=int, help="only the first so many images")
    options = vars(parser.parse_args(arguments))
    if options.pop("list"):
        return None
    if not options["method"]:
        parser.error("--method is needed (or --list)")
    for name in ("workers", "limit"):
        if options[name] is not None and options[name] < 1:
            parser.error(f"--{name} is {options[name]}; expected 1 or more")
    return RunConfig(**{**options, "method": tuple(dict.fromkeys(options["method"]))})


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)
    if config is None:
        sys.stdout.write(list_methods() + "\n")
        return 0

    def command() -> None:
        from benchmark.table import render

        if config.dataset == Path("mini") and not config.dataset.exists():
            from distinctions646.build import main as build

            if build([]):
                raise ValueError("the embedded dataset could not be built into ./mini")
        runs = run(config)
        sys.stdout.write(render([each.table for each in runs]))
        for each in runs:
            sys.stdout.write(f"{each.folder}\n")

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
