"""Make trimaps from masks, coarse mattes or photographs, by named rules.

    python -m benchmark.trimap masks --out trimaps
    python -m benchmark.trimap photo.jpg --method hatt --out trimaps
    python -m benchmark.trimap mattes --rule dilate-20/v1 --out trimaps

Without --method the pictures are masks or mattes: black is background, white foreground. With it
they are photographs, and their mattes come from that method, which needs no trimap. Writes
trimaps/NAME.png of 0, 128 and 255 for each. A folder stands for the pictures in it.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.methods.two_stage import DEFAULT_MAKER_RULE
from distinctions646.images.rules import add_matte_channel
from distinctions646.process.commandline import make_parser, run_command, tell_next
from distinctions646.trimap.rules import RULES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from benchmark.methods.finding import Method
    from distinctions646.images.mattes import MatteChannel


@dataclass(frozen=True)
class TrimapConfig:
    """The pictures, the rule that makes their trimaps, and the folder for these.

    Attributes
    ----------
    pictures
        Masks or mattes, or photographs where there is a method; folders stand for their pictures.
    out
        Folder for the trimaps.
    rule
        Id of a trimap rule.
    method
        The method that makes the mattes of photographs; None where the pictures are mattes.
    weights, device
        Of the method.
    seed
        Seed of rules that draw.
    matte_channel
        Which channel is the matte in files that read in two ways, such as RGBA cut-outs.
    """

    pictures: tuple[Path, ...]
    out: Path
    rule: str = DEFAULT_MAKER_RULE
    method: str | None = None
    weights: str | None = None
    device: str | None = None
    seed: int = 0
    matte_channel: MatteChannel | None = None


@dataclass(frozen=True)
class MadeTrimap:
    """A trimap that was written, and the picture that it was made from."""

    picture: Path
    path: Path
    unknown: float  # part of the pixels that are unknown, 0 to 1


def make_trimaps(
    pictures: Path | str | Sequence[Path | str],
    out: Path | str,
    *,
    rule: str = DEFAULT_MAKER_RULE,
    method: str | None = None,
    weights: str | None = None,
    device: str | None = None,
    seed: int = 0,
    matte_channel: MatteChannel | None = None,
) -> list[MadeTrimap]:
    """Make a trimap for each picture, and write it as PNG.

    Parameters
    ----------
    pictures
        Files or folders of masks or mattes; of photographs where there is a method.
    out
        Folder for the trimaps.
    rule
        Id of a trimap rule, such as ``"rembg-240-10-10/v1"``.
    method
        A method that needs no trimap, as for `benchmark.run`.
    weights, device
        Of the method.
    seed
        Seed of rules that draw.
    matte_channel
        ``"alpha"`` or ``"first"``, for files that read in two ways, such as RGBA cut-outs.

    Returns
    -------
    list of MadeTrimap
        In the order of the pictures.

    Raises
    ------
    ValueError
        If a picture, rule or method cannot be used, or two pictures share a name.
    OSError
        If a trimap cannot be written.

    Examples
    --------
    >>> from benchmark import make_trimaps
    >>> make_trimaps("masks", "trimaps", rule="dilate-20/v1")  # doctest: +SKIP
    """
    several = [pictures] if isinstance(pictures, str | Path) else pictures
    paths = tuple(map(Path, several))
    config = TrimapConfig(paths, Path(out), rule, method, weights, device, seed, matte_channel)
    return list(write_trimaps(config))


def write_trimaps(config: TrimapConfig) -> Iterator[MadeTrimap]:
    """Write the trimaps one after the other, and yield each when it is there."""
    from distinctions646.images.png import write_png
    from distinctions646.trimap.making import make_trimap
    from distinctions646.trimap.rules import parse_rule

    parse_rule(config.rule)
    targets = _name_targets(_find_pictures(config.pictures), config.out)
    method = _load(config)
    for picture, target in targets.items():
        alpha_u8 = _read_matte(picture, method, config.matte_channel)
        trimap = make_trimap(alpha_u8, config.rule, image_id=picture.stem, seed=config.seed)
        config.out.mkdir(parents=True, exist_ok=True)
        write_png(target, trimap)
        yield MadeTrimap(picture, target, float((trimap == 128).mean()))


def _find_pictures(given: Sequence[Path]) -> list[Path]:
    from distinctions646.images.folders import list_images

    pictures: list[Path] = []
    for path in given:
        if not path.exists():
            raise ValueError(f"{path}: does not exist; expected a picture or a folder of pictures")
        pictures += list_images(path) if path.is_dir() else [path]
    return pictures


def _name_targets(pictures: Sequence[Path], out: Path) -> dict[Path, Path]:
    """Return where each picture's trimap goes; refuse two of one name, and a picture as target."""
    originals = {picture.resolve() for picture in pictures}
    targets: dict[Path, Path] = {}
    taken: dict[str, Path] = {}
    for picture in pictures:
        target = out / f"{picture.stem}.png"
        other = taken.setdefault(target.name, picture)
        if other != picture:
            raise ValueError(f"{other} and {picture}: both would be written to {target}")
        if target.resolve() in originals:
            raise ValueError(f"{target}: is one of the pictures; give another --out")
        targets[picture] = target
    return targets


