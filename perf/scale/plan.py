"""Ten million composites, and 50 methods on 10,000 pictures, simulated from measured unit costs.

    python -m perf.scale.plan --fill docs/scale.md

reads `costs.json` and `overhead.json`, simulates both on 100 and 1,000 workers, as the suite works
now and as it could, and writes the tables. What is assumed of a site is in `perf.scale.simulation`;
prices are AWS list prices (us-east-1, 2024): 0.04 $ for an hour of a core, 0.005 $ for 1,000 writes
and 0.0004 $ for 1,000 reads of S3, whose limits are 3,500 writes and 5,500 reads a second a prefix.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmark.methods.finding import registered
from distinctions646.process.commandline import make_parser, run_command
from perf.documents import fill
from perf.scale.costs import COSTS, MATTE, SIDES
from perf.scale.overhead import RECORD
from perf.scale.simulation import Outcome, Site, Work, simulate

COMPOSITES, PER_SHARD = 10_000_000, 100
PICTURES, METHODS, MEGAPIXELS = 10_000, 50, 6.0
WORKERS = (100, 1000)
CORE_HOUR, WRITE, READ = 0.04, 0.005 / 1000, 0.0004 / 1000  # dollars
PER_FILE = 50  # composites of 3 megapixels in a Parquet file


def build_works(costs: dict[str, Any]) -> Iterator[Work]:
    """Yield the build of all composites as Parquet, as it is now and with other shards and files.

    A unit stands for a shard's part of three kinds of units: its sources are hashed, its composites
    made, and its pictures read again and joined.
    """
    one, join = costs["units"]["composite"], costs["units"]["joined"]
    written = one["bytes_written"]
    for name, per_shard, how in (
        (f"now: shards of {PER_SHARD}, workers hash and join", PER_SHARD, "workers"),
        ("shards of 1,000", 1000, "workers"),
        ("one machine hashes and joins, as it once was", PER_SHARD, "one machine"),
        ("shards are Parquet row groups that workers write", PER_SHARD, "row groups"),
    ):
        joins = how == "workers"
        seconds = one["cpu_seconds"] + join["cpu_seconds"] * joins
        sources, pictures, files = per_shard + 2, 3 * per_shard, -(-per_shard // PER_FILE)
        composed = per_shard * (one["bytes_read"] + written)
        yield Work(
            name,
            COMPOSITES // per_shard,
            lambda _, seconds=per_shard * seconds: seconds,
            reads=2 * sources + pictures * joins,
            writes=files + 1 if how == "row groups" else pictures + 1 + files * joins,
            bytes_moved=composed + per_shard * (one["bytes_read"] + 2 * written * joins),
            alone_bytes=2 * COMPOSITES * written if how == "one machine" else 0,
        )


def run_works(costs: dict[str, Any]) -> Iterator[Work]:
    """Yield the run of all methods on all pictures, image by image and in batches."""
    pair = costs["units"]["pair"]["cpu_seconds"] * MEGAPIXELS / 3
    seconds = [seconds_at(MEGAPIXELS, row) + pair for row in mattes(costs).values()]
    for name, images in (("now: an image a task", 1), ("8 images a task", 8)):

        def of_unit(unit: int, images: int = images) -> float:
            return images * seconds[unit % METHODS % len(seconds)]

        yield Work(
            name,
            PICTURES * METHODS // images,
            of_unit,
            reads=3 * images,
            writes=images,
            bytes_moved=images * MEGAPIXELS * 1e6 * 1.5,
            alone_bytes=PICTURES * METHODS * 2000,  # rows of the journal
        )


def mattes(costs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the costs of the methods that were measured, by name."""
    return {
        key.removeprefix(MATTE): row
        for key, row in sorted(costs["units"].items())
        if key.startswith(MATTE) and "left_out" not in row
    }


def exponent(row: dict[str, Any]) -> float:
    """Return with which power of the pixels a method's time grows, from its two sizes."""
    pixels = {size: math.prod(sides) for size, sides in SIDES.items()}
    growth = row["large"]["cpu_seconds"] / max(row["small"]["cpu_seconds"], 1e-4)
    return math.log(growth) / math.log(pixels["large"] / pixels["small"])


def seconds_at(megapixels: float, row: dict[str, Any]) -> float:
    """Return the processor seconds of a matte of another size, if the time goes on to grow so."""
    more = megapixels * 1e6 / math.prod(SIDES["large"])
    return float(row["large"]["cpu_seconds"] * more ** exponent(row))


def tables(costs: dict[str, Any], overhead: dict[str, Any]) -> dict[str, str]:
    """Return the Markdown tables: unit costs, overhead, and the plan."""
    rate = overhead["scheduler_tasks_per_second"]
    return {
        "scale-costs": _costs(costs),
        "scale-overhead": _overhead(overhead),
        "scale-build": _plan(list(build_works(costs)), rate),
        "scale-run": _plan(list(run_works(costs)), rate),
    }


def _plan(works: list[Work], tasks_per_second: float) -> str:
    lines = [
        "| workers | how | hours | of them one machine | core hours | units lost | cores, $ "
        "| requests, $ | busy: workers, scheduler, store, one machine | bottleneck |",
        "|--:|:--|--:|--:|--:|--:|--:|--:|:--|:--|",
    ]
    for workers in WORKERS:
        for work in works:
            site = Site(workers, tasks_per_second)
            lines.append(_line(work, site, simulate(work, site)))
            if work is works[0]:
                calm = replace(site, slow_workers=0.0, hours_between_failures=1e9)
                named = replace(work, name=f"{work.name}; no stragglers, no failures")
                lines.append(_line(named, calm, simulate(work, calm)))
    return "\n".join(lines) + "\n"


