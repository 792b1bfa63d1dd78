"""Measure how fast composites are built, materialised and virtual, beside other programs.

    python perf/build.py --out perf/build.json --rival CHECKOUT

CPU seconds of one thread, 3-megapixel foregrounds over COCO-sized JPEGs, image PNG only, each
foreground decoded once for 8 composites. The rivals run in the same minutes: a plain OpenCV loop
with OpenCV's default PNG, and with --rival a checkout of github.com/yuhaoliu7456/
CVPR2020-HAttMatting (the Distinctions-646 generator; it writes four PNGs a composite, and is
counted as it is and, with its other three left out, for the same file). The gain of a second
process is in seconds of the clock, serial and with two in the same run: it says something of an
idle machine only, so the load stands beside it.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from distinctions646.build import BuildConfig, build
from distinctions646.commandline import HelpFormatter, run_command
from distinctions646.composite import composite, fit_background
from distinctions646.fingerprint import pixel_sha256
from distinctions646.images import read_alpha, read_image
from distinctions646.loading import open_split
from distinctions646.png import encode_png, write_bytes

LIBRARIES = ("numpy", "numba", "Pillow", "opencv-python", "isal", "torch")
PER_FOREGROUND = 8
SIZES = ((1500, 2000), (2000, 1500))
CROP = 512


@dataclass(frozen=True)
class Config:
    """What to measure, and where the result goes."""

    out: Path
    rival: Path | None
    foregrounds: int
    repeats: int
    seed: int


def main() -> int:
    """Parse, measure, write."""
    return run_command(lambda: measure(parse_args()))


def parse_args() -> Config:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=__doc__, formatter_class=HelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("perf/build.json"), help="JSON to write")
    parser.add_argument("--rival", type=Path, help="checkout of the Distinctions-646 generator")
    parser.add_argument("--foregrounds", type=int, default=4, help="of 3 megapixels each")
    parser.add_argument("--repeats", type=int, default=3, help="of everything")
    parser.add_argument("--seed", type=int, default=646, help="of the generated pictures")
    given = parser.parse_args()
    if given.rival is not None and not (given.rival / "utils" / "gen_dataset.py").is_file():
        raise ValueError(f"{given.rival}: has no utils/gen_dataset.py; expected a checkout")
    return Config(given.out, given.rival, given.foregrounds, given.repeats, given.seed)


def measure(config: Config) -> int:
    """Run everything in turn, and write the JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_sources(folder, config)
        build(_build_config(folder, "files", ("folder",)))
        build(_build_config(folder, "virtual", ("virtual",)))
        runs: dict[str, Callable[[Path], Measured]] = {
            "materialised": materialise,
            "materialised, with alphas, hashes and marker": render,
            "plain OpenCV loop": opencv_loop,
            "materialised PNGs decoded and cropped (OpenCV)": crop_pngs,
            "virtual crops": crop_virtual,
            "virtual whole images": whole_virtual,
        }
        if config.rival is not None:
            source = (config.rival / "utils" / "gen_dataset.py").read_text()
            runs["Distinctions-646 generator"] = Generator(source, all_files=True)
            runs["Distinctions-646 generator, merged PNG only"] = Generator(source, all_files=False)
        rows = {name: [] for name in runs}
        for _ in range(config.repeats):  # in turn, so that all meet the same load
            for name, run in runs.items():
                rows[name].append(_alone(run, folder))
        results = {name: _summary(measured) for name, measured in rows.items()}
        report = {
            "about": _about(config),
            "results": results,
            "ratios": ratios(results),
            "two processes": two_processes(folder),
            "disk": disk(folder),
        }
    config.out.write_text(json.dumps(report, indent=1) + "\n")
    for name, row in results.items():
        sys.stdout.write(f"{row['per_cpu_second']:8.2f} /s {row['peak_mb']:6.0f} MB  {name}\n")
    for part in ("ratios", "two processes", "disk"):
        sys.stdout.write(f"{part}: {json.dumps(report[part])}\n")
    return 0


def ratios(results: dict[str, dict[str, float]]) -> dict[str, float]:
    """Say how many times as fast this suite is as each rival."""
    pairs = {
        "materialised, to the plain OpenCV loop": ("materialised", "plain OpenCV loop"),
        "virtual crops, to materialised PNGs decoded": (
            "virtual crops",
            "materialised PNGs decoded and cropped (OpenCV)",
        ),
        **{
            f"materialised, to the {name}": ("materialised", name)
            for name in results
            if name.startswith("Distinctions-646")
        },
    }
    return {
        name: round(results[ours]["per_cpu_second"] / results[theirs]["per_cpu_second"], 2)
        for name, (ours, theirs) in pairs.items()
    }


