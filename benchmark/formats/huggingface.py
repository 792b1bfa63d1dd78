"""The leaderboard for the Hugging Face Hub.

A results dataset (a folder that ``datasets.load_dataset`` reads offline) with ``eval.yaml``, by
which the Hub knows a benchmark; and for each measured method what goes into its model repository:
``.eval_results/*.yaml`` and the older ``model-index`` block for the head of its card.

References
----------
https://huggingface.co/docs/hub/eval-results and https://huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.board.board import Board, BoardRow
from benchmark.formats.layout import conditions, interval, name_of, region_words, regions
from benchmark.formats.long_table import to_parquet
from benchmark.formats.markdown import to_markdown
from benchmark.metrics.registry import region_of
from distinctions646.checks.words import counted
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    import pandas as pd

FRAMEWORK = "distinctions646"
DATASET = "dataset"  # the folder that is pushed
MODELS = "models"
_CARD = """\
---
license: mit
task_categories:
- image-segmentation
tags:
- image-matting
- benchmark
configs:
- config_name: leaderboard
  default: true
  data_files:
  - split: test
    path: data/leaderboard.parquet
- config_name: images
  data_files:
  - split: test
    path: data/images.parquet
---

# Image matting leaderboard

`leaderboard` has one line per method and metric, with 95 % intervals clustered by foreground and
shared ranks; `images` has one line per image, method and metric. It holds no pictures.

```python
import datasets
datasets.load_dataset("{repo}", "leaderboard", split="test")
```

"""


def write_hub_files(boards: Sequence[Board], out: Path, repo: str) -> list[Path]:
    """Write everything for the Hub.

    Parameters
    ----------
    boards
        The boards to publish.
    out
        Folder that gets ``dataset/`` and ``models/``.
    repo
        ``owner/name`` of the results dataset, which the models' files point to.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    files: dict[str, bytes] = {
        f"{DATASET}/README.md": (_CARD.replace("{repo}", repo) + to_markdown(boards)).encode(),
        f"{DATASET}/eval.yaml": _yaml(benchmark_file(boards)),
        f"{DATASET}/data/leaderboard.parquet": to_parquet(boards),
        f"{DATASET}/data/images.parquet": _parquet(image_table(boards)),
    }
    for board in boards:
        for row in board.rows:
            if row.kind == "measured":
                folder = f"{MODELS}/{row.key}"
                entries = eval_results(board, row, repo)
                files[f"{folder}/.eval_results/{board.key}.yaml"] = _yaml(entries)
                files[f"{folder}/model-index-{board.key}.yaml"] = _yaml(model_index(board, row))
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(out / name, content)
    return [out / name for name in files]


def benchmark_file(boards: Sequence[Board]) -> dict[str, Any]:
    """Return the content of ``eval.yaml``: a task for each test set, region and metric."""
    tasks = [
        {"id": task_id(board, metric), "config": "images", "split": "test"}
        for board in boards
        for metric in board.metrics
    ]
    names = ", ".join(dict.fromkeys(board.title for board in boards))
    labels = list(dict.fromkeys(name_of(m) for board in boards for m in board.metrics))
    measured = f"{', '.join(labels[:-1])} and {labels[-1]}" if len(labels) > 1 else "".join(labels)
    return {
        "name": "Image matting",
        "description": (
            f"Natural image matting on {names}: {measured} as the official "
            "evaluation code has them, over the whole image and over the trimap's unknown region. "
            "Lower is better."
        ),
        "evaluation_framework": FRAMEWORK,
        "tasks": tasks,
    }


def task_id(board: Board, metric: str) -> str:
    """Return the id of one number of one test set, with all its conditions."""
    return f"{board.key}-{metric.replace('/', '-')}"


def eval_results(board: Board, row: BoardRow, repo: str) -> list[dict[str, Any]]:
    """Return the content of a model's ``.eval_results/<test set>.yaml``."""
    entries = []
    for metric, cell in _defined(row):
        words = [conditions(board, region_of(metric)), counted(row.images, "image"), row.track]
        if interval(cell, metric):
            words.append(f"95 % interval {interval(cell, metric)}")
        if row.leak:
            words.append("trained on pictures of this test set")
        if row.not_applicable:
            words.append(f"{row.not_applicable} not applicable")
        entries.append(
            {
                "dataset": {"id": repo, "task_id": task_id(board, metric)},
                "value": cell.value,
                "source": {"url": f"https://huggingface.co/datasets/{repo}", "name": "Leaderboard"},
                "evaluation_framework": FRAMEWORK,
                "notes": "; ".join(words),
            }
        )
    return entries


def model_index(board: Board, row: BoardRow) -> dict[str, Any]:
    """Return the ``model-index`` block for the head of a model's card."""
    metrics = [
        {
            "type": metric,
            "name": f"{name_of(metric)}, {region_words(metric.split('/')[1])}",
            "value": cell.value,
        }
        for metric, cell in _defined(row)
    ]
    result = {
        "task": {"type": "image-segmentation", "name": "Image matting"},
        "dataset": {
            "type": board.dataset,
            "name": f"{board.title} ({'; '.join(conditions(board, r) for r in regions(board))})",
            "split": board.split,
            "args": {
                "root": board.dataset_root,
                "trimap_rule": board.trimap_rule,
                "leak": row.leak,
            },
        },
        "metrics": metrics,
    }
    return {"model-index": [{"name": row.title, "results": [result]}]}


def image_table(boards: Sequence[Board]) -> pd.DataFrame:
    """Return a table with one line per image, method and metric."""
    import pandas as pd

    parts = []
    for board in boards:
        for key, columns in board.values.items():
            for metric, values in columns.items():
                part = pd.DataFrame({"image_id": board.image_ids})
                part["foreground"] = board.image_foregrounds
                part["value"] = values
                parts.append(part.assign(test_set=board.key, row=key, metric=metric))
    return pd.concat(parts, ignore_index=True)


def push(folder: Path, repo: str, *, private: bool = False) -> None:
    """Push the results dataset; the token is the one ``hf auth login`` or HF_TOKEN gives.

    Parameters
    ----------
    folder
        As `write_hub_files` left it, the one with ``dataset/``.
    repo
        ``owner/name``; made if it is not there.
    private
        Whether a new one is to be private.

    Raises
    ------
    OSError
        If the Hub cannot be reached or refuses.
    """
    from huggingface_hub import HfApi

    from distinctions646.publish.hub import hub_errors

    api = HfApi()
    with hub_errors(repo):
        api.create_repo(repo_id=repo, repo_type="dataset", private=private, exist_ok=True)
        api.upload_folder(repo_id=repo, repo_type="dataset", folder_path=folder / DATASET)


def _defined(row: BoardRow) -> Iterator[tuple[str, Any]]:
    return ((metric, cell) for metric, cell in row.cells.items() if not math.isnan(cell.value))


def _yaml(content: Mapping[str, Any] | Sequence[Any]) -> bytes:
    import yaml

    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    return text.encode()


def _parquet(table: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    return content.getvalue()
