"""Pushing a built dataset to the Hugging Face Hub: the recipe, and pixels only on request.

Recipe, source hashes and manifest hold no pixels and may go anywhere. Composites are covered by
the terms of their foregrounds and backgrounds, and those of the known datasets forbid passing
them on: they go to a private repository or not at all.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distinctions646.forms.manifest import MANIFEST, read_manifest
from distinctions646.process.commandline import make_parser, run_command
from distinctions646.publish.card import TABLES, dataset_card
from distinctions646.publish.croissant import CROISSANT, croissant
from distinctions646.publish.hub import hub_errors
from distinctions646.sources.datasets import terms_of

_EXAMPLE = """\
examples:
  python -m distinctions646.publish OUT --repo owner/name
  python -m distinctions646.publish OUT --repo owner/name --include-pixels --private

Push a built dataset to the Hugging Face Hub: recipe, source hashes, manifest, card and Croissant.
Pixels stay where they are unless --include-pixels is given, and then the terms are printed."""


@dataclass(frozen=True)
class PublishConfig:
    """A dataset to push, and the repository.

    Attributes
    ----------
    folder
        A built dataset.
    repo
        ``owner/name`` on the Hub.
    include_pixels
        Whether the composites are pushed as well.
    private
        Whether the repository is to be private; one that exists and is public is refused then.
    """

    folder: Path
    repo: str
    include_pixels: bool = False
    private: bool = False


def publish(config: PublishConfig) -> list[str]:
    """Push a built dataset.

    Parameters
    ----------
    config
        The dataset and the repository.

    Returns
    -------
    list of str
        Patterns of the files that were pushed.

    Raises
    ------
    ValueError
        If the folder is no built dataset, its pixels may not be public and would be, or the
        repository is public where a private one is asked for.
    OSError
        If the Hub cannot be reached or refuses.
    """
    manifest = read_manifest(config.folder) if config.folder.is_dir() else None
    if manifest is None:
        raise ValueError(f"{config.folder}: no built dataset; expected a folder with {MANIFEST}")
    name = manifest["dataset"]
    if config.include_pixels and not config.private and terms_of(name).may_be_public is False:
        raise ValueError(
            f"{config.folder}: the terms of {name} forbid passing its pixels on; "
            "expected --private, or no --include-pixels"
        )
    from huggingface_hub import HfApi

    patterns = _patterns(manifest, config.include_pixels)
    api = HfApi()
    kind: dict[str, Any] = {"repo_id": config.repo, "repo_type": "dataset"}
    with hub_errors(config.repo):
        api.create_repo(**kind, private=config.private, exist_ok=True)
        # An existing repository keeps its visibility, whatever was asked for.
        if config.private and not api.repo_info(**kind).private:
            raise ValueError(f"{config.repo}: is public; expected a private repository")
        api.upload_folder(**kind, folder_path=config.folder, allow_patterns=patterns)
        for path, content in _descriptions(config, manifest).items():
            api.upload_file(**kind, path_or_fileobj=content, path_in_repo=path)
    return patterns


def _patterns(manifest: dict[str, Any], include_pixels: bool) -> list[str]:
    patterns = [MANIFEST, *(f"{table}/*.parquet" for table in TABLES)]
    if include_pixels:
        patterns += ["data/*.parquet", "webdataset/*.tar", "virtual/*", "backgrounds/*"]
        patterns += [f"{split}/*" for split in manifest["splits"]]
    return patterns


def _descriptions(config: PublishConfig, manifest: dict[str, Any]) -> dict[str, bytes]:
    pixels = config.include_pixels
    return {
        CROISSANT: croissant(manifest, [config.folder], pixels=pixels),
        "README.md": dataset_card(manifest, pixels=pixels).encode(),
    }


def parse_args(arguments: Sequence[str] | None = None) -> PublishConfig:
    """Read the command line.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    PublishConfig
        What to push.
    """
    parser = make_parser("python -m distinctions646.publish", _EXAMPLE)
    parser.add_argument("folder", type=Path, metavar="OUT", help="a built dataset")
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="repository on the Hub")
    parser.add_argument("--include-pixels", action="store_true", help="also push the composites")
    parser.add_argument(
        "--private", action="store_true", help="push into a private repository only"
    )
    return PublishConfig(**vars(parser.parse_args(arguments)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m distinctions646.publish``.

    Parameters
    ----------
    arguments
        Without the program's name; None means those of this process.

    Returns
    -------
    int
        Exit status.
    """
    config = parse_args(arguments)

    def command() -> None:
        manifest = read_manifest(config.folder) if config.folder.is_dir() else None
        if config.include_pixels and manifest is not None:
            terms = terms_of(manifest["dataset"])
            sys.stderr.write(
                "licence warning: pixels are about to be pushed.\n"
                f"  foregrounds and alphas: {terms.foregrounds}\n"
                f"  backgrounds: {terms.backgrounds}\n"
            )
        pushed = publish(config)
        sys.stdout.write(f"{config.repo}: pushed {', '.join(pushed)}, {CROISSANT}, README.md\n")

    return run_command(command)
