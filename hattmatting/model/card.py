"""The model card: what a checkpoint is, how it was made, and how to use it."""

from __future__ import annotations

from collections.abc import Mapping

from hattmatting.model.ablations import ROWS
from hattmatting.model.config import HAttConfig

_HEAD = """---
license: mit
library_name: hattmatting
pipeline_tag: image-segmentation
tags: [image-matting]
---
# {title}

HAttMatting after Qiao et al., "Attention-guided hierarchical structure aggregation for image
matting", CVPR 2020: one RGB image in, one alpha matte out, no trimap.
{parameters:.1f} M parameters, weights stored as {dtype}.

```python
from hattmatting import HAttMatting
model = HAttMatting.from_pretrained("FOLDER")
```

`python -m hattmatting.predict photo.jpg --out mattes --weights FOLDER` cuts out a photograph;
`python -m benchmark.run --method {method} --weights FOLDER --dataset DIR` scores it.
"""


def model_card(
    config: HAttConfig, parameters: int, dtype: str, facts: Mapping[str, object] | None = None
) -> str:
    """Return a model card in the Hub's form.

    Parameters
    ----------
    config
        The network's configuration.
    parameters
        Number of learned values.
    dtype
        Number format of the stored weights, such as ``"float16"``.
    facts
        How it was trained: names and values of table rows; None where that is not known.

    Returns
    -------
    str
        Markdown with a YAML head.
    """
    method = method_name(config)
    head = _HEAD.format(
        title=f"HAttMatting ({ROWS[method].label})" if method != "hatt" else "HAttMatting",
        parameters=parameters / 1e6,
        dtype=dtype,
        method=method,
    )
    working = config.inference_long_side
    if working:
        head += f"\nIt works at {working} pixels of long side; larger mattes are enlarged ones.\n"
    if config.inference_more_sides:
        more = ", ".join(str(side) for side in config.inference_more_sides)
        head += f"\nA matte is the mean with those at {more} pixels.\n"
    if config.inference_mirrored:
        head += "\nA matte is the mean of the image's and the mirrored image's.\n"
    rows = facts or {"training": "not stated"}
    table = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    return f"{head}\n## Training\n\n| | |\n|---|---|\n{table}"


def method_name(config: HAttConfig) -> str:
    """Return the benchmark's name for a network: ``hatt``, or the ablation that it is.

    Rows that differ in their loss alone, such as Basic and Basic + SSIM, are the same network.
    """
    matching = [name for name, row in ROWS.items() if row.describes(config)]
    return matching[-1] if "hatt" in matching else matching[0] if matching else "hatt"