def _line(work: Work, site: Site, outcome: Outcome) -> str:
    requests = work.units * (work.reads * READ + work.writes * WRITE)
    busy = ", ".join(f"{100 * share:.0f} %" for share in outcome.busy.values())
    return (
        f"| {site.workers:,} | {work.name} | {outcome.hours:,.1f} | {outcome.alone_hours:,.1f} | "
        f"{outcome.worker_hours:,.0f} | {outcome.lost:,} | "
        f"{outcome.worker_hours * CORE_HOUR:,.0f} | {requests:,.0f} | {busy} | "
        f"{outcome.bottleneck} |"
    )


def _costs(costs: dict[str, Any]) -> str:
    lines = [
        "| unit | CPU s | read, kB | written, kB | peak of the process, MB |",
        "|:--|--:|--:|--:|--:|",
    ]
    labels = {
        "composite": "composite, 3 megapixels",
        "joined": "composite joined into Parquet, 3 megapixels",
        "crop": "crop of 512 pixels, composed on reading",
        "pair": "scored pair, 3 megapixels, whole image",
        "page": "leaderboard's page of `results/`",
    }
    for name, text in labels.items():
        row = costs["units"][name]
        lines.append(f"| {text} | {row['cpu_seconds']:.3f} | {_traffic(row)} |")
    small, large = (math.prod(sides) / 1e6 for sides in SIDES.values())
    lines += [
        "",
        f"| matte of | CPU s, {small:.1f} MP | CPU s, {large:.1f} MP | grows with pixels to the "
        f"| CPU s, {MEGAPIXELS:.0f} MP (from these) | read, kB | written, kB "
        "| peak of the process, MB |",
        "|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    methods = mattes(costs)
    for name, row in methods.items():
        mark = "*" if row["random_weights"] else ""
        lines.append(
            f"| {name}{mark} | {row['small']['cpu_seconds']:.3f} | "
            f"{row['large']['cpu_seconds']:.3f} | {exponent(row):.2f} | "
            f"{seconds_at(MEGAPIXELS, row):.1f} | {_traffic(row['large'])} |"
        )
    measured = [seconds_at(MEGAPIXELS, row) for row in methods.values()]
    loads = [row["load"] for row in costs["units"].values()]
    about = costs["conditions"]
    return "\n".join(
        [
            *lines,
            "",
            "\\* random weights: its own do not ship, and the time does not depend on them.",
            *_left_out(costs),
            "",
            f"Median of {len(measured)} methods at {MEGAPIXELS:.0f} megapixels: "
            f"{statistics.median(measured):.1f} CPU s. {about['date']}, load {min(loads)} to "
            f"{max(loads)} on {about['cores']} cores.\n",
        ]
    )


def _traffic(row: dict[str, Any]) -> str:
    return (
        f"{row['bytes_read'] / 1000:,.0f} | {row['bytes_written'] / 1000:,.0f} | "
        f"{row['peak_mb']:,.0f}"
    )


def _left_out(costs: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each method that could not be measured, and one for all that were not."""
    unknown = [name for name in sorted(registered()) if f"{MATTE}{name}" not in costs["units"]]
    if unknown:
        yield ""
        yield f"Not measured yet: {', '.join(unknown)}."
    for _, row in sorted(costs["units"].items()):
        if "left_out" in row:
            yield ""
            yield f"Not measured: {row['left_out']}."


def _overhead(overhead: dict[str, Any]) -> str:
    lines = [
        "| workers | pool, s | Dask, s | wall ratio (range) | processor ratio (range) "
        "| starting Dask, s |",
        "|--:|--:|--:|--:|--:|--:|",
    ]
    for workers in (1, 2):
        row = overhead[f"{workers} workers"]
        ratios = " | ".join(
            f"{row[f'{clock}_ratio']:.2f} ({row[f'{clock}_ratio_lowest']:.2f}–"
            f"{row[f'{clock}_ratio_highest']:.2f})"
            for clock in ("wall", "processor")
        )
        lines.append(
            f"| {workers} | {row['pool_wall_s']:.1f} | {row['dask_wall_s']:.1f} | {ratios} | "
            f"{row['dask_starting_s']:.1f} |"
        )
    about = overhead["conditions"]
    return "\n".join(lines) + (
        f"\n\nMedians of {overhead['repeats']} repeats of {overhead['units']} units. A second "
        f"of the processor of scheduler and client is enough for "
        f"{overhead['scheduler_tasks_per_second']:,.0f} empty units. Commit "
        f"`{about['commit'][:12]}`, {about['date']}, load {about['load']} on {about['cores']} "
        "cores.\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m perf.scale.plan", __doc__)
    parser.add_argument("--fill", type=Path, metavar="FILE", help="Markdown file with the tables")
    given = parser.parse_args(arguments)

    def command() -> None:
        made = tables(json.loads(COSTS.read_text()), json.loads(RECORD.read_text()))
        if given.fill is not None:
            fill(given.fill, made)
        else:
            sys.stdout.write("\n".join(made.values()))

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