def two_processes(folder: Path) -> dict[str, float]:
    """Render the same shards with one process and with two, by the clock."""
    from distinctions646.pairing import make_shards
    from distinctions646.shards import render_shards

    shards = make_shards(_build_config(folder, "unused", ("folder",))).shards
    seconds = {}
    for workers in (1, 2):
        with tempfile.TemporaryDirectory(dir=folder) as out:
            start = time.perf_counter()
            render_shards(shards, Path(out) / "pictures", Path(out) / "markers", workers=workers)
            seconds[workers] = time.perf_counter() - start
    return {
        "composites": sum(len(shard.rows) for shard in shards),
        "seconds of one": round(seconds[1], 1),
        "seconds of two": round(seconds[2], 1),
        "gain": round(seconds[1] / seconds[2], 2),
        "load": round(os.getloadavg()[0], 1),
    }


def disk(folder: Path) -> dict[str, float]:
    """Weigh the same composites in both forms, and a training split of Distinctions-646."""
    split = open_split(folder / "virtual", backgrounds=folder / "bg")
    pixels = {sample.foreground: math.prod(sample.size()) for sample in split.samples}
    weights = {
        form: sum(path.stat().st_size for path in (folder / place).rglob("*") if path.is_file())
        for form, place in (("virtual", "virtual"), ("images", "files/test/image"))
    }
    kept = weights["virtual"] / sum(pixels.values())
    written = weights["images"] / (sum(pixels.values()) * PER_FOREGROUND)
    size = math.prod(SIZES[0])
    return {
        "virtual, bytes a pixel of a foreground": round(kept, 2),
        "materialised images, bytes a pixel of a composite": round(written, 2),
        "596 foregrounds of 3 megapixels, virtual, GB": round(596 * size * kept / 1e9, 1),
        "their 59,600 composites, images alone, GB": round(59_600 * size * written / 1e9, 1),
    }


@dataclass(frozen=True)
class Measured:
    """Pictures made, CPU seconds they took, and the peak memory of the process."""

    count: int
    seconds: float
    peak_mb: float = 0.0


def make_sources(folder: Path, config: Config) -> None:
    """Write foregrounds, alphas and backgrounds that compress about as photographs do."""
    random = np.random.default_rng(config.seed)
    for name in ("fg", "alpha", "bg"):
        (folder / name).mkdir()
    for index in range(config.foregrounds):
        height, width = SIZES[index % len(SIZES)]
        write_bytes(folder / f"fg/test_{index}.png", encode_png(_photograph(random, height, width)))
        # Wide and narrow soft regions in turn: some 30, 10 and 3 % of the pixels.
        softness = (0.5, 0.15, 0.05)[index % 3]
        field = _photograph(random, height, width)[..., 0] / 127.5 - 1
        alpha_u8 = np.clip(field / softness * 127.5 + 127.5, 0, 255).astype(np.uint8)
        write_bytes(folder / f"alpha/test_{index}.png", encode_png(alpha_u8))
    for index in range(config.foregrounds * PER_FOREGROUND):
        height, width = ((480, 640), (427, 640), (640, 480))[index % 3]
        picture = Image.fromarray(_photograph(random, height, width))
        picture.save(folder / f"bg/{index:04d}.jpg", quality=90)
    for name, suffix in (("fg", "png"), ("bg", "jpg")):
        names = sorted(path.name for path in (folder / name).glob(f"*.{suffix}"))
        (folder / f"{name}_test.txt").write_text("\n".join(names))


