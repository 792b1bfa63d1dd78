"""A hook of the build: the README as PyPI shows it, where relative links lead nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)]+)\)")


class ReadmeHook(MetadataHookInterface):
    """Make the long description of README.md."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Give the project its README, with links that lead somewhere."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        repository = metadata.get("urls", {}).get("Repository")
        text = with_absolute_links(text, repository, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def with_absolute_links(text: str, repository: str | None, version: str) -> str:
    """Return Markdown whose relative links lead to the repository, at the tag of a version.

    Parameters
    ----------
    text
        A document at the repository's root.
    repository
        Its address, ``Repository`` of ``[project.urls]``; None leaves the links' texts alone, and
        drops pictures.
    version
        The version that is built.
    """

    def replace(match: re.Match[str]) -> str:
        picture, words, target = match.groups()
        if repository is None:
            return "" if picture else words
        kind = "raw" if picture else "blob"
        return f"{picture}[{words}]({repository.rstrip('/')}/{kind}/v{version}/{target})"

    return _LINK.sub(replace, text)
