"""The card of a checkpoint that the trainer leaves: what it is, and how it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baselines.deep.network_method import NetworkMethod
from hattmatting.inference.cost import count_parameters

_HEAD = """---
license: mit
pipeline_tag: image-segmentation
tags: [image-matting]
---
# {name}

A network of the method `{name}` ({paper}) trained by this suite.
**Not the paper's weights**: its numbers say nothing about the paper's. {parameters:,} parameters.
Of the method: {implementation}.

    python -m benchmark.run --method {name} --weights FOLDER --dataset DIR

## Training

| | |
|---|---|
"""


def training_card(method: type[NetworkMethod], network: Any, facts: Mapping[str, object]) -> str:
    """Return a model card in the Hub's form: Markdown with a YAML head.

    Parameters
    ----------
    method
        Whose network it is.
    network
        The trained one.
    facts
        How it was trained: names and values of table rows.
    """
    head = _HEAD.format(
        name=method.name,
        paper=method.card["paper"],
        implementation=method.card["implementation"],
        parameters=count_parameters(network),
    )
    return head + "".join(f"| {name} | {value} |\n" for name, value in facts.items())