def _photograph(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Noise whose power falls with frequency as in photographs, in three kindred channels."""
    picture = np.zeros((height, width, 3))
    for octave in range(9):
        side = 2**octave
        coarse = random.normal(size=(2 + height * side // 512, 2 + width * side // 512, 3))
        shared = coarse.mean(axis=2, keepdims=True) + 0.3 * coarse
        for channel in range(3):
            plane = Image.fromarray(shared[..., channel].astype(np.float32))
            plane = plane.resize((width, height), Image.Resampling.BICUBIC)
            picture[..., channel] += np.asarray(plane) * 80 / side
    return np.clip(picture + 127.5, 0, 255).astype(np.uint8)


def materialise(folder: Path) -> Measured:
    """Compose and write the image PNGs by this suite's own steps."""
    out = folder / "out"
    backgrounds = sorted((folder / "bg").iterdir())

    def work() -> int:
        for number, path in enumerate(sorted((folder / "fg").iterdir())):
            foreground, alpha_u8 = read_image(path), read_alpha(folder / "alpha" / path.name)
            for k in range(PER_FOREGROUND):
                background = read_image(backgrounds[number * PER_FOREGROUND + k])
                fitted = fit_background(background, *alpha_u8.shape)
                image = composite(foreground, alpha_u8, fitted)
                write_bytes(out / f"{path.stem}_{k}.png", encode_png(image))
        return len(backgrounds)

    out.mkdir(exist_ok=True)
    _warm()
    return _timed(work)


def render(folder: Path) -> Measured:
    """Run a whole build, after its check of the sources: with alphas, hashes and markers."""
    from distinctions646.pairing import make_shards
    from distinctions646.shards import render_shards

    shards = make_shards(_build_config(folder, "unused", ("folder",))).shards
    _warm()
    with tempfile.TemporaryDirectory(dir=folder) as out:
        places = Path(out) / "pictures", Path(out) / "markers"
        return _timed(lambda: len(render_shards(shards, *places, workers=1)))


def opencv_loop(folder: Path) -> Measured:
    """Do what most such scripts do: OpenCV throughout, whole arrays in double precision."""
    import cv2

    cv2.setNumThreads(1)
    out = folder / "plain"
    backgrounds = sorted((folder / "bg").iterdir())

    def work() -> int:
        for number, path in enumerate(sorted((folder / "fg").iterdir())):
            foreground = cv2.imread(str(path))
            alpha = cv2.imread(str(folder / "alpha" / path.name), 0)[..., None] / 255.0
            height, width = alpha.shape[:2]
            for k in range(PER_FOREGROUND):
                background = cv2.imread(str(backgrounds[number * PER_FOREGROUND + k]))
                ratio = max(height / background.shape[0], width / background.shape[1])
                if ratio > 1:
                    size = [int(np.ceil(side * ratio)) for side in background.shape[1::-1]]
                    background = cv2.resize(background, size, interpolation=cv2.INTER_CUBIC)
                merged = alpha * foreground + (1 - alpha) * background[:height, :width]
                cv2.imwrite(str(out / f"{path.stem}_{k}.png"), merged.astype(np.uint8))
        return len(backgrounds)

    out.mkdir(exist_ok=True)
    return _timed(work)


class Generator:
    """The authors' script, run as it is but for its paths and the number of backgrounds."""

    def __init__(self, source: str, *, all_files: bool) -> None:
        source = re.sub(r"num_bgs = \d+", f"num_bgs = {PER_FOREGROUND}", source)
        source = re.sub(r"^\s*print\(.*$", "", source, flags=re.MULTILINE)
        source = source.replace("'/bg_test.txt'", "'./bg_test.txt'")
        if not all_files:
            others = r"^\s*cv2\.imwrite\(out_(gt|fg|bg)_path.*$"
            source = re.sub(others, "", source, flags=re.MULTILINE)
        self.source = source

    def __call__(self, folder: Path) -> Measured:
        """Run it in a folder laid out as it expects."""
        import cv2
        import torch

        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        links = {
            "Test_ori/Fg_images": "fg",
            "Test_ori/Alpha_matte": "alpha",
            "VOCdevkit/VOC2012/JPEGImages": "bg",
        }
        for link, target in links.items():
            (folder / link).parent.mkdir(parents=True, exist_ok=True)
            if not (folder / link).exists():
                (folder / link).symlink_to(folder / target)
        for name in ("Image", "GT", "FG", "BG"):
            (folder / "Test" / name).mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        count = len(list((folder / "bg").iterdir()))
        measured = _timed(lambda: exec(self.source, {"__name__": "generator"}) or count)
        self._check(folder)
        return measured

    @staticmethod
    def _check(folder: Path) -> None:
        """Refuse to compare with a program that made something else."""
        for index in (0, count_of(folder) - 1):
            stem = f"test_{index // PER_FOREGROUND}_{index % PER_FOREGROUND}"
            ours = read_image(folder / "files" / "test" / "image" / f"{stem}.png")
            theirs = read_image(folder / "Test" / "Image" / f"test_{index}.png")
            if pixel_sha256(ours) != pixel_sha256(theirs):
                raise ValueError(f"composite {index}: the generator's pixels differ from ours")


def count_of(folder: Path) -> int:
    """Count the composites."""
    return len(list((folder / "bg").iterdir()))


def crop_pngs(folder: Path) -> Measured:
    """Decode materialised PNGs of image and alpha whole, and cut the crop out."""
    import cv2

    cv2.setNumThreads(1)
    root = folder / "files" / "test"
    random = np.random.default_rng(0)
    names = sorted(path.name for path in (root / "image").iterdir())

    def work() -> int:
        for name in names:
            image = cv2.imread(str(root / "image" / name))[..., ::-1]
            alpha_u8 = cv2.imread(str(root / "alpha" / name), 0)
            top, left = (int(random.integers(side - CROP + 1)) for side in alpha_u8.shape)
            window = (slice(top, top + CROP), slice(left, left + CROP))
            np.ascontiguousarray(image[window]), np.ascontiguousarray(alpha_u8[window])
        return len(names)

    return _timed(work)


def crop_virtual(folder: Path) -> Measured:
    """Take random crops from the trainer's dataset, and compare some with the written files."""
    from distinctions646.torch_data import CropDataset

    split = open_split(folder / "virtual", backgrounds=folder / "bg")
    crops = CropDataset(split, CROP, seed=1)
    for index in range(0, len(crops), 5):
        top, left, height, width = crops.window(index)
        path = folder / "files" / "test" / "image" / f"{split.samples[index].name}.png"
        written = read_image(path)[top : top + height, left : left + width]
        if not np.array_equal(crops[index]["image"].numpy().transpose(1, 2, 0), written):
            raise ValueError(f"{path}: the virtual crop differs from the file's")

    def work() -> int:
        rounds = 5
        for epoch in range(1, rounds + 1):
            crops.set_epoch(epoch)
            for index in range(len(crops)):
                crops[index]
        return rounds * len(crops)

    return _timed(work)


def whole_virtual(folder: Path) -> Measured:
    """Compose whole pictures with their alphas on reading."""
    samples = open_split(folder / "virtual", backgrounds=folder / "bg").samples
    samples[0].image()

    def work() -> int:
        for sample in samples:
            sample.crop(0, 0, *sample.size())
        return len(samples)

    return _timed(work)


def _build_config(folder: Path, name: str, write: tuple[str, ...]) -> BuildConfig:
    return BuildConfig(
        out=folder / name,
        foregrounds=folder / "fg",
        alphas=folder / "alpha",
        backgrounds=folder / "bg",
        per_foreground=PER_FOREGROUND,
        write=write,
    )


def _warm() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    composite(pixels, pixels[..., 0].copy(), fit_background(pixels[:2, :2], 4, 4))


def _timed(work: Callable[[], int]) -> Measured:
    start = time.process_time()
    count = work()
    return Measured(count, time.process_time() - start)


def _alone(run: Callable[[Path], Measured], folder: Path) -> Measured:
    """Run in a process of its own, on one thread, and add its peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        measured, peak = pool.apply(_run_and_look, (run, folder))
    return Measured(measured.count, measured.seconds, peak)


def _run_and_look(run: Callable[[Path], Measured], folder: Path) -> tuple[Measured, float]:
    measured = run(folder)
    # Not getrusage: there a process begins with the peak of the one that started it.
    status = Path("/proc/self/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return measured, int(peak[1]) / 1024 if peak else float("nan")


def _summary(rows: list[Measured]) -> dict[str, float]:
    rates = [row.count / row.seconds for row in rows]
    return {
        "per_cpu_second": round(statistics.median(rates), 2),
        "lowest": round(min(rates), 2),
        "highest": round(max(rates), 2),
        "peak_mb": round(max(row.peak_mb for row in rows), 1),
    }


def _about(config: Config) -> dict[str, Any]:
    return {
        "suite": "build",
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "versions": {name: version(name) for name in LIBRARIES},
        "foregrounds": config.foregrounds,
        "per_foreground": PER_FOREGROUND,
        "repeats": config.repeats,
        "seed": config.seed,
    }


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # for the processes that measure, which start afresh
    sys.exit(main())