def _load(config: TrimapConfig) -> Method | None:
    from benchmark.methods.finding import load_method

    if config.method is None:
        if config.weights is not None or config.device is not None:
            raise ValueError("--weights and --device are for --method; expected it, too")
        return None
    method = load_method(config.method, config.weights, config.device)
    if method.needs_trimap:
        raise ValueError(f"method {config.method} needs a trimap; expected one that takes none")
    return method


def _read_matte(
    picture: Path, method: Method | None, channel: MatteChannel | None
) -> npt.NDArray[np.uint8]:
    """Return the matte that a picture is, or that a method makes of it: H×W, uint8."""
    from benchmark.methods.finding import call
    from distinctions646.images.reading import alpha_to_u8, read_alpha, read_image

    if method is None:
        try:
            return read_alpha(picture, channel=channel)
        except ValueError as error:
            raise _hint_at_photographs(error) from None
    return alpha_to_u8(call(method, read_image(picture, exif="apply"), None)[0])


def _hint_at_photographs(error: ValueError) -> ValueError:
    """Return what is wrong with a picture that is no matte, as a photograph is none."""
    reason, chosen, _ = str(error).partition("; expected grey: --matte-channel")
    if chosen:  # in colour, without an alpha channel
        return ValueError(
            f"{reason}; a mask or coarse matte is grey: for a photograph give --method hatt"
        )
    return error


def parse_args(arguments: list[str] | None = None) -> TrimapConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.trimap", f"{__doc__}\n{_describe_rules()}")
    add = parser.add_argument
    add("pictures", type=Path, nargs="+", help="masks, mattes or photographs, or folders of them")
    add("--out", type=Path, required=True, help="folder for the trimaps")
    add("--rule", default=DEFAULT_MAKER_RULE, metavar="ID", help="one of the rules above")
    add("--method", metavar="NAME", help="the pictures are photographs: make their mattes first")
    add("--weights", metavar="FILE", help="checkpoint of the method")
    add("--device", help="cpu or cuda, for a method that takes one")
    add_matte_channel(parser)
    add("--seed", type=int, default=0, help="seed of rules that draw")
    options = vars(parser.parse_args(arguments))
    return TrimapConfig(**{**options, "pictures": tuple(options["pictures"])})


def _describe_rules() -> str:
    width = max(map(len, RULES))
    lines = [f"  {form:{width}}  {rule.meaning}" for form, rule in RULES.items()]
    return "\n".join(["rules (capital letters are numbers):", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        made = []
        for trimap in write_trimaps(config):
            made.append(trimap)
            sys.stdout.write(f"{trimap.path}\n")
            if trimap.unknown in (0.0, 1.0):
                which = "no" if trimap.unknown == 0 else "every"
                sys.stderr.write(f"warning: {trimap.path}: {which} pixel is unknown\n")
        pictures = " ".join(shlex.quote(str(path)) for path in config.pictures)
        photographs = pictures if config.method else "PHOTOGRAPHS"
        tell_next(
            f"python -m hattmatting.predict {photographs} --method closed-form --trimap "
            f"{shlex.quote(str(config.out))} --out mattes"
        )

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
